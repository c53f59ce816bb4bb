package io.ebmstream.ops.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.ops.compute.Precision;
import org.junit.jupiter.api.Test;

/**
 * That the kernels' benchmarks run and work on what they claim to; the build does not time them.
 */
class KernelBenchmarkTest {

    @Test
    void everyKernelGivesNumbers() {
        KernelBenchmark kernels = new KernelBenchmark();
        kernels.create();
        try {
            assertThat(kernels.noise()).doesNotContain(0f);
            assertThat(kernels.uniformNoise()).doesNotContain(0f);
            float[] before = kernels.readPixels().clone();
            assertThat(before).doesNotContain(0f);
            float[] once = kernels.update().clone();
            assertThat(once).isNotEqualTo(before);
            float[] twice = kernels.updateWithNorm().clone();
            assertThat(twice).isNotEqualTo(once);
            assertThat(kernels.writePixels().getFloat(0)).isEqualTo(twice[0]);
        } finally {
            kernels.close();
        }
    }

    @Test
    void aStepMovesEveryChain() {
        StepBenchmark step = new StepBenchmark();
        step.precision = Precision.FLOAT32;
        step.create();
        try {
            assertThat(step.step()).doesNotContain(0f);
        } finally {
            step.close();
        }
    }
}
