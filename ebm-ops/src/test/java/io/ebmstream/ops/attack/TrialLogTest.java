package io.ebmstream.ops.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrialLogTest {
    @TempDir Path dir;

    @Test
    void goesOnAfterALineThatWasCutOff() throws Exception {
        Path file = dir.resolve("verdicts.csv");
        List<Verdict> first =
                List.of(
                        new Verdict(4, true, AttackOutcome.STANDS, 3, 0.5, 20, 8),
                        new Verdict(5, false, 2, 0, 0.25, 10, 4));
        new TrialLog(file, "K 5").add("bpda", first);
        Files.writeString(file, "bpda,6,1,-1", StandardOpenOption.APPEND);
        TrialLog log = new TrialLog(file, "K 5");
        assertThat(log.has("bpda", 4, 2)).isTrue();
        assertThat(log.has("bpda", 4, 3)).isFalse();
        assertThat(log.has("pgd", 4, 1)).isFalse();
        log.add("bpda", List.of(new Verdict(6, false, Verdict.WRONG_BEFORE, 0, 0, 30, 12)));
        List<Verdict> all = new TrialLog(file, "K 5").verdicts("bpda", 4, 3);
        assertThat(all).hasSize(3).containsAll(first);
        TrialResult result = new TrialResult("bpda", 3, 3, all);
        assertThat(result.accuracy().value()).isEqualTo(1 / 3.0);
        assertThat(result.standingAfter(0).successes()).isEqualTo(2);
        assertThat(result.standingAfter(2).successes()).isEqualTo(1);
        assertThat(result.worstOf(3).successes()).isEqualTo(1);
        assertThat(result.meanSteps()).isEqualTo(20);
        assertThat(result.meanReplicates()).isEqualTo(8);
        assertThat(result.worstOf(4).successes()).isZero();
    }

    @Test
    void goesOnWithAFileOfAnEarlierRelease() throws Exception {
        Path file = dir.resolve("verdicts.csv");
        Files.writeString(
                file,
                """
                # K 5
                trial,image,right,broken_at,survived,margin,steps
                bpda,4,1,-1,3,0.5000,20.00
                """);
        TrialLog log = new TrialLog(file, "K 5");
        log.add("bpda", List.of(new Verdict(5, true, AttackOutcome.STANDS, 1, 1, 20, 6)));
        TrialResult result = new TrialResult("bpda", 3, 3, log.verdicts("bpda", 4, 2));
        assertThat(result.verdicts()).hasSize(2);
        assertThat(result.meanReplicates()).as("of those that say it").isEqualTo(6);
    }

    @Test
    void refusesOtherSettings() throws Exception {
        Path file = dir.resolve("verdicts.csv");
        new TrialLog(file, "K 5").add("bpda", List.of());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TrialLog(file, "K 6"))
                .withMessageContaining("K 5");
    }
}
