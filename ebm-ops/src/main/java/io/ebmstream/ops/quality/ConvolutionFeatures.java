package io.ebmstream.ops.quality;

import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Layer;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.energy.ParameterKind;
import io.ebmstream.ops.image.Pixels;
import io.ebmstream.ops.sampler.GaussianNoise;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Features of images from a convolutional network with fixed random weights: a pure function of
 * (shape, seed, image), so that figures can be compared between machines and years without a file
 * to download. Random features see colour, edges and their arrangement, not objects: distances on
 * them order images as more or less alike in texture and layout, and are not comparable to those on
 * trained features (never call one "FID").
 *
 * <p>Network: conv3x3 c to 32, then three conv4x4/2 to 64 channels, each followed by a leaky ReLU
 * of slope 0.2; weights normal with variance 2 / fanIn (He, Zhang, Ren, Sun 2015, arXiv
 * 1502.01852), no bias. Float32.
 *
 * <p>Owns native memory. Not thread-safe.
 */
public final class ConvolutionFeatures implements AutoCloseable {
    /** Images in one call of the executor. */
    private static final int BATCH = 32;

    private static final int FIRST = 32;
    private static final int CHANNELS = 64;
    private static final int HALVINGS = 3;
    private static final double SLOPE = 0.2;

    /** Variance that a leaky layer takes from its input, by He's rule. */
    private static final double GAIN = 2;

    private final Network network;
    private final CompiledNetwork compiled;
    private final float[] pixels;

    /**
     * @param shape shape of the images; height and width at least 8
     * @param seed seed of the weights
     * @throws IllegalArgumentException if images are too small
     */
    public ConvolutionFeatures(ImageShape shape, long seed, Executor executor) {
        network = network(shape);
        pixels = new float[shape.size()];
        compiled = executor.compile(network, BATCH, Precision.FLOAT32);
        float[] values = new float[network.parameterCount()];
        GaussianNoise noise = new GaussianNoise();
        for (Network.Parameter p : network.parameters()) {
            if (p.kind() == ParameterKind.WEIGHT) {
                noise.fill(seed, p.offset(), 0, values, p.offset(), p.size());
                float scale = (float) Math.sqrt(GAIN / p.fanIn());
                for (int i = p.offset(); i < p.offset() + p.size(); i++) {
                    values[i] *= scale;
                }
            }
        }
        try (INDArray parameters =
                Nd4j.create(values, new long[] {values.length}, DataType.FLOAT)) {
            compiled.setParameters(parameters);
        }
    }

    private static Network network(ImageShape shape) {
        List<Network.Node> nodes = new ArrayList<>();
        nodes.add(
                new Network.Node(
                        "conv0",
                        new Layer.Conv2d(shape.channels(), FIRST, 3, 1, 1, false),
                        List.of(Network.IMAGE)));
        nodes.add(new Network.Node("act0", new Layer.LeakyRelu(SLOPE), List.of(0)));
        int channels = FIRST;
        for (int i = 1; i <= HALVINGS; i++) {
            Layer conv = new Layer.Conv2d(channels, CHANNELS, 4, 2, 1, false);
            nodes.add(new Network.Node("conv" + i, conv, List.of(nodes.size() - 1)));
            nodes.add(
                    new Network.Node(
                            "act" + i, new Layer.LeakyRelu(SLOPE), List.of(nodes.size() - 1)));
            channels = CHANNELS;
        }
        return new Network("features", shape, nodes);
    }

    /** Number of features of an image. */
    public int length() {
        return network.output().size();
    }

    /**
     * Features of images, in their order.
     *
     * @param images u8 planar [c, h, w]
     * @throws IllegalArgumentException if an image has another size
     */
    public float[][] of(List<byte[]> images) {
        float[][] features = new float[images.size()][length()];
        ImageShape in = network.input();
        ImageShape out = network.output();
        for (int first = 0; first < images.size(); first += BATCH) {
            int n = Math.min(BATCH, images.size() - first);
            try (INDArray inputs =
                            Nd4j.zeros(DataType.FLOAT, n, in.channels(), in.height(), in.width());
                    INDArray outputs =
                            Nd4j.zeros(
                                    DataType.FLOAT, n, out.channels(), out.height(), out.width())) {
                for (int i = 0; i < n; i++) {
                    load(images.get(first + i), inputs, i);
                }
                compiled.forward(inputs, outputs);
                for (int i = 0; i < n; i++) {
                    FloatArrays.read(
                            outputs, (long) i * length(), features[first + i], 0, length());
                }
            }
        }
        return features;
    }

    private void load(byte[] image, INDArray inputs, int slot) {
        if (image.length != pixels.length) {
            throw new IllegalArgumentException(
                    "expected images of "
                            + pixels.length
                            + " bytes ("
                            + network.input()
                            + "), found "
                            + image.length);
        }
        Pixels.toFloat(image, 0, pixels, 0, pixels.length);
        FloatArrays.write(pixels, 0, inputs, (long) slot * pixels.length, pixels.length);
    }

    @Override
    public void close() {
        compiled.close();
    }
}
