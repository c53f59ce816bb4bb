package io.ebmstream.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code ebm bench} on a stream. How fast it is belongs to a benchmark; here, that it measures. */
@Timeout(240)
class BenchITCase {
    @TempDir Path dir;

    /** A small benchmark's text, and what it wrote. */
    private record Measured(String text, JsonNode result) {}

    private static Cli.Outcome run(String... more) {
        List<String> command = new ArrayList<>(List.of("bench", "--size=16", "--n=2", "--batch=8"));
        command.addAll(List.of(more));
        return Cli.run(command.toArray(String[]::new));
    }

    private Measured measured(String... more) throws Exception {
        Path json = dir.resolve("bench.json");
        List<String> command = new ArrayList<>(List.of(more));
        command.add("--json=" + json);
        Cli.Outcome bench = run(command.toArray(String[]::new));
        assertThat(bench.exit()).as(bench.err()).isZero();
        return new Measured(bench.out(), new ObjectMapper().readTree(json.toFile()));
    }

    @Test
    void everyImageComesOutOfStreamAndLoop() throws Exception {
        Measured measured =
                measured("--pipeline", "--steps=3", "--images=1024", "--rounds=2", "--workers=2");
        assertThat(measured.text()).contains("median: the stream purifies");
        JsonNode result = measured.result();
        assertThat(result.get("rounds")).hasSize(2);
        for (JsonNode round : result.get("rounds")) {
            assertThat(round.get("streamed").asDouble()).isPositive();
            assertThat(round.get("bare").asDouble()).isPositive();
            assertThat(round.get("ratio").asDouble())
                    .isEqualTo(round.get("streamed").asDouble() / round.get("bare").asDouble());
        }
        assertThat(result.get("plan").get("work").get("steps").asInt()).isEqualTo(3);
    }

    @Test
    void aBacklogComesOutAndItsMemoryIsSaid() throws Exception {
        Measured measured = measured("--backlog=200", "--steps=1", "--workers=2");
        assertThat(measured.text()).contains("200 images in ").contains("MiB");
        JsonNode result = measured.result();
        assertThat(result.get("heapPeak").asLong()).isBetween(1L, result.get("heapLimit").asLong());
        assertThat(result.get("liveEnd").asLong()).isPositive();
    }

    @Test
    void everyCheckpointOfLearnerAndPurifierIsMeasured() throws Exception {
        Measured measured =
                measured("--barriers", "--steps=3", "--seconds=5", "--warm-up=1", "--workers=1");
        assertThat(measured.text()).contains("barrier delay, learner");
        JsonNode result = measured.result();
        assertThat(result.get("checkpoints").asInt()).isPositive();
        assertThat(result.get("updates").asInt()).isPositive();
        assertThat(result.get("purified").asInt()).isPositive();
        for (JsonNode row : result.get("rows")) {
            assertThat(row.get("count").asInt()).as(row.toString()).isPositive();
            assertThat(row.get("p99").asLong()).isLessThanOrEqualTo(row.get("max").asLong());
        }
    }

    @Test
    void aBacklogOfTooFewImagesOrAnUnknownOptionIsRefused() {
        Cli.Outcome few = run("--backlog=3");
        assertThat(few.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(few.err()).contains("at least 10 images, found 3");
        Cli.Outcome unknown = run("--pipeline", "-D", "ebm.purifier.nothing=1");
        assertThat(unknown.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(unknown.err()).contains("ebm.purifier.nothing");
    }
}
