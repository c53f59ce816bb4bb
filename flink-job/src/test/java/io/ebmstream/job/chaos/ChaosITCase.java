package io.ebmstream.job.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.image.ShapesDataset;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The short form of {@code ebm chaos}: three kills of the job, one of the broker. */
@Timeout(600)
class ChaosITCase {
    @TempDir Path dir;

    @Test
    void threeKillsChangeNothingOfWhatComesOut() throws Exception {
        ChaosPlan plan =
                new ChaosPlan(
                        3,
                        240,
                        2,
                        Duration.ofSeconds(12),
                        7,
                        true,
                        dir,
                        Map.of(
                                "ebm.purifier.consistency", "lockstep",
                                "ebm.model.width", "4"));

        ChaosReport report =
                new Chaos(plan, new ShapesDataset(new ImageShape(3, 16, 16), 3, 240), () -> false)
                        .run(line -> {}, kill -> {});

        assertThat(report.violations()).isEmpty();
        assertThat(report.kills()).isEqualTo(3);
        assertThat(report.brokerKills()).isEqualTo(1);
        assertThat(report.updates()).isEqualTo(12);
        assertThat(report.snapshots()).isEqualTo(6);
        assertThat(report.history()).extracting(ChaosKill::number).isEqualTo(List.of(1, 2, 3));
    }
}
