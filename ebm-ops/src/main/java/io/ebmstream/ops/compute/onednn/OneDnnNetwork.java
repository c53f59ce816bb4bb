package io.ebmstream.ops.compute.onednn;

import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.compute.Loss;
import io.ebmstream.ops.compute.Mode;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.sampler.GaussianNoise;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.sampler.LangevinStep;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.PointerScope;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A network as oneDNN plans: one for blocks of a few images and one for single images, so that any
 * number of images runs without padding. A block's chains make all their steps before the next
 * block begins: its activations stay in the cache.
 *
 * <p>Runs on the calling thread, with one OpenMP thread; that setting stays with the thread. Not
 * thread-safe.
 */
final class OneDnnNetwork implements CompiledNetwork {
    private final Network network;
    private final int batch;
    private final Precision precision;
    private final List<Stage> stages;
    private final PointerScope scope;
    private final stream stream;
    private final NetworkWeights weights;
    private final BlockPlan block;
    private final BlockPlan single;

    private final int size;
    private final float[] pixels;
    private final float[] gradient;
    private final float[] noise;
    private final float[] parameters;
    private final GaussianNoise gaussian = new GaussianNoise();

    private WeightGradients blockGradients;
    private WeightGradients singleGradients;
    private PointerScope gradientScope;
    private float[] featureSum;
    private float[] total;
    private boolean closed;

    /**
     * @param blockSize images of a block, at least 1
     * @param wanted layout of the activations, or null for the best one here
     */
    OneDnnNetwork(Network network, int batch, Precision precision, int blockSize, Layout wanted) {
        this.network = network;
        this.batch = batch;
        this.precision = precision;
        this.stages = Stage.of(network);
        this.size = network.input().size();
        int images = batch < blockSize ? 1 : blockSize;
        pixels = new float[images * size];
        gradient = new float[images * size];
        noise = new float[size];
        parameters = new float[network.parameterCount()];
        OneDnn.useOneThread();
        scope = new PointerScope();
        boolean built = false;
        try {
            stream = new stream(OneDnn.engine());
            weights = new NetworkWeights(stages, stream);
            Descriptors descriptors =
                    new Descriptors(
                            precision == Precision.FLOAT32
                                    ? memory.data_type.f32
                                    : memory.data_type.bf16);
            Layout layout = wanted == null ? LayoutChoice.of(stages, descriptors) : wanted;
            single = new BlockPlan(1, stages, weights, descriptors, layout, stream);
            BlockPlan blocked =
                    images == 1
                            ? single
                            : new BlockPlan(images, stages, weights, descriptors, layout, stream);
            block = givesSameBits(blocked) ? blocked : single;
            weights.load(parameters);
            built = true;
        } finally {
            if (built) {
                scope.extend();
            }
            scope.close();
        }
    }

    @Override
    public Network network() {
        return network;
    }

    @Override
    public int batch() {
        return batch;
    }

    @Override
    public Precision precision() {
        return precision;
    }

    @Override
    public Mode mode() {
        return Mode.INFERENCE;
    }

    @Override
    public void forward(INDArray inputs, INDArray outputs) {
        throw new UnsupportedOperationException("forward of " + network);
    }

    @Override
    public void gradient(
            INDArray inputs, Loss loss, INDArray inputGradient, float scale, INDArray accumulator) {
        throw new UnsupportedOperationException("gradient of " + network);
    }

    @Override
    public void updateRunningStatistics(INDArray vector) {
        throw new IllegalStateException(
                "expected a network compiled for training, found " + network);
    }

    @Override
    public void setParameters(INDArray vector) {
        checkOpen();
        FloatArrays.checkParameters("parameters", vector, network);
        FloatArrays.read(vector, 0, parameters, 0, parameters.length);
        OneDnn.useOneThread();
        weights.load(parameters);
    }

    @Override
    public void energies(INDArray images, float[] energies) {
        checkOpen();
        int n = FloatArrays.checkImages("images", images, network, batch);
        FloatArrays.checkLength("energies", energies.length, n);
        OneDnn.useOneThread();
        for (int i = 0; i < n; ) {
            BlockPlan plan = planFor(n - i);
            load(plan, images, i);
            plan.runForward();
            plan.readEnergies(energies, i);
            i += plan.images();
        }
    }

    @Override
    public void inputGradient(INDArray images, INDArray result) {
        checkOpen();
        int n = FloatArrays.checkImages("images", images, network, batch);
        FloatArrays.checkSameImages("gradient", result, network, n);
        OneDnn.useOneThread();
        for (int i = 0; i < n; ) {
            BlockPlan plan = planFor(n - i);
            load(plan, images, i);
            runGradient(plan);
            for (int j = 0; j < plan.images(); j++) {
                plan.readImageGradient(j, gradient, j * size);
            }
            FloatArrays.write(gradient, 0, result, (long) i * size, plan.images() * size);
            i += plan.images();
        }
    }

    @Override
    public void parameterGradient(
            INDArray images, float scale, INDArray accumulator, float[] energies) {
        checkOpen();
        int n = FloatArrays.checkImages("images", images, network, batch);
        FloatArrays.checkParameters("accumulator", accumulator, network);
        FloatArrays.checkLength("energies", energies.length, n);
        OneDnn.useOneThread();
        prepareWeightGradients();
        blockGradients.clear();
        singleGradients.clear();
        Arrays.fill(featureSum, 0);
        for (int i = 0; i < n; ) {
            BlockPlan plan = planFor(n - i);
            load(plan, images, i);
            plan.runForward();
            plan.readEnergies(energies, i);
            plan.addFeatures(featureSum);
            plan.runBackward();
            (plan == block ? blockGradients : singleGradients).addBlock();
            i += plan.images();
        }
        FloatArrays.read(accumulator, 0, total, 0, total.length);
        blockGradients.addSumTo(total, scale);
        if (singleGradients != blockGradients) {
            singleGradients.addSumTo(total, scale);
        }
        addHeadGradient(scale, n);
        FloatArrays.write(total, 0, accumulator, 0, total.length);
    }

    @Override
    public void langevin(
            INDArray images,
            LangevinConfig config,
            long seed,
            long[] chains,
            long[] firstSteps,
            int steps,
            float[] displacement) {
        checkOpen();
        int n = FloatArrays.checkImages("images", images, network, batch);
        FloatArrays.checkLangevin(n, chains, firstSteps, steps, displacement);
        OneDnn.useOneThread();
        LangevinStep step = new LangevinStep(config);
        for (int i = 0; i < n; ) {
            BlockPlan plan = planFor(n - i);
            int length = plan.images() * size;
            FloatArrays.read(images, (long) i * size, pixels, 0, length);
            for (int k = 0; k < steps; k++) {
                plan.load(pixels, 0);
                runGradient(plan);
                for (int j = 0; j < plan.images(); j++) {
                    plan.readImageGradient(j, gradient, 0);
                    gaussian.fill(seed, chains[i + j], firstSteps[i + j] + k, noise, 0, size);
                    displacement[i + j] =
                            step.apply(
                                    pixels, j * size, gradient, 0, noise, 0, size, k == steps - 1);
                }
            }
            FloatArrays.write(pixels, 0, images, (long) i * size, length);
            i += plan.images();
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            if (gradientScope != null) {
                gradientScope.close();
            }
            scope.close();
        }
    }

    private BlockPlan planFor(int left) {
        return left >= block.images() ? block : single;
    }

    private void load(BlockPlan plan, INDArray images, int first) {
        FloatArrays.read(images, (long) first * size, pixels, 0, plan.images() * size);
        plan.load(pixels, 0);
    }

    private static void runGradient(BlockPlan plan) {
        plan.runForward();
        plan.runBackward();
        plan.runImageGradient();
    }

    /**
     * Whether a block gives each image the bits that it gets alone. oneDNN promises nothing, and
     * for very narrow layers it cuts its sums by the number of images; then all images run alone.
     * Tried with random weights and images.
     */
    private boolean givesSameBits(BlockPlan blocked) {
        if (blocked == single) {
            return true;
        }
        float[] probe = new float[parameters.length];
        for (Network.Parameter p : network.parameters()) {
            gaussian.fill(1, p.offset(), 0, probe, p.offset(), p.size());
            for (int i = 0; i < p.size(); i++) {
                probe[p.offset() + i] /= (float) Math.sqrt(p.fanIn());
            }
        }
        weights.load(probe);
        int images = blocked.images();
        float[] energies = new float[images];
        float[] alone = new float[images + size];
        gaussian.fill(2, 0, 0, pixels, 0, pixels.length);
        blocked.load(pixels, 0);
        runGradient(blocked);
        blocked.readEnergies(energies, 0);
        boolean same = true;
        for (int i = 0; i < images && same; i++) {
            single.load(pixels, i * size);
            runGradient(single);
            single.readEnergies(alone, size);
            single.readImageGradient(0, alone, 0);
            blocked.readImageGradient(i, gradient, 0);
            same = alone[size] == energies[i] && Arrays.equals(alone, 0, size, gradient, 0, size);
        }
        return same;
    }

    /** Built at the first use: a purifier never needs them. */
    private void prepareWeightGradients() {
        if (blockGradients != null) {
            return;
        }
        PointerScope opened = new PointerScope();
        boolean built = false;
        try {
            blockGradients = new WeightGradients(block, stages, stream);
            singleGradients =
                    block == single ? blockGradients : new WeightGradients(single, stages, stream);
            featureSum = new float[single.featureLength()];
            total = new float[network.parameterCount()];
            gradientScope = opened;
            built = true;
        } finally {
            if (built) {
                opened.extend();
            } else {
                blockGradients = null;
            }
            opened.close();
        }
    }

    /** The head's weights see the sum of what the head read. */
    private void addHeadGradient(float scale, int n) {
        Stage head = stages.get(stages.size() - 1);
        ImageShape shape = head.input();
        Layout layout = single.featureLayout();
        for (int c = 0; c < shape.channels(); c++) {
            for (int y = 0; y < shape.height(); y++) {
                for (int x = 0; x < shape.width(); x++) {
                    int weight = NetworkWeights.headWeight(head.conv(), c, y, x);
                    if (weight >= 0) {
                        float sum = featureSum[layout.index(shape, c, y, x)];
                        total[head.weights() + weight] += scale * sum;
                    }
                }
            }
        }
        total[head.bias()] += scale * n;
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the compiled network " + network + " is closed");
        }
    }
}
