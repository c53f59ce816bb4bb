package io.ebmstream.ops.compute;

import static io.ebmstream.ops.compute.TestArrays.relativeError;
import static io.ebmstream.ops.compute.TestArrays.values;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Light32;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.energy.Sngan;
import io.ebmstream.ops.sampler.LangevinConfig;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * What {@link CompiledNetwork} promises, checked for one executor and precision against the
 * reference executor: here what energy networks do. A subclass names executor and precision, and
 * says how far results may lie from the reference.
 */
public abstract class ExecutorContractTest extends GraphContractTest {
    private static final LangevinConfig CONFIG = LangevinConfig.of(1e-2, 1e-3);

    /** Energy networks that the executor must run. */
    protected List<Network> networks() {
        return List.of(
                Light32.of(new ImageShape(3, 32, 32), 4),
                Light32.of(new ImageShape(1, 32, 32), 3),
                Light32.of(new ImageShape(1, 28, 28), 4),
                Light32.of(new ImageShape(3, 28, 28), 2),
                Light32.of(new ImageShape(3, 16, 16), 4),
                Light32.of(new ImageShape(1, 16, 16), 16),
                TestArrays.linear(3, 8),
                TestArrays.linear(1, 5),
                TestArrays.odd(),
                Sngan.of32(new ImageShape(3, 16, 16), 3),
                Sngan.of32(new ImageShape(1, 12, 12), 8),
                Sngan.of64(new ImageShape(1, 32, 32), 2),
                Sngan.of128(new ImageShape(1, 32, 32), 2),
                RandomNetworks.energy(24),
                RandomNetworks.energy(22),
                RandomNetworks.energy(23));
    }

    @ParameterizedTest
    @MethodSource("networks")
    void energiesAgreeWithReference(Network network) {
        try (CompiledNetwork tested = compile(network, BATCH);
                CompiledNetwork reference = reference(network);
                INDArray images = TestArrays.images(network, BATCH, 1)) {
            assertThat(relativeError(energies(tested, images), energies(reference, images)))
                    .isLessThanOrEqualTo(outputTolerance(network));
        }
    }

    @ParameterizedTest
    @MethodSource("networks")
    void inputGradientAgreesWithReference(Network network) {
        try (CompiledNetwork tested = compile(network, BATCH);
                CompiledNetwork reference = reference(network);
                INDArray images = TestArrays.images(network, BATCH, 2)) {
            float[] before = values(images);
            float[] found = inputGradient(tested, images);
            assertThat(relativeError(found, inputGradient(reference, images)))
                    .isLessThanOrEqualTo(inputGradientTolerance(network));
            assertThat(values(images)).as("images stay as they were").isEqualTo(before);
        }
    }

    @ParameterizedTest
    @MethodSource("networks")
    void parameterGradientIsAddedAndAgreesWithReference(Network network) {
        try (CompiledNetwork tested = compile(network, BATCH);
                CompiledNetwork reference = reference(network)) {
            float[] found = twoParameterGradients(tested);
            float[] expected = twoParameterGradients(reference);
            assertThat(relativeError(found, expected))
                    .isLessThanOrEqualTo(parameterGradientTolerance(network));
            assertThat(twoParameterGradients(tested)).as("same bits again").isEqualTo(found);
        }
    }

    /** Gradient at a full batch, then at two images more with another sign. */
    private float[] twoParameterGradients(CompiledNetwork compiled) {
        Network network = compiled.network();
        float[] energies = new float[BATCH];
        try (INDArray sum = TestArrays.vector(new float[network.parameterCount()]);
                INDArray first = TestArrays.images(network, BATCH, 3);
                INDArray second = TestArrays.images(network, 2, 4)) {
            compiled.parameterGradient(first, 0.5f, sum, energies);
            assertThat(energies).isEqualTo(energies(compiled, first));
            compiled.parameterGradient(second, -0.75f, sum, energies);
            assertThat(Arrays.copyOf(energies, 2)).isEqualTo(energies(compiled, second));
            return values(sum);
        }
    }

    @ParameterizedTest
    @MethodSource("networks")
    void langevinAgreesWithReference(Network network) {
        double displacement = compareLangevin(network, CONFIG);
        compareLangevin(network, new LangevinConfig(1e-2, 1e-3, 0.15, 0));
        double limit = displacement / 2;
        assertThat(compareLangevin(network, new LangevinConfig(1e-2, 1e-3, 0, limit)))
                .as("clipped")
                .isCloseTo(limit, within(1e-6 * limit));
    }

    /** Runs three steps here and by the reference; the reference's smallest displacement. */
    private double compareLangevin(Network network, LangevinConfig config) {
        try (CompiledNetwork tested = compile(network, BATCH);
                CompiledNetwork reference = reference(network);
                INDArray found = TestArrays.images(network, BATCH, 5);
                INDArray expected = TestArrays.images(network, BATCH, 5)) {
            float[] norms = langevin(tested, found, config, 0, 3);
            float[] expectedNorms = langevin(reference, expected, config, 0, 3);
            assertThat(relativeError(norms, expectedNorms))
                    .as("displacement, %s", config)
                    .isLessThanOrEqualTo(inputGradientTolerance(network));
            double drift = 3 * norm(expectedNorms);
            double rounding = 1e-7 * norm(values(expected));
            assertThat(norm(difference(values(found), values(expected))))
                    .as("pixels, %s", config)
                    .isLessThanOrEqualTo(inputGradientTolerance(network) * drift + 3 * rounding);
            float smallest = Float.MAX_VALUE;
            for (float norm : expectedNorms) {
                smallest = Math.min(smallest, norm);
            }
            return smallest;
        }
    }

    @ParameterizedTest
    @MethodSource("networks")
    void anImagesResultsDoNotDependOnBatchSlotOrNeighbours(Network network) {
        int[] order = {3, 0, 4, 1, 2};
        int size = network.input().size();
        try (CompiledNetwork compiled = compile(network, BATCH);
                INDArray images = TestArrays.images(network, BATCH, 6);
                INDArray moved = TestArrays.images(network, BATCH, 6)) {
            float[] energies = energies(compiled, images);
            float[] gradients = inputGradient(compiled, images);
            langevin(compiled, moved, CONFIG, 0, 2);
            float[] pixels = values(moved);
            for (int batch : new int[] {1, 2, BATCH, 8}) {
                try (CompiledNetwork other = compile(network, batch)) {
                    for (int n = 1; n <= Math.min(batch, BATCH); n++) {
                        int[] chosen = Arrays.copyOf(order, n);
                        try (INDArray some = select(network, images, chosen)) {
                            String what = "batch " + batch + ", n " + n;
                            float[] someEnergies = energies(other, some);
                            float[] someGradients = inputGradient(other, some);
                            langevin(other, some, CONFIG, chosen, 0, 2);
                            for (int i = 0; i < n; i++) {
                                assertThat(someEnergies[i])
                                        .as("energy, %s", what)
                                        .isEqualTo(energies[chosen[i]]);
                                assertThat(slice(someGradients, i, size))
                                        .as("gradient, %s", what)
                                        .isEqualTo(slice(gradients, chosen[i], size));
                                assertThat(slice(values(some), i, size))
                                        .as("chain, %s", what)
                                        .isEqualTo(slice(pixels, chosen[i], size));
                            }
                        }
                    }
                }
            }
        }
    }

    @Test
    void manyImagesGiveTheSameBitsAsOneByOne() {
        int n = 37;
        Network network = Light32.of(new ImageShape(1, 16, 16), 4);
        int size = network.input().size();
        try (CompiledNetwork compiled = compile(network, 40);
                CompiledNetwork single = compile(network, 1);
                CompiledNetwork reference = reference(network, n, Mode.INFERENCE);
                INDArray images = TestArrays.images(network, n, 13);
                INDArray sum = TestArrays.vector(new float[network.parameterCount()]);
                INDArray expected = TestArrays.vector(new float[network.parameterCount()])) {
            float[] energies = energies(compiled, images);
            float[] gradients = inputGradient(compiled, images);
            compiled.parameterGradient(images, 1f / n, sum, new float[n]);
            reference.parameterGradient(images, 1f / n, expected, new float[n]);
            assertThat(relativeError(values(sum), values(expected)))
                    .isLessThanOrEqualTo(parameterGradientTolerance(network));
            try (INDArray moved = TestArrays.images(network, n, 13)) {
                langevin(compiled, moved, CONFIG, 0, 2);
                for (int i = 0; i < n; i++) {
                    try (INDArray one = select(network, images, i)) {
                        assertThat(energies(single, one)[0]).isEqualTo(energies[i]);
                        assertThat(inputGradient(single, one)).isEqualTo(slice(gradients, i, size));
                        langevin(single, one, CONFIG, new int[] {i}, 0, 2);
                        assertThat(values(one)).isEqualTo(slice(values(moved), i, size));
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("networks")
    void langevinRunsMayBeCutAnywhere(Network network) {
        LangevinConfig config = new LangevinConfig(1e-2, 1e-3, 0.15, 0.1);
        try (CompiledNetwork compiled = compile(network, BATCH);
                INDArray whole = TestArrays.images(network, 3, 8);
                INDArray parts = TestArrays.images(network, 3, 8)) {
            float[] wholeNorms = langevin(compiled, whole, config, 40, 6);
            langevin(compiled, parts, config, 40, 1);
            langevin(compiled, parts, config, 41, 3);
            float[] partNorms = langevin(compiled, parts, config, 44, 2);
            assertThat(values(parts)).isEqualTo(values(whole));
            assertThat(partNorms).isEqualTo(wholeNorms);
        }
    }

    @Test
    void chainAndStepChooseTheNoise() {
        Network network = Light32.of(new ImageShape(1, 16, 16), 2);
        int size = network.input().size();
        float[] image = values(TestArrays.images(network, 1, 9));
        float[] pixels = new float[4 * size];
        for (int i = 0; i < 4; i++) {
            System.arraycopy(image, 0, pixels, i * size, size);
        }
        try (CompiledNetwork compiled = compile(network, 4);
                INDArray images = TestArrays.images(network, pixels);
                INDArray reseeded = TestArrays.images(network, pixels)) {
            long[] chains = {5, 5, 6, 5};
            long[] steps = {100, 100, 100, 101};
            float[] norms = new float[4];
            compiled.langevin(images, CONFIG, SEED, chains, steps, 2, norms);
            assertThat(steps).as("left alone").containsExactly(100, 100, 100, 101);
            float[] moved = values(images);
            assertThat(slice(moved, 1, size)).isEqualTo(slice(moved, 0, size));
            assertThat(slice(moved, 2, size)).isNotEqualTo(slice(moved, 0, size));
            assertThat(slice(moved, 3, size)).isNotEqualTo(slice(moved, 0, size));
            compiled.langevin(reseeded, CONFIG, SEED + 1, chains, steps, 2, norms);
            assertThat(slice(values(reseeded), 0, size)).isNotEqualTo(slice(moved, 0, size));
        }
    }

    /**
     * U(x) = w . x with the Gaussian term is the energy of a normal distribution of mean -tau^2 w /
     * T and variance tau^2. The chain x' = (1 - a) x - .. + eps xi, a = eps^2 / (2 tau^2), has that
     * mean exactly and the variance tau^2 / (1 - a / 2). Samples 20 steps apart have a correlation
     * of 0.9^20 = 0.12; pixels and chains are independent. Everything must lie within four standard
     * errors.
     */
    @Test
    void langevinOnAGaussianRecoversMeanAndVariance() {
        double tau = 0.5;
        double temperature = 0.5;
        double a = 0.1;
        LangevinConfig config = new LangevinConfig(tau * Math.sqrt(2 * a), temperature, tau, 0);
        int chains = 32;
        int samples = 40;
        int apart = 20;
        Network network = TestArrays.linear(1, 8);
        int size = network.input().size();
        float[] weights = new float[size + 1];
        for (int j = 0; j < size; j++) {
            // Exact in bfloat16, all different, from -1 to 1.
            weights[j] = (2 * (37 * j % size) + 1 - size) / 64f;
        }
        double[] sum = new double[size];
        double squares = 0;
        try (CompiledNetwork compiled = executor().compile(network, chains, precision());
                INDArray vector = TestArrays.vector(weights);
                INDArray images = TestArrays.images(network, new float[chains * size])) {
            compiled.setParameters(vector);
            langevin(compiled, images, config, 0, 150);
            for (int sample = 0; sample < samples; sample++) {
                langevin(compiled, images, config, 150 + sample * apart, apart);
                float[] pixels = values(images);
                for (int i = 0; i < pixels.length; i++) {
                    double mean = -tau * tau * weights[i % size] / temperature;
                    sum[i % size] += pixels[i] - mean;
                    squares += (pixels[i] - mean) * (pixels[i] - mean);
                }
            }
        }
        double variance = tau * tau / (1 - a / 2);
        double correlation = Math.pow(1 - a, apart);
        double perPixel = chains * samples * (1 - correlation) / (1 + correlation);
        double chiSquare = 0;
        double total = 0;
        for (double s : sum) {
            double mean = s / (chains * samples);
            chiSquare += mean * mean * perPixel / variance;
            total += mean / size;
        }
        assertThat(total / Math.sqrt(variance / (perPixel * size)))
                .as("z of the mean over all pixels")
                .isBetween(-4.0, 4.0);
        assertThat((chiSquare - size) / Math.sqrt(2 * size))
                .as("z of the pixels' own means")
                .isBetween(-4.0, 4.0);
        double squared = correlation * correlation;
        double pixelsForVariance = (double) chains * samples * size * (1 - squared) / (1 + squared);
        double found = squares / ((double) chains * samples * size);
        assertThat((found / variance - 1) / Math.sqrt(2 / pixelsForVariance))
                .as("z of the variance")
                .isBetween(-4.0, 4.0);
    }

    @Test
    void weightsAreZeroUntilSetAndThenCopied() {
        Network network = Light32.of(new ImageShape(1, 16, 16), 2);
        try (CompiledNetwork compiled = executor().compile(network, 2, precision());
                INDArray weights = TestArrays.vector(TestArrays.weights(network, SEED));
                INDArray others = TestArrays.vector(TestArrays.weights(network, SEED + 1));
                INDArray images = TestArrays.images(network, 2, 10)) {
            assertThat(energies(compiled, images)).containsOnly(0f);
            compiled.setParameters(weights);
            float[] energies = energies(compiled, images);
            float[] gradient = inputGradient(compiled, images);
            weights.assign(0);
            assertThat(energies(compiled, images)).isEqualTo(energies).doesNotContain(0f);
            compiled.setParameters(others);
            assertThat(energies(compiled, images)).isNotEqualTo(energies);
            assertThat(inputGradient(compiled, images)).isNotEqualTo(gradient);
        }
    }

    @Test
    void aBrokenImageStaysAloneAndLeavesNothingBehind() {
        Network network = Light32.of(new ImageShape(1, 16, 16), 4);
        int size = network.input().size();
        try (CompiledNetwork compiled = compile(network, 3);
                INDArray sound = TestArrays.images(network, 3, 11);
                INDArray two = TestArrays.images(network, 2, 11);
                INDArray broken = TestArrays.images(network, 3, 11);
                INDArray gradient = TestArrays.vector(new float[network.parameterCount()]);
                INDArray again = TestArrays.vector(new float[network.parameterCount()])) {
            float[] energies = energies(compiled, sound);
            float[] inputGradient = inputGradient(compiled, sound);
            compiled.parameterGradient(two, 1, gradient, new float[2]);

            broken.putScalar(2, 0, 3, 3, Float.NaN);
            float[] found = energies(compiled, broken);
            assertThat(found[0]).isEqualTo(energies[0]);
            assertThat(found[1]).isEqualTo(energies[1]);
            assertThat(found[2]).isNaN();
            assertThat(slice(inputGradient(compiled, broken), 1, size))
                    .isEqualTo(slice(inputGradient, 1, size));

            compiled.parameterGradient(two, 1, again, new float[2]);
            assertThat(values(again)).isEqualTo(values(gradient));
            assertThat(values(gradient)).doesNotContain(Float.NaN);
        }
    }

    @Test
    void worksOnPartsOfALargerArrayInPlace() {
        Network network = Light32.of(new ImageShape(3, 16, 16), 2);
        int size = network.input().size();
        try (CompiledNetwork compiled = compile(network, 3);
                INDArray large = TestArrays.images(network, 7, 12);
                INDArray gradients = TestArrays.blank(network, 7);
                INDArray copy = select(network, large, 2, 3, 4)) {
            float[] before = values(large);
            float[] blank = values(gradients);
            INDArray part = large.get(NDArrayIndex.interval(2, 5));
            assertThat(energies(compiled, part)).isEqualTo(energies(compiled, copy));
            compiled.inputGradient(part, gradients.get(NDArrayIndex.interval(2, 5)));
            float[] expected = blank.clone();
            System.arraycopy(inputGradient(compiled, copy), 0, expected, 2 * size, 3 * size);
            assertThat(values(gradients)).isEqualTo(expected);
            langevin(compiled, part, CONFIG, 0, 1);
            langevin(compiled, copy, CONFIG, 0, 1);
            System.arraycopy(values(copy), 0, before, 2 * size, 3 * size);
            assertThat(values(large)).isEqualTo(before);
        }
    }

    @Test
    void compiledNetworksRunSideBySide() throws Exception {
        Network network = Light32.of(new ImageShape(3, 16, 16), 4);
        float[] alone = runAlone(network, 0);
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            Future<float[]> first = threads.submit(() -> runAlone(network, 0));
            Future<float[]> second = threads.submit(() -> runAlone(network, 1));
            assertThat(first.get()).isEqualTo(alone);
            assertThat(second.get()).isNotEqualTo(alone);
        } finally {
            threads.shutdownNow();
        }
    }

    private float[] runAlone(Network network, long seed) {
        try (CompiledNetwork compiled = compile(network, BATCH);
                INDArray sum = TestArrays.vector(new float[network.parameterCount()]);
                INDArray images = TestArrays.images(network, BATCH, 20 + seed)) {
            langevin(compiled, images, CONFIG, 0, 20);
            compiled.parameterGradient(images, 1, sum, new float[BATCH]);
            float[] all = Arrays.copyOf(values(images), (int) (images.length() + sum.length()));
            FloatArrays.read(sum, 0, all, (int) images.length(), (int) sum.length());
            return all;
        }
    }

    @Test
    void closingTwiceIsHarmlessAndUseAfterwardsFails() {
        Network network = TestArrays.linear(1, 4);
        CompiledNetwork compiled = compile(network, 2);
        compiled.close();
        assertThatCode(compiled::close).doesNotThrowAnyException();
        try (INDArray images = TestArrays.images(network, 2, 1);
                INDArray vector = TestArrays.vector(new float[network.parameterCount()])) {
            for (ThrowingCallable use :
                    List.<ThrowingCallable>of(
                            () -> energies(compiled, images),
                            () -> compiled.inputGradient(images, images),
                            () -> compiled.parameterGradient(images, 1, vector, new float[2]),
                            () -> langevin(compiled, images, CONFIG, 0, 1),
                            () -> compiled.setParameters(vector))) {
                assertThatIllegalStateException().isThrownBy(use).withMessageContaining("closed");
            }
        }
    }

    @Test
    void wrongArgumentsSayWhatWasExpectedAndFound() {
        Network network = Light32.of(new ImageShape(3, 16, 16), 2);
        try (CompiledNetwork compiled = compile(network, 2);
                INDArray good = TestArrays.images(network, 2, 1);
                INDArray three = TestArrays.images(network, 3, 1);
                INDArray one = TestArrays.images(network, 1, 1);
                INDArray flat = Nd4j.create(DataType.FLOAT, 2, 768);
                INDArray gray = Nd4j.create(DataType.FLOAT, 2, 1, 16, 16);
                INDArray wide = Nd4j.create(DataType.DOUBLE, 2, 3, 16, 16);
                INDArray last = Nd4j.create(DataType.FLOAT, 2, 16, 16, 3);
                INDArray shortVector = TestArrays.vector(new float[5]);
                INDArray vector = TestArrays.vector(new float[network.parameterCount()])) {
            INDArray strided = last.permute(0, 3, 1, 2);
            float[] two = new float[2];
            float[] few = new float[1];
            long[] chains = {0, 1};
            for (INDArray wrong : List.of(three, flat, gray, wide, strided)) {
                expectRefusal(() -> compiled.energies(wrong, new float[3]));
                expectRefusal(() -> compiled.inputGradient(wrong, good));
                expectRefusal(() -> compiled.inputGradient(good, wrong));
                expectRefusal(() -> compiled.parameterGradient(wrong, 1, vector, new float[3]));
                expectRefusal(
                        () -> compiled.langevin(wrong, CONFIG, 1, chains, chains, 1, new float[3]));
            }
            expectRefusal(() -> compiled.energies(good, few));
            expectRefusal(() -> compiled.inputGradient(good, one));
            expectRefusal(() -> compiled.setParameters(shortVector));
            expectRefusal(() -> compiled.parameterGradient(good, 1, shortVector, two));
            expectRefusal(() -> compiled.parameterGradient(good, 1, vector, few));
            expectRefusal(() -> compiled.langevin(good, CONFIG, 1, new long[1], chains, 1, two));
            expectRefusal(() -> compiled.langevin(good, CONFIG, 1, chains, new long[1], 1, two));
            expectRefusal(() -> compiled.langevin(good, CONFIG, 1, chains, chains, 1, few));
            expectRefusal(() -> compiled.langevin(good, CONFIG, 1, chains, chains, 0, two));
            expectRefusal(() -> executor().compile(network, 0, precision()));
        }
    }

    private static void expectRefusal(ThrowingCallable call) {
        assertThatIllegalArgumentException()
                .isThrownBy(call)
                .withMessageContaining("expected ")
                .withMessageContaining("found ");
    }

    @Test
    void saysWhatItIsAndRefusesOtherPrecisions() {
        Network network = TestArrays.linear(1, 4);
        assertThat(executor().precisions()).contains(precision());
        assertThat(executor().precisions()).contains(executor().preferredPrecision());
        try (CompiledNetwork compiled = compile(network, 3)) {
            assertThat(compiled.network()).isEqualTo(network);
            assertThat(compiled.batch()).isEqualTo(3);
            assertThat(compiled.precision()).isEqualTo(precision());
        }
        EnumSet<Precision> others = EnumSet.allOf(Precision.class);
        others.removeAll(executor().precisions());
        for (Precision other : others) {
            assertThatThrownBy(() -> executor().compile(network, 3, other))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining(other.label());
        }
    }

    private CompiledNetwork compile(Network network, int batch) {
        return compile(network, batch, Mode.INFERENCE);
    }

    private static CompiledNetwork reference(Network network) {
        return reference(network, BATCH, Mode.INFERENCE);
    }

    private static float[] energies(CompiledNetwork compiled, INDArray images) {
        float[] energies = new float[(int) images.size(0)];
        compiled.energies(images, energies);
        return energies;
    }

    private static float[] inputGradient(CompiledNetwork compiled, INDArray images) {
        try (INDArray gradient = TestArrays.blank(compiled.network(), (int) images.size(0))) {
            compiled.inputGradient(images, gradient);
            return values(gradient);
        }
    }

    private static float[] langevin(
            CompiledNetwork compiled,
            INDArray images,
            LangevinConfig config,
            int firstStep,
            int steps) {
        int[] chains = new int[(int) images.size(0)];
        Arrays.setAll(chains, i -> i);
        return langevin(compiled, images, config, chains, firstStep, steps);
    }

    private static float[] langevin(
            CompiledNetwork compiled,
            INDArray images,
            LangevinConfig config,
            int[] chains,
            int firstStep,
            int steps) {
        long[] ids = Arrays.stream(chains).mapToLong(i -> 1000L + i).toArray();
        long[] firstSteps = new long[chains.length];
        Arrays.fill(firstSteps, firstStep);
        float[] displacement = new float[chains.length];
        compiled.langevin(images, config, SEED, ids, firstSteps, steps, displacement);
        return displacement;
    }

    private static float[] difference(float[] a, float[] b) {
        float[] difference = new float[a.length];
        for (int i = 0; i < a.length; i++) {
            difference[i] = a[i] - b[i];
        }
        return difference;
    }

    private static double norm(float[] values) {
        double squares = 0;
        for (float value : values) {
            squares += (double) value * value;
        }
        return Math.sqrt(squares);
    }
}
