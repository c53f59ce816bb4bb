package io.ebmstream.ops.compute.nd4j;

import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.compute.Loss;
import io.ebmstream.ops.compute.Mode;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.energy.Layer;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.sampler.GaussianNoise;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.sampler.LangevinStep;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A network as a row of {@link Stage}s on groups of {@link #GROUP} images.
 *
 * <p>Every batch runs group by group, the last one filled up with black images. So all matrix
 * products have one shape whatever the batch, which is what keeps an image's bits independent of
 * it; and a group's buffers stay in the cache from layer to layer. Nodes that do not lead to the
 * energy are left out.
 *
 * <p>Not thread-safe.
 */
final class Nd4jNetwork implements CompiledNetwork {
    /** Images of one group. */
    static final int GROUP = 8;

    private final Network network;
    private final int batch;
    private final int size;
    private final FeatureMap image;
    private final FeatureMap imageGradient;
    private final List<Stage> stages = new ArrayList<>();
    private final float[] parameters;
    private final float[] pixels;
    private final float[] gradients;
    private final float[] noise;
    private final float[] top;
    private final GaussianNoise gaussian = new GaussianNoise();
    private boolean closed;

    Nd4jNetwork(Network network, int batch) {
        this.network = network;
        this.batch = batch;
        size = network.input().size();
        parameters = new float[network.parameterCount()];
        pixels = new float[GROUP * size];
        gradients = new float[GROUP * size];
        noise = new float[size];
        image = FeatureMap.planar(network.input(), GROUP);
        imageGradient = image.another();
        Map<String, Integer> offsets = new HashMap<>();
        network.parameters().forEach(p -> offsets.put(p.name(), p.offset()));
        FeatureMap value = image;
        FeatureMap gradient = imageGradient;
        for (int index : path(network)) {
            Network.Node node = network.nodes().get(index);
            Stage stage;
            if (node.layer() instanceof Layer.Conv2d conv) {
                int weight = offsets.get(node.name() + ".weight");
                int bias = offsets.get(node.name() + ".bias");
                stage = new ShiftConvolution(conv, GROUP, value, gradient, weight, bias);
            } else if (node.layer() instanceof Layer.LeakyRelu leaky) {
                stage = new LeakyReluStage(leaky.slope(), value, gradient);
            } else {
                throw new UnsupportedOperationException(
                        "expected conv2d and leaky_relu layers for executor nd4j, found "
                                + node.layer()
                                + " in node "
                                + node.name());
            }
            stages.add(stage);
            value = stage.value();
            gradient = stage.gradient();
        }
        top = new float[(int) value.buffer().length()];
    }

    /** The nodes from the image to the energy: every layer reads one node. */
    private static Deque<Integer> path(Network network) {
        Deque<Integer> path = new ArrayDeque<>();
        for (int i = network.nodes().size() - 1;
                i != Network.IMAGE;
                i = network.nodes().get(i).inputs().get(0)) {
            path.addFirst(i);
        }
        return path;
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
        return Precision.FLOAT32;
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
        stages.forEach(stage -> stage.setParameters(parameters));
    }

    @Override
    public void energies(INDArray images, float[] energies) {
        checkOpen();
        int n = FloatArrays.checkImages("images", images, network, batch);
        FloatArrays.checkLength("energies", energies.length, n);
        for (int first = 0; first < n; first += GROUP) {
            int count = Math.min(GROUP, n - first);
            load(images, first, count);
            forward(stages.size());
            readEnergies(energies, first, count);
        }
    }

    @Override
    public void inputGradient(INDArray images, INDArray gradient) {
        checkOpen();
        int n = FloatArrays.checkImages("images", images, network, batch);
        FloatArrays.checkSameImages("gradient", gradient, network, n);
        for (int first = 0; first < n; first += GROUP) {
            int count = Math.min(GROUP, n - first);
            load(images, first, count);
            gradient(count);
            FloatArrays.write(gradients, 0, gradient, (long) first * size, count * size);
        }
    }

    @Override
    public void parameterGradient(
            INDArray images, float scale, INDArray accumulator, float[] energies) {
        checkOpen();
        int n = FloatArrays.checkImages("images", images, network, batch);
        FloatArrays.checkParameters("accumulator", accumulator, network);
        FloatArrays.checkLength("energies", energies.length, n);
        stages.forEach(Stage::clearParameterGradient);
        for (int first = 0; first < n; first += GROUP) {
            int count = Math.min(GROUP, n - first);
            load(images, first, count);
            forward(stages.size());
            readEnergies(energies, first, count);
            seed(scale, count);
            for (int s = stages.size() - 1; s >= 0; s--) {
                stages.get(s).sumParameterGradient();
                if (s > 0) {
                    stages.get(s).backward();
                }
            }
        }
        FloatArrays.read(accumulator, 0, parameters, 0, parameters.length);
        stages.forEach(stage -> stage.addParameterGradient(parameters));
        FloatArrays.write(parameters, 0, accumulator, 0, parameters.length);
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
        LangevinStep step = new LangevinStep(config);
        for (int first = 0; first < n; first += GROUP) {
            int count = Math.min(GROUP, n - first);
            load(images, first, count);
            for (int k = 0; k < steps; k++) {
                gradient(count);
                for (int i = 0; i < count; i++) {
                    int chain = first + i;
                    gaussian.fill(seed, chains[chain], firstSteps[chain] + k, noise, 0, size);
                    displacement[chain] =
                            step.apply(
                                    pixels,
                                    i * size,
                                    gradients,
                                    i * size,
                                    noise,
                                    0,
                                    size,
                                    k == steps - 1);
                }
                FloatArrays.write(pixels, 0, image.buffer(), 0, pixels.length);
            }
            FloatArrays.write(pixels, 0, images, (long) first * size, count * size);
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            stages.forEach(Stage::close);
            image.buffer().close();
            imageGradient.buffer().close();
        }
    }

    private void load(INDArray images, int first, int count) {
        FloatArrays.read(images, (long) first * size, pixels, 0, count * size);
        Arrays.fill(pixels, count * size, pixels.length, 0);
        FloatArrays.write(pixels, 0, image.buffer(), 0, pixels.length);
    }

    private void forward(int count) {
        for (int s = 0; s < count; s++) {
            stages.get(s).forward();
        }
    }

    /** Input gradient of the images that lie in {@link #image}, into {@link #gradients}. */
    private void gradient(int count) {
        // A last convolution's result is the energy: its gradient does not depend on it.
        boolean linearTop = stages.get(stages.size() - 1) instanceof ShiftConvolution;
        forward(linearTop ? stages.size() - 1 : stages.size());
        seed(1, count);
        for (int s = stages.size() - 1; s >= 0; s--) {
            stages.get(s).backward();
        }
        FloatArrays.read(imageGradient.buffer(), 0, gradients, 0, gradients.length);
    }

    /** Sets the gradient of the energies by themselves; 0 for the images that fill up. */
    private void seed(float value, int count) {
        FeatureMap last = stages.get(stages.size() - 1).gradient();
        Arrays.fill(top, 0);
        for (int i = 0; i < count; i++) {
            top[(int) (i * last.imageStride())] = value;
        }
        FloatArrays.write(top, 0, last.buffer(), 0, top.length);
    }

    private void readEnergies(float[] energies, int first, int count) {
        FeatureMap last = stages.get(stages.size() - 1).value();
        FloatArrays.read(last.buffer(), 0, top, 0, top.length);
        for (int i = 0; i < count; i++) {
            energies[first + i] = top[(int) (i * last.imageStride())];
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the compiled network " + network + " is closed");
        }
    }
}
