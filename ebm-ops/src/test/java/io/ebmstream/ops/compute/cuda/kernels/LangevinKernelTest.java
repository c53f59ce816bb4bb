package io.ebmstream.ops.compute.cuda.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.cuda.emulator.EmulatedGpu;
import io.ebmstream.ops.compute.cuda.emulator.KernelRun;
import io.ebmstream.ops.compute.cuda.gpu.Gpu;
import io.ebmstream.ops.sampler.GaussianNoise;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.sampler.LangevinStep;
import io.ebmstream.ops.sampler.Threefry;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The kernel of a Langevin step: noise bit for bit, and the step as on the CPU. */
class LangevinKernelTest {
    private static final long[] SEEDS = {0, 1, -1, 0x123456789ABCDEFL, Long.MIN_VALUE};
    private static final long[] CHAINS = {0, 1, 4095, 1L << 40, -7, 99};
    private static final int[] STEPS = {0, 1, 59, Integer.MAX_VALUE, -1, 1_000_003};

    static Stream<Arguments> shapes() {
        return Stream.of(
                Arguments.of(1, 28, 28, 8),
                Arguments.of(3, 32, 32, 8),
                Arguments.of(3, 16, 16, 8),
                Arguments.of(3, 16, 32, 8),
                Arguments.of(1, 1, 1, 8),
                Arguments.of(1, 7, 37, 8),
                Arguments.of(3, 7, 13, 8),
                Arguments.of(5, 9, 61, 8),
                Arguments.of(128, 1, 1, 128),
                Arguments.of(13, 16, 32, 16));
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void noiseHasTheBitsOfTheProcessors(int channels, int height, int width, int padded) {
        int size = channels * height * width;
        for (Precision precision : new Precision[] {Precision.BFLOAT16, Precision.FLOAT32}) {
            try (Gpu gpu = EmulatedGpu.open();
                    KernelRun run = new KernelRun(gpu, precision)) {
                for (long seed : SEEDS) {
                    long[] keys = new long[CHAINS.length];
                    for (int i = 0; i < keys.length; i++) {
                        keys[i] = Threefry.derive(seed, CHAINS[i]);
                    }
                    int n = keys.length;
                    long x = run.floats(new float[n * size]);
                    long gradient = run.values(new float[n * height * width * padded]);
                    long packed = run.values(new float[n * height * width * padded]);
                    long steps = run.ints(STEPS);
                    long config = run.floats(0, 0, 0.37f, 0);
                    long displacement = run.spoilt(4 * n);
                    run.launch(
                            "langevin",
                            256L * n,
                            x,
                            gradient,
                            packed,
                            run.longs(keys),
                            steps,
                            config,
                            displacement,
                            channels,
                            height,
                            width,
                            padded);
                    float[] found = run.readFloats(x, n * size);
                    float[] expected = new float[size];
                    for (int i = 0; i < n; i++) {
                        new GaussianNoise().fill(seed, CHAINS[i], STEPS[i], expected, 0, size);
                        for (int j = 0; j < size; j++) {
                            // 0 - 0 + eps xi has the bits of eps xi
                            expected[j] = 0f + 0.37f * expected[j];
                        }
                        int differs =
                                Arrays.mismatch(
                                        Arrays.copyOfRange(found, i * size, (i + 1) * size),
                                        expected);
                        assertThat(differs)
                                .describedAs("seed %d, chain %d", seed, CHAINS[i])
                                .isEqualTo(-1);
                    }
                    assertThat(run.readInts(steps, n))
                            .isEqualTo(Arrays.stream(STEPS).map(step -> step + 1).toArray());
                    assertThat(run.readFloats(displacement, n)).containsOnly(0f);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void theStepIsTheProcessors(int channels, int height, int width, int padded) {
        LangevinConfig[] configs = {
            LangevinConfig.of(0.02, 1e-4),
            new LangevinConfig(0.05, 0.01, 0.7, 0),
            // Clips some images: their gradients grow with the image's number.
            new LangevinConfig(0.02, 1e-3, 0, 0.2 * Math.sqrt(channels * height * width)),
            new LangevinConfig(0.02, 1e-3, 1.5, 0.2 * Math.sqrt(channels * height * width))
        };
        for (Precision precision : new Precision[] {Precision.BFLOAT16, Precision.FLOAT32}) {
            for (LangevinConfig config : configs) {
                checkStep(precision, config, channels, height, width, padded);
            }
        }
    }

    private static void checkStep(
            Precision precision,
            LangevinConfig config,
            int channels,
            int height,
            int width,
            int padded) {
        int n = 3;
        int pixels = height * width;
        int size = channels * pixels;
        try (Gpu gpu = EmulatedGpu.open();
                KernelRun run = new KernelRun(gpu, precision)) {
            float[] start = new float[n * size];
            new GaussianNoise().fill(5, 6, 7, start, 0, start.length);
            float[] gradient = new float[n * size];
            new GaussianNoise().fill(5, 6, 8, gradient, 0, gradient.length);
            float[] placed = new float[n * pixels * padded];
            for (int i = 0; i < gradient.length; i++) {
                gradient[i] = run.round(gradient[i] * (i / size));
                placed[place(i, channels, pixels, padded)] = gradient[i];
            }
            long x = run.floats(start);
            long packed = run.values(new float[n * pixels * padded]);
            long displacement = run.spoilt(4 * n);
            run.launch(
                    "langevin",
                    256L * n,
                    x,
                    run.values(placed),
                    packed,
                    run.longs(Threefry.derive(3, 0), Threefry.derive(3, 1), Threefry.derive(3, 2)),
                    run.ints(9, 10, 11),
                    run.floats(
                            (float) config.energyFactor(),
                            (float) config.decay(),
                            (float) config.stepSize(),
                            (float) config.maxLangevinNorm()),
                    displacement,
                    channels,
                    height,
                    width,
                    padded);

            LangevinStep step = new LangevinStep(config);
            float[] expected = start.clone();
            float[] norms = new float[n];
            float[] noise = new float[n * size];
            for (int i = 0; i < n; i++) {
                new GaussianNoise().fill(3, i, 9 + i, noise, i * size, size);
                norms[i] =
                        step.apply(
                                expected, i * size, gradient, i * size, noise, i * size, size,
                                true);
            }
            float[] found = run.readFloats(x, n * size);
            if (config.maxLangevinNorm() == 0) {
                assertThat(Arrays.mismatch(found, expected)).isEqualTo(-1);
            } else {
                // The norm is summed in another order, and the limit is rounded.
                assertThat(norms[2]).isLessThanOrEqualTo((float) config.maxLangevinNorm());
                assertThat(found).containsExactly(expected, offset(2e-6f));
            }
            assertThat(run.readFloats(displacement, n))
                    .containsExactly(norms, offset(norms[2] * 1e-6f));
            float[] copied = new float[n * pixels * padded];
            for (int i = 0; i < found.length; i++) {
                copied[place(i, channels, pixels, padded)] = run.round(found[i]);
            }
            assertThat(run.readValues(packed, copied.length)).isEqualTo(copied);
        }
    }

    /** Where pixel i of images [n, c, h, w] lies in [n, h, w, padded]. */
    private static int place(int i, int channels, int pixels, int padded) {
        int image = i / (channels * pixels);
        int channel = i / pixels % channels;
        return (image * pixels + i % pixels) * padded + channel;
    }
}
