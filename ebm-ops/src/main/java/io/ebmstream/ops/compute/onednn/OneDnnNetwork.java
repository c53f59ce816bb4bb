package io.ebmstream.ops.compute.onednn;

import io.ebmstream.ops.compute.CheckedNetwork;
import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.compute.Loss;
import io.ebmstream.ops.compute.Mode;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.sampler.GaussianNoise;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.sampler.LangevinStep;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A network as oneDNN plans: for blocks of a few images and for single images, so that any number
 * of images runs without padding. A block's chains make all their steps before the next block
 * begins: its activations stay in the cache. In training mode a call is one batch, and there are
 * plans for the numbers of images that were asked for last.
 *
 * <p>Runs on the calling thread, with one OpenMP thread; that setting stays with the thread. Not
 * thread-safe.
 */
final class OneDnnNetwork extends CheckedNetwork {
    private final Plans plans;
    private final int inputSize;
    private final int outputSize;

    private final float[] pixels;
    private final float[] gradient;
    private final float[] outputs;
    private final float[] outputGradient;
    private final float[] noise;
    private final GaussianNoise gaussian = new GaussianNoise();
    private float[] featureSum;
    private float[] total;

    /**
     * @param blockSize images of a block, at least 1; 0 for what suits the network
     * @param wanted layout of the activations, or null for the best one here
     */
    OneDnnNetwork(
            Network network,
            int batch,
            Precision precision,
            Mode mode,
            int blockSize,
            Layout wanted) {
        super(network, batch, precision, mode);
        this.inputSize = network.input().size();
        this.outputSize = network.output().size();
        OneDnn.useOneThread();
        plans = new Plans(network, batch, precision, mode, blockSize, wanted);
        int most = mode == Mode.TRAINING ? batch : plans.blockSize();
        pixels = new float[most * inputSize];
        gradient = new float[most * inputSize];
        outputs = new float[most * outputSize];
        outputGradient = new float[most * outputSize];
        noise = new float[most * inputSize];
    }

    @Override
    protected void takeParameters(INDArray vector) {
        FloatArrays.read(vector, 0, plans.parameters(), 0, network().parameterCount());
        plans.reload();
    }

    @Override
    protected void energies(INDArray images, int n, float[] energies) {
        for (int i = 0; i < n; ) {
            Plan plan = plans.of(plans.common(), n - i);
            runForward(plan, images, i);
            plan.readOutputs(energies, i);
            i += plan.images();
        }
    }

    @Override
    protected void inputGradient(INDArray images, int n, INDArray result) {
        for (int i = 0; i < n; ) {
            Plan plan = plans.of(Purpose.ENERGY_GRADIENT, n - i);
            runForward(plan, images, i);
            plan.runBackward();
            writeImageGradient(plan, result, i);
            i += plan.images();
        }
    }

    @Override
    protected void parameterGradient(
            INDArray images, int n, float scale, INDArray accumulator, float[] energies) {
        Purpose purpose = Purpose.ENERGY_PARAMETERS;
        List<Plan> used = plans.all(purpose, n);
        beginSums(used);
        Arrays.fill(outputGradient, 1);
        for (int i = 0; i < n; ) {
            Plan plan = plans.of(purpose, n - i);
            runForward(plan, images, i);
            plan.readOutputs(energies, i);
            plan.addFeatures(outputGradient, 0, featureSum);
            plan.runBackward();
            i += plan.images();
        }
        addSums(used, n, scale, accumulator);
    }

    @Override
    protected void langevin(
            INDArray images,
            int n,
            LangevinConfig config,
            long seed,
            long[] chains,
            long[] firstSteps,
            int steps,
            float[] displacement) {
        LangevinStep step = new LangevinStep(config);
        for (int i = 0; i < n; ) {
            Plan plan = plans.of(Purpose.ENERGY_GRADIENT, n - i);
            int length = plan.images() * inputSize;
            FloatArrays.read(images, (long) i * inputSize, pixels, 0, length);
            for (int k = 0; k < steps; k++) {
                plan.load(pixels, 0);
                plan.runForward();
                plan.runBackward();
                for (int j = 0; j < plan.images(); j++) {
                    int at = j * inputSize;
                    boolean last = k == steps - 1;
                    plan.readImageGradient(j, gradient, at);
                    gaussian.fill(seed, chains[i + j], firstSteps[i + j] + k, noise, at, inputSize);
                    displacement[i + j] =
                            step.apply(pixels, at, gradient, at, noise, at, inputSize, last);
                }
            }
            FloatArrays.write(pixels, 0, images, (long) i * inputSize, length);
            i += plan.images();
        }
    }

    @Override
    protected void forward(INDArray inputs, int n, INDArray results) {
        for (int i = 0; i < n; ) {
            Plan plan = plans.of(plans.common(), n - i);
            runForward(plan, inputs, i);
            plan.readOutputs(outputs, 0);
            int length = plan.images() * outputSize;
            FloatArrays.write(outputs, 0, results, (long) i * outputSize, length);
            i += plan.images();
        }
    }

    @Override
    protected void gradient(
            INDArray inputs,
            int n,
            Loss loss,
            INDArray inputGradient,
            float scale,
            INDArray accumulator) {
        Purpose purpose = new Purpose(inputGradient != null, accumulator != null, true);
        List<Plan> used = plans.all(purpose, n);
        if (accumulator != null) {
            beginSums(used);
        }
        float sum = 0;
        for (int i = 0; i < n; ) {
            Plan plan = plans.of(purpose, n - i);
            runForward(plan, inputs, i);
            plan.readOutputs(outputs, 0);
            loss.gradient(i, plan.images(), outputs, outputGradient);
            if (purpose.runsBack()) {
                plan.seed(outputGradient, 0);
                plan.runBackward();
            }
            if (inputGradient != null) {
                writeImageGradient(plan, inputGradient, i);
            }
            if (accumulator != null && plans.graph().head() != null) {
                plan.addFeatures(outputGradient, 0, featureSum);
                for (int j = 0; j < plan.images(); j++) {
                    sum += outputGradient[j];
                }
            }
            i += plan.images();
        }
        if (accumulator != null) {
            addSums(used, sum, scale, accumulator);
        }
    }

    @Override
    protected void moveRunningStatistics(INDArray parameters) {
        plans.updateRunningStatistics(parameters);
    }

    @Override
    protected void free() {
        plans.close();
    }

    @Override
    protected void prepareThread() {
        OneDnn.useOneThread();
    }

    private void runForward(Plan plan, INDArray images, int first) {
        int length = plan.images() * inputSize;
        FloatArrays.read(images, (long) first * inputSize, pixels, 0, length);
        plan.load(pixels, 0);
        plan.runForward();
    }

    private void writeImageGradient(Plan plan, INDArray result, int first) {
        for (int j = 0; j < plan.images(); j++) {
            plan.readImageGradient(j, gradient, j * inputSize);
        }
        FloatArrays.write(gradient, 0, result, (long) first * inputSize, plan.images() * inputSize);
    }

    /** Sets the sums of gradients by the parameters to zero. */
    private void beginSums(List<Plan> used) {
        used.forEach(plan -> plan.weightGradients().clear());
        if (featureSum == null) {
            featureSum = new float[used.get(0).featureLength()];
            total = new float[network().parameterCount()];
        }
        Arrays.fill(featureSum, 0);
    }

    /**
     * Adds the sums to the accumulator.
     *
     * @param factors sum of the images' factors in the sum of features
     */
    private void addSums(List<Plan> used, float factors, float scale, INDArray accumulator) {
        FloatArrays.read(accumulator, 0, total, 0, total.length);
        used.forEach(plan -> plan.weightGradients().addSumTo(total, scale));
        Head head = plans.graph().head();
        if (head != null) {
            Layout layout = used.get(0).resultLayout();
            head.addGradient(plans.parameters(), featureSum, layout, factors, scale, total);
        }
        FloatArrays.write(total, 0, accumulator, 0, total.length);
    }
}
