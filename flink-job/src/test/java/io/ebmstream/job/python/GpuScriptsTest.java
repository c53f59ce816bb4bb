package io.ebmstream.job.python;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Light32;
import io.ebmstream.ops.energy.Sngan;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The yardstick of executor cuda does the same work: tried on the CPU with narrow networks. */
@Timeout(120)
class GpuScriptsTest {
    @TempDir Path dir;

    @Test
    void pyTorchRunsNetworksOfTheSameOperations() throws Exception {
        JsonNode result =
                new ObjectMapper()
                        .readTree(
                                Python.withTorch(dir)
                                        .run(
                                                "../ebm-ops/gpu/langevin_torch.py",
                                                "--device=cpu",
                                                "--batches=2",
                                                "--width=8",
                                                "--precision=float32",
                                                "--seconds=0.05",
                                                "--modes=eager"));
        ImageShape image = new ImageShape(3, 32, 32);
        long[] flops = {
            Light32.of(image, 8).langevinStepFlops(), Sngan.of32(image, 8).langevinStepFlops()
        };
        assertThat(result.get("rows")).hasSize(2);
        for (int i = 0; i < flops.length; i++) {
            JsonNode row = result.get("rows").get(i);
            assertThat(row.get("flops_per_image_step").asLong()).isEqualTo(flops[i]);
            assertThat(row.get("image_steps_per_second").get("eager").asDouble()).isPositive();
            assertThat(row.get("left_out")).isEmpty();
        }
    }
}
