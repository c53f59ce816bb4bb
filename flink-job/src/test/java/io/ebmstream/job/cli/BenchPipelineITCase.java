package io.ebmstream.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class BenchPipelineITCase {
    @TempDir Path dir;

    /** How fast it is belongs to a benchmark; here, that every image came out both ways. */
    @Test
    void measuresStreamAndLoopInTurns() throws Exception {
        Path json = dir.resolve("pipeline.json");
        Cli.Outcome bench =
                Cli.run(
                        "bench",
                        "--pipeline",
                        "--size=16",
                        "--n=2",
                        "--steps=3",
                        "--batch=8",
                        "--images=32",
                        "--rounds=2",
                        "--workers=2",
                        "--json=" + json);
        assertThat(bench.exit()).as(bench.err()).isZero();
        assertThat(bench.out()).contains("median: the stream purifies");
        JsonNode result = new ObjectMapper().readTree(json.toFile());
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
        Path json = dir.resolve("backlog.json");
        Cli.Outcome bench =
                Cli.run(
                        "bench",
                        "--backlog=200",
                        "--size=16",
                        "--n=2",
                        "--steps=1",
                        "--batch=8",
                        "--workers=2",
                        "--json=" + json);
        assertThat(bench.exit()).as(bench.err()).isZero();
        assertThat(bench.out()).contains("200 images in ").contains("MiB");
        JsonNode result = new ObjectMapper().readTree(json.toFile());
        assertThat(result.get("heapPeak").asLong()).isBetween(1L, result.get("heapLimit").asLong());
        assertThat(result.get("liveEnd").asLong()).isPositive();
    }

    @Test
    void aBacklogOfTooFewImagesOrAnUnknownOptionIsRefused() {
        Cli.Outcome few = Cli.run("bench", "--backlog=3", "--size=16", "--n=2");
        assertThat(few.exit()).isEqualTo(2);
        assertThat(few.err()).contains("at least 10 images, found 3");
        Cli.Outcome unknown =
                Cli.run(
                        "bench",
                        "--pipeline",
                        "--size=16",
                        "--n=2",
                        "-D",
                        "ebm.purifier.nothing=1");
        assertThat(unknown.exit()).isEqualTo(2);
        assertThat(unknown.err()).contains("ebm.purifier.nothing");
    }
}
