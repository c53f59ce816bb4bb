package io.ebmstream.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(240)
class BenchBarriersITCase {
    @TempDir Path dir;

    /** How long it is belongs to a benchmark; here, that every measure has values. */
    @Test
    void measuresEveryCheckpointOfLearnerAndPurifier() throws Exception {
        Path json = dir.resolve("barriers.json");
        Cli.Outcome bench =
                Cli.run(
                        "bench",
                        "--barriers",
                        "--size=16",
                        "--n=2",
                        "--steps=3",
                        "--batch=8",
                        "--seconds=5",
                        "--warm-up=1",
                        "--workers=1",
                        "--json=" + json);
        assertThat(bench.exit()).as(bench.err()).isZero();
        assertThat(bench.out()).contains("barrier delay, learner");
        JsonNode result = new ObjectMapper().readTree(json.toFile());
        assertThat(result.get("checkpoints").asInt()).isPositive();
        assertThat(result.get("updates").asInt()).isPositive();
        assertThat(result.get("purified").asInt()).isPositive();
        for (JsonNode row : result.get("rows")) {
            assertThat(row.get("count").asInt()).as(row.toString()).isPositive();
            assertThat(row.get("p99").asLong()).isLessThanOrEqualTo(row.get("max").asLong());
        }
    }
}
