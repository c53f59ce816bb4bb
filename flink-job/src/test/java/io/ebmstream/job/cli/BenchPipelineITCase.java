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
        assertThat(result.get("plan").get("steps").asInt()).isEqualTo(3);
    }
}
