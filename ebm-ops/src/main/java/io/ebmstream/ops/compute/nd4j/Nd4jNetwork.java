package io.ebmstream.ops.compute.nd4j;

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
import java.util.HashMap;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A network as {@link Plan}s for groups of images that share its weights.
 *
 * <p>A call runs group by group, so that a group's maps stay in the cache from layer to layer. In
 * training the whole call is one group. Plans are made when a group of their size comes first.
 *
 * <p>Not thread-safe.
 */
final class Nd4jNetwork extends CheckedNetwork {
    private static final Loss ENERGY =
            (first, n, outputs, gradient) -> Arrays.fill(gradient, 0, n, 1);

    private final Runnable prepareThread;
    private final GroupSizes groups;
    private final int size;
    private final int outputSize;
    private final NetworkWeights weights;
    private final Map<Integer, Plan> plans = new HashMap<>();
    private final GaussianNoise gaussian = new GaussianNoise();
    private float[] pixels = {};
    private float[] gradients = {};
    private float[] noise = {};
    private float[] outputs = {};
    private float[] outputGradients = {};

    /**
     * @param prepareThread to be run by the calling thread before anything else
     */
    Nd4jNetwork(Network network, int batch, Mode mode, Runnable prepareThread) {
        super(network, batch, Precision.FLOAT32, mode);
        this.prepareThread = prepareThread;
        size = network.input().size();
        outputSize = network.output().size();
        weights = new NetworkWeights(network, mode);
        groups = mode == Mode.INFERENCE ? GroupSizes.of(network) : null;
    }

    @Override
    protected void takeParameters(INDArray vector) {
        weights.set(vector);
    }

    @Override
    protected void forward(INDArray inputs, int n, INDArray results) {
        for (int first = 0; first < n; ) {
            Plan plan = plan(n - first);
            int count = load(plan, inputs, first, n);
            plan.forward();
            plan.output(outputs, count);
            FloatArrays.write(outputs, 0, results, (long) first * outputSize, count * outputSize);
            first += count;
        }
        found(n);
    }

    @Override
    protected void gradient(
            INDArray inputs,
            int n,
            Loss loss,
            INDArray inputGradient,
            float scale,
            INDArray accumulator) {
        gradient(inputs, n, loss, inputGradient, scale, accumulator, null);
        found(n);
    }

    @Override
    protected void moveRunningStatistics(INDArray vector) {
        weights.statistics().update(vector);
    }

    @Override
    protected void energies(INDArray images, int n, float[] energies) {
        for (int first = 0; first < n; ) {
            Plan plan = plan(n - first);
            int count = load(plan, images, first, n);
            plan.forward();
            plan.output(outputs, count);
            System.arraycopy(outputs, 0, energies, first, count);
            first += count;
        }
    }

    @Override
    protected void inputGradient(INDArray images, int n, INDArray gradient) {
        for (int first = 0; first < n; ) {
            Plan plan = plan(n - first);
            int count = load(plan, images, first, n);
            energyGradient(plan, count);
            FloatArrays.write(gradients, 0, gradient, (long) first * size, count * size);
            first += count;
        }
    }

    @Override
    protected void parameterGradient(
            INDArray images, int n, float scale, INDArray accumulator, float[] energies) {
        gradient(images, n, ENERGY, null, scale, accumulator, energies);
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
        for (int first = 0; first < n; ) {
            Plan plan = plan(n - first);
            int count = load(plan, images, first, n);
            for (int k = 0; k < steps; k++) {
                if (k > 0) {
                    plan.setInput(pixels, count);
                }
                energyGradient(plan, count);
                for (int i = 0; i < count; i++) {
                    int chain = first + i;
                    int at = i * size;
                    gaussian.fill(seed, chains[chain], firstSteps[chain] + k, noise, at, size);
                    displacement[chain] =
                            step.apply(pixels, at, gradients, at, noise, at, size, k == steps - 1);
                }
            }
            FloatArrays.write(pixels, 0, images, (long) first * size, count * size);
            first += count;
        }
    }

    @Override
    protected void free() {
        plans.values().forEach(Plan::close);
        weights.close();
    }

    /**
     * Gradient of a loss, group by group.
     *
     * @param inputGradient receives the gradients by the inputs, or null
     * @param accumulator added to, or null
     * @param energies receives the outputs of an energy network, or null
     */
    private void gradient(
            INDArray inputs,
            int n,
            Loss loss,
            INDArray inputGradient,
            float scale,
            INDArray accumulator,
            float[] energies) {
        boolean wanted = accumulator != null;
        if (wanted) {
            weights.clearGradient();
        }
        for (int first = 0; first < n; ) {
            Plan plan = plan(n - first);
            int count = load(plan, inputs, first, n);
            plan.forward();
            plan.output(outputs, count);
            if (energies != null) {
                System.arraycopy(outputs, 0, energies, first, count);
            }
            loss.gradient(first, count, outputs, outputGradients);
            plan.setOutputGradient(outputGradients, count);
            plan.backward(wanted);
            if (inputGradient != null) {
                plan.inputGradient(gradients, count);
                FloatArrays.write(gradients, 0, inputGradient, (long) first * size, count * size);
            }
            first += count;
        }
        if (wanted) {
            weights.addGradient(scale, accumulator);
        }
    }

    /** Gradient of the energies of the images that the plan holds, into {@link #gradients}. */
    private void energyGradient(Plan plan, int count) {
        plan.forwardForGradient();
        ENERGY.gradient(0, count, outputs, outputGradients);
        plan.setOutputGradient(outputGradients, count);
        plan.backward(false);
        plan.inputGradient(gradients, count);
    }

    /** The plan for the next group, of those that are left. */
    private Plan plan(int left) {
        int images = mode() == Mode.TRAINING ? left : groups.next(left);
        Plan plan = plans.get(images);
        if (plan == null) {
            if (mode() == Mode.TRAINING) {
                // Calls have one size as a rule: plans of other sizes would only hold memory.
                plans.values().forEach(Plan::close);
                plans.clear();
            }
            plan = new Plan(network(), weights.layers(), images);
            plans.put(images, plan);
            if (pixels.length < images * size) {
                pixels = new float[images * size];
                gradients = new float[images * size];
                noise = new float[images * size];
                outputs = new float[images * outputSize];
                outputGradients = new float[images * outputSize];
            }
        }
        return plan;
    }

    /** Hands the next group to a plan; how many images it has. */
    private int load(Plan plan, INDArray inputs, int first, int n) {
        int count = Math.min(plan.images(), n - first);
        FloatArrays.read(inputs, (long) first * size, pixels, 0, count * size);
        plan.setInput(pixels, count);
        return count;
    }

    private void found(int n) {
        if (mode() == Mode.TRAINING) {
            weights.statistics().found(n);
        }
    }

    @Override
    protected void checkTrainingBatch(int n) {
        weights.statistics().checkBatch(n);
    }

    @Override
    protected void prepareThread() {
        prepareThread.run();
    }
}
