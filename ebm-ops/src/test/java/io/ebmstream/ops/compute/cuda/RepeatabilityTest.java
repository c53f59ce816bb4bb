package io.ebmstream.ops.compute.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.TestArrays;
import io.ebmstream.ops.compute.cuda.emulator.EmulatedGpu;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Light32;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.sampler.GaussianNoise;
import io.ebmstream.ops.sampler.LangevinConfig;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One plan gives the same bits in every run, and the noise of chains is the CPU's: with the kernels
 * on the CPU, and on a GPU where there is one.
 */
class RepeatabilityTest {
    private static final long SEED = 11;

    @Test
    void onTheCpu() {
        try (EmulatedGpu gpu = EmulatedGpu.open()) {
            CudaExecutor executor = new CudaExecutor(gpu, 2, 2);
            for (Precision precision : Precision.values()) {
                noiseIsThatOfTheCpu(executor, precision);
                runsGiveTheSameBits(executor, precision, 5, 20, 4);
            }
        }
    }

    @Test
    @Tag("gpu")
    void onAGpu() {
        CudaExecutor executor = RealGpu.executor();
        for (Precision precision : executor.precisions()) {
            noiseIsThatOfTheCpu(executor, precision);
            runsGiveTheSameBits(executor, precision, 300, 1_000, 32);
        }
    }

    /** With zero weights, zero pixels and a step size of 1 a step leaves nothing but noise. */
    private static void noiseIsThatOfTheCpu(CudaExecutor executor, Precision precision) {
        Network network = Light32.of(new ImageShape(3, 28, 28), 4);
        int images = 5;
        int size = network.input().size();
        long[] chains = {0, 1, -5, 1L << 40, Long.MAX_VALUE};
        long[] steps = {0, 1, 2_000_000_000L, 1L << 33, 7};
        try (CompiledNetwork compiled = executor.compile(network, images, precision);
                INDArray x = TestArrays.images(network, new float[images * size])) {
            compiled.langevin(
                    x, new LangevinConfig(1, 1, 0, 0), SEED, chains, steps, 1, new float[images]);
            float[] found = TestArrays.values(x);
            float[] expected = new float[images * size];
            GaussianNoise noise = new GaussianNoise();
            for (int i = 0; i < images; i++) {
                noise.fill(SEED, chains[i], steps[i], expected, i * size, size);
            }
            assertThat(Arrays.mismatch(found, expected)).as("%s", precision).isNegative();
        }
    }

    private static void runsGiveTheSameBits(
            CudaExecutor executor, Precision precision, int images, int runs, int width) {
        Network network = Light32.of(new ImageShape(1, 16, 16), width);
        long[] chains = new long[images];
        Arrays.setAll(chains, i -> i);
        float[] first = null;
        float[] firstGradient = null;
        try (CompiledNetwork compiled = executor.compile(network, images, precision);
                INDArray weights = TestArrays.vector(TestArrays.weights(network, SEED));
                INDArray start = TestArrays.images(network, images, 1)) {
            compiled.setParameters(weights);
            for (int run = 0; run < runs; run++) {
                try (INDArray x = start.dup('c');
                        INDArray gradient =
                                TestArrays.vector(new float[network.parameterCount()])) {
                    compiled.langevin(
                            x,
                            LangevinConfig.of(1e-2, 1e-3),
                            SEED,
                            chains,
                            new long[images],
                            3,
                            new float[images]);
                    compiled.parameterGradient(x, 1, gradient, new float[images]);
                    float[] found = TestArrays.values(x);
                    float[] foundGradient = TestArrays.values(gradient);
                    first = first == null ? found : first;
                    firstGradient = firstGradient == null ? foundGradient : firstGradient;
                    assertThat(Arrays.equals(found, first)).as("run %d", run).isTrue();
                    assertThat(Arrays.equals(foundGradient, firstGradient))
                            .as("gradient of run %d", run)
                            .isTrue();
                }
            }
        }
    }
}
