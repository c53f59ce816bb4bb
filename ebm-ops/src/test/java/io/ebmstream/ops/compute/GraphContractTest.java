package io.ebmstream.ops.compute;

import static io.ebmstream.ops.compute.TestArrays.relativeError;
import static io.ebmstream.ops.compute.TestArrays.values;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.ebmstream.ops.compute.reference.ReferenceExecutor;
import io.ebmstream.ops.energy.Autoencoder;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.energy.Sngan;
import io.ebmstream.ops.energy.SnganGenerator;
import io.ebmstream.ops.energy.WideResNet;
import io.ebmstream.ops.sampler.GaussianNoise;
import io.ebmstream.ops.sampler.LangevinConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What {@link CompiledNetwork} promises of any network, checked for one executor and precision
 * against the reference executor: forward, gradients of a loss, both modes of batch normalisation,
 * running statistics. {@link ExecutorContractTest} adds what energy networks do.
 *
 * <p>The tolerances hold where no unit's sign differs from the reference's. A unit that lies within
 * the rounding of 0 may take the other slope, and shifts an image's gradient by about 1e-4: rare
 * enough not to occur in these small networks, and no error.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class GraphContractTest {
    static final int BATCH = 5;
    static final long SEED = 7;

    /** The executor under test; may be the same object at every call. */
    protected abstract Executor executor();

    protected Precision precision() {
        return Precision.FLOAT32;
    }

    /** Largest |y - y_ref| / |y_ref| over a batch of outputs or energies. */
    protected double outputTolerance(Network network) {
        return 1e-5;
    }

    /** Largest |g - g_ref| / |g_ref| over a batch of input gradients. */
    protected double inputGradientTolerance(Network network) {
        return 1e-5;
    }

    /** Largest |g - g_ref| / |g_ref| over a whole parameter gradient. */
    protected double parameterGradientTolerance(Network network) {
        return 1e-5;
    }

    /** The papers' networks, narrow, and random graphs of all layers. */
    protected List<Network> graphs() {
        ImageShape cifar = new ImageShape(3, 32, 32);
        List<Network> graphs =
                new ArrayList<>(
                        List.of(
                                Sngan.of32(cifar, 4),
                                SnganGenerator.of32(cifar, 16, 5),
                                SnganGenerator.of64(new ImageShape(1, 64, 64), 8, 16),
                                Autoencoder.encoder(cifar, 2),
                                Autoencoder.decoder(cifar, 2),
                                WideResNet.of(cifar, 10, 1, 10, 4),
                                WideResNet.of(new ImageShape(1, 28, 28), 16, 2, 3, 2)));
        for (int seed = 1; seed <= 12; seed++) {
            graphs.add(RandomNetworks.of(seed));
        }
        return graphs;
    }

    @ParameterizedTest
    @MethodSource("graphs")
    void forwardAgreesWithReferenceInBothModes(Network network) {
        for (Mode mode : Mode.values()) {
            try (CompiledNetwork tested = compile(network, BATCH, mode);
                    CompiledNetwork reference = reference(network, BATCH, mode)) {
                for (int n : new int[] {BATCH, 3}) {
                    try (INDArray inputs = TestArrays.images(network, n, 1)) {
                        float[] before = values(inputs);
                        assertThat(
                                        relativeError(
                                                forward(tested, inputs),
                                                forward(reference, inputs)))
                                .as("%s, n %d", mode, n)
                                .isLessThanOrEqualTo(outputTolerance(network));
                        assertThat(values(inputs)).as("inputs stay").isEqualTo(before);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("graphs")
    void gradientsOfALossAgreeWithReferenceInBothModes(Network network) {
        for (Mode mode : Mode.values()) {
            try (CompiledNetwork tested = compile(network, BATCH, mode);
                    CompiledNetwork reference = reference(network, BATCH, mode)) {
                Gradients found = twoGradients(tested);
                Gradients expected = twoGradients(reference);
                assertThat(relativeError(found.byInput(), expected.byInput()))
                        .as("by input, %s", mode)
                        .isLessThanOrEqualTo(inputGradientTolerance(network));
                assertThat(relativeError(found.byParameters(), expected.byParameters()))
                        .as("by parameters, %s", mode)
                        .isLessThanOrEqualTo(parameterGradientTolerance(network));
                assertThat(twoGradients(tested)).as("same bits again").isEqualTo(found);
                for (Network.Parameter parameter : network.parameters()) {
                    if (!parameter.kind().trainable()) {
                        assertThat(slice(found.byParameters(), parameter))
                                .as(parameter.name())
                                .containsOnly(0);
                    }
                }
            }
        }
    }

    /** Gradients by inputs and by parameters. */
    private record Gradients(float[] byInput, float[] byParameters) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Gradients g
                    && Arrays.equals(byInput, g.byInput)
                    && Arrays.equals(byParameters, g.byParameters);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(byInput);
        }
    }

    /**
     * Of a full batch, then of three inputs more with another factor; what the loss is asked for,
     * and that either gradient may be left out.
     */
    private static Gradients twoGradients(CompiledNetwork compiled) {
        Network network = compiled.network();
        CheckedLoss loss = new CheckedLoss(compiled);
        try (INDArray first = TestArrays.images(network, BATCH, 3);
                INDArray second = TestArrays.images(network, 3, 4);
                INDArray byInput = TestArrays.blank(network, BATCH);
                INDArray again = TestArrays.blank(network, BATCH);
                INDArray sum = TestArrays.vector(new float[network.parameterCount()])) {
            compiled.gradient(first, loss.of(BATCH), byInput, 0.5f, sum);
            loss.checkAllAskedOnce();
            compiled.gradient(first, loss.of(BATCH), again, 0.5f, null);
            assertThat(values(again)).isEqualTo(values(byInput));
            compiled.gradient(second, loss.of(3), null, -0.75f, sum);
            loss.checkAllAskedOnce();
            return new Gradients(values(byInput), values(sum));
        }
    }

    /**
     * dL/dy = w + y / 4 with weights w of input and place, and a check that every input is asked
     * for once. May be asked by several threads.
     */
    private static final class CheckedLoss implements Loss {
        private final CompiledNetwork compiled;
        private final float[] weights;
        private int n;
        private AtomicIntegerArray asked;

        CheckedLoss(CompiledNetwork compiled) {
            this.compiled = compiled;
            int size = BATCH * compiled.network().output().size();
            this.weights = new float[size];
            new GaussianNoise().fill(SEED, 5, 0, weights, 0, size);
        }

        Loss of(int inputs) {
            n = inputs;
            asked = new AtomicIntegerArray(inputs);
            return this;
        }

        @Override
        public void gradient(int first, int count, float[] outputs, float[] gradient) {
            assertThat(count).isBetween(1, n - first);
            if (compiled.mode() == Mode.TRAINING) {
                assertThat(count).as("the whole batch at once").isEqualTo(n);
            }
            for (int i = first; i < first + count; i++) {
                asked.incrementAndGet(i);
            }
            int size = compiled.network().output().size();
            for (int j = 0; j < count * size; j++) {
                gradient[j] = weights[first * size + j] + outputs[j] / 4;
            }
        }

        void checkAllAskedOnce() {
            for (int i = 0; i < n; i++) {
                assertThat(asked.get(i)).as("times asked for input %d", i).isEqualTo(1);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("graphs")
    void runningStatisticsFollowTheLastCallOnly(Network network) {
        float[] start = TestArrays.weights(network, SEED);
        try (CompiledNetwork tested = compile(network, BATCH, Mode.TRAINING);
                CompiledNetwork reference = reference(network, BATCH, Mode.TRAINING);
                INDArray found = TestArrays.vector(start);
                INDArray expected = TestArrays.vector(start);
                INDArray inputs = TestArrays.images(network, BATCH, 8);
                INDArray others = TestArrays.images(network, 4, 9)) {
            for (CompiledNetwork compiled : List.of(tested, reference)) {
                INDArray vector = compiled == tested ? found : expected;
                assertThatIllegalStateException()
                        .isThrownBy(() -> compiled.updateRunningStatistics(vector))
                        .withMessageContaining("before");
                forward(compiled, inputs);
                float[] outputs = forward(compiled, others);
                compiled.updateRunningStatistics(vector);
                assertThat(forward(compiled, others)).as("not itself").isEqualTo(outputs);
                compiled.gradient(inputs, new CheckedLoss(compiled).of(BATCH), null, 1, null);
                compiled.updateRunningStatistics(vector);
            }
            for (Network.Parameter parameter : network.parameters()) {
                float[] moved = slice(values(found), parameter);
                float[] movedByReference = slice(values(expected), parameter);
                if (Arrays.equals(movedByReference, slice(start, parameter))) {
                    assertThat(moved).as(parameter.name()).isEqualTo(movedByReference);
                } else {
                    assertThat(parameter.kind().trainable()).as(parameter.name()).isFalse();
                    assertThat(relativeError(moved, movedByReference))
                            .as(parameter.name())
                            .isLessThanOrEqualTo(outputTolerance(network));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("graphs")
    void inInferenceResultsDoNotDependOnBatchSlotOrNeighbours(Network network) {
        int[] order = {3, 0, 4, 1, 2};
        int size = network.input().size();
        int outputSize = network.output().size();
        Loss loss =
                (first, n, outputs, gradient) -> {
                    for (int j = 0; j < n * outputSize; j++) {
                        gradient[j] = outputs[j] - j % outputSize / 8f;
                    }
                };
        try (CompiledNetwork compiled = compile(network, BATCH, Mode.INFERENCE);
                INDArray inputs = TestArrays.images(network, BATCH, 6);
                INDArray gradient = TestArrays.blank(network, BATCH)) {
            float[] outputs = forward(compiled, inputs);
            compiled.gradient(inputs, loss, gradient, 1, null);
            float[] gradients = values(gradient);
            for (int batch : new int[] {1, 3, BATCH}) {
                try (CompiledNetwork other = compile(network, batch, Mode.INFERENCE)) {
                    int[] chosen = Arrays.copyOf(order, Math.max(1, batch - 1));
                    try (INDArray some = select(network, inputs, chosen);
                            INDArray someGradient = TestArrays.blank(network, chosen.length)) {
                        float[] someOutputs = forward(other, some);
                        other.gradient(some, loss, someGradient, 1, null);
                        for (int i = 0; i < chosen.length; i++) {
                            assertThat(slice(someOutputs, i, outputSize))
                                    .as("output, batch %d", batch)
                                    .isEqualTo(slice(outputs, chosen[i], outputSize));
                            assertThat(slice(values(someGradient), i, size))
                                    .as("gradient, batch %d", batch)
                                    .isEqualTo(slice(gradients, chosen[i], size));
                        }
                    }
                }
            }
        }
    }

    /** x = G(z) + r: gradients by z and r, and that a pair's do not depend on its neighbours. */
    @Test
    void hatEnergiesGradientsAgreeWithReference() {
        ImageShape image = new ImageShape(3, 32, 32);
        Network energy = Sngan.of32(image, 4);
        Network generator = SnganGenerator.of32(image, 16, 5);
        try (HatEnergy tested = hat(energy, generator);
                HatEnergy expected =
                        new HatEnergy(
                                reference(energy, 3, Mode.INFERENCE),
                                reference(generator, 3, Mode.INFERENCE));
                INDArray z = TestArrays.images(generator, 3, 15);
                INDArray r = TestArrays.images(energy, 3, 16);
                INDArray lastZ = select(generator, z, 2);
                INDArray lastR = select(energy, r, 2)) {
            HatResult found = HatResult.of(tested, z, r);
            HatResult reference = HatResult.of(expected, z, r);
            assertThat(relativeError(found.energies(), reference.energies()))
                    .isLessThanOrEqualTo(outputTolerance(energy));
            assertThat(relativeError(found.byLatents(), reference.byLatents()))
                    .isLessThanOrEqualTo(inputGradientTolerance(generator));
            assertThat(relativeError(found.byResidual(), reference.byResidual()))
                    .isLessThanOrEqualTo(inputGradientTolerance(energy));
            assertThat(relativeError(found.byWeights(), reference.byWeights()))
                    .isLessThanOrEqualTo(parameterGradientTolerance(energy));
            HatResult last = HatResult.of(tested, lastZ, lastR);
            assertThat(last.energies()[0]).isEqualTo(found.energies()[2]);
            assertThat(last.byLatents()).isEqualTo(slice(found.byLatents(), 2, 16));
            assertThat(last.byResidual())
                    .isEqualTo(slice(found.byResidual(), 2, energy.input().size()));
        }
    }

    private HatEnergy hat(Network energy, Network generator) {
        return new HatEnergy(
                compile(energy, 3, Mode.INFERENCE), compile(generator, 3, Mode.INFERENCE));
    }

    @Test
    void energyCallsNeedAnEnergyNetworkInInference() {
        Network generator = Autoencoder.decoder(new ImageShape(1, 32, 32), 1);
        Network energy = TestArrays.linear(1, 16);
        try (CompiledNetwork images = compile(generator, 2, Mode.INFERENCE);
                CompiledNetwork training = compile(energy, 2, Mode.TRAINING)) {
            assertThat(images.mode()).isEqualTo(Mode.INFERENCE);
            assertThat(training.mode()).isEqualTo(Mode.TRAINING);
            expectState(images, "single number as output");
            expectState(training, "compiled for inference");
            try (INDArray vector =
                    TestArrays.vector(new float[images.network().parameterCount()])) {
                assertThatIllegalStateException()
                        .isThrownBy(() -> images.updateRunningStatistics(vector))
                        .withMessageContaining("compiled for training");
            }
        }
    }

    private static void expectState(CompiledNetwork compiled, String message) {
        Network network = compiled.network();
        try (INDArray inputs = TestArrays.images(network, 2, 1);
                INDArray vector = TestArrays.vector(new float[network.parameterCount()])) {
            float[] two = new float[2];
            for (ThrowingCallable call :
                    List.<ThrowingCallable>of(
                            () -> compiled.energies(inputs, two),
                            () -> compiled.inputGradient(inputs, inputs),
                            () -> compiled.parameterGradient(inputs, 1, vector, two),
                            () ->
                                    compiled.langevin(
                                            inputs,
                                            LangevinConfig.of(1e-2, 1e-3),
                                            1,
                                            new long[2],
                                            new long[2],
                                            1,
                                            two))) {
                assertThatIllegalStateException()
                        .isThrownBy(call)
                        .withMessageContaining(message)
                        .withMessageContaining("found ");
            }
        }
    }

    @Test
    void wrongArraysOfForwardAndGradientSayWhatWasExpected() {
        Network network = RandomNetworks.of(3);
        ImageShape out = network.output();
        Loss loss = (first, n, outputs, gradient) -> Arrays.fill(gradient, 0);
        try (CompiledNetwork compiled = compile(network, 2, Mode.INFERENCE);
                INDArray good = TestArrays.images(network, 2, 1);
                INDArray three = TestArrays.images(network, 3, 1);
                INDArray one = TestArrays.images(network, 1, 1);
                INDArray outputs = outputs(network, 2);
                INDArray oneOutput = outputs(network, 1);
                INDArray flat = Nd4j.create(DataType.FLOAT, 2, out.size());
                INDArray shortVector = TestArrays.vector(new float[3])) {
            for (ThrowingCallable call :
                    List.<ThrowingCallable>of(
                            () -> compiled.forward(three, outputs),
                            () -> compiled.forward(flat, outputs),
                            () -> compiled.forward(good, oneOutput),
                            () -> compiled.forward(good, flat),
                            () -> compiled.gradient(three, loss, null, 1, null),
                            () -> compiled.gradient(good, loss, one, 1, null),
                            () -> compiled.gradient(good, loss, null, 1, shortVector))) {
                assertThatIllegalArgumentException()
                        .isThrownBy(call)
                        .withMessageContaining("expected ")
                        .withMessageContaining("found ");
            }
        }
    }

    @Test
    void closedNetworksRunNoMore() {
        Network network = RandomNetworks.of(3);
        Loss loss = (first, n, outputs, gradient) -> Arrays.fill(gradient, 0);
        CompiledNetwork compiled = compile(network, 2, Mode.TRAINING);
        compiled.close();
        try (INDArray inputs = TestArrays.images(network, 2, 1);
                INDArray outputs = outputs(network, 2);
                INDArray vector = TestArrays.vector(new float[network.parameterCount()])) {
            for (ThrowingCallable call :
                    List.<ThrowingCallable>of(
                            () -> compiled.forward(inputs, outputs),
                            () -> compiled.gradient(inputs, loss, null, 1, null),
                            () -> compiled.updateRunningStatistics(vector))) {
                assertThatIllegalStateException().isThrownBy(call).withMessageContaining("closed");
            }
        }
    }

    final CompiledNetwork compile(Network network, int batch, Mode mode) {
        return withWeights(executor().compile(network, batch, precision(), mode));
    }

    static CompiledNetwork reference(Network network, int batch, Mode mode) {
        return withWeights(
                new ReferenceExecutor().compile(network, batch, Precision.FLOAT32, mode));
    }

    static CompiledNetwork withWeights(CompiledNetwork compiled) {
        try (INDArray weights = TestArrays.vector(TestArrays.weights(compiled.network(), SEED))) {
            compiled.setParameters(weights);
        }
        return compiled;
    }

    private static float[] forward(CompiledNetwork compiled, INDArray inputs) {
        try (INDArray outputs = outputs(compiled.network(), (int) inputs.size(0))) {
            compiled.forward(inputs, outputs);
            return values(outputs);
        }
    }

    /** An array for n outputs. */
    private static INDArray outputs(Network network, int n) {
        ImageShape shape = network.output();
        return Nd4j.create(DataType.FLOAT, n, shape.channels(), shape.height(), shape.width());
    }

    static INDArray select(Network network, INDArray images, int... indices) {
        int size = network.input().size();
        float[] pixels = new float[indices.length * size];
        for (int i = 0; i < indices.length; i++) {
            FloatArrays.read(images, (long) indices[i] * size, pixels, i * size, size);
        }
        return TestArrays.images(network, pixels);
    }

    static float[] slice(float[] values, int i, int size) {
        return Arrays.copyOfRange(values, i * size, (i + 1) * size);
    }

    private static float[] slice(float[] values, Network.Parameter parameter) {
        int from = parameter.offset();
        return Arrays.copyOfRange(values, from, from + parameter.size());
    }
}
