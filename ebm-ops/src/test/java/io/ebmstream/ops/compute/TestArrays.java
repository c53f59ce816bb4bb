package io.ebmstream.ops.compute;

import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.energy.Layer;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.sampler.GaussianNoise;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Inputs and measures that executors' tests share. Arrays are the caller's to close. */
public final class TestArrays {
    /** Lifts the initial weights' spread to about He's, so that signals and gradients keep up. */
    private static final float GAIN = 2.5f;

    private static final float SPREAD = 0.3f;

    private TestArrays() {}

    /** U(x) = w . x + b: a single valid convolution to 1x1x1. */
    public static Network linear(int channels, int pixels) {
        return new Network(
                "linear",
                new ImageShape(channels, pixels, pixels),
                List.of(
                        new Network.Node(
                                "head", new Layer.Conv2d(channels, 1, pixels, 1, 0), List.of(-1))));
    }

    /**
     * What light32 never does: an image that is not square, an activation first, two in a row, a
     * convolution right after another, a stride that leaves pixels over, a padded last layer, a
     * node that nobody reads.
     */
    public static Network odd() {
        return new Network(
                "odd",
                new ImageShape(2, 9, 7),
                List.of(
                        new Network.Node("act0", new Layer.LeakyRelu(0.3), List.of(-1)),
                        new Network.Node("conv0", new Layer.Conv2d(2, 5, 3, 1, 1), List.of(0)),
                        new Network.Node("unread", new Layer.Conv2d(5, 2, 3, 1, 0), List.of(1)),
                        new Network.Node("conv1", new Layer.Conv2d(5, 3, 2, 2, 0), List.of(1)),
                        new Network.Node("act1", new Layer.LeakyRelu(0.1), List.of(3)),
                        new Network.Node("act2", new Layer.LeakyRelu(0), List.of(4)),
                        new Network.Node("head", new Layer.Conv2d(3, 1, 4, 3, 1), List.of(5))));
    }

    /**
     * Initial weights with a lively spread; batch normalisations whose scales lie around 1, shifts
     * and running means around 0, and running variances in [0.5, 1.5].
     */
    public static float[] weights(Network network, long seed) {
        float[] weights = Initializer.weights(network, seed);
        float[] normals = new float[weights.length];
        new GaussianNoise().fill(seed, 0x574C, 0, normals, 0, normals.length);
        for (Network.Parameter parameter : network.parameters()) {
            int to = parameter.offset() + parameter.size();
            for (int i = parameter.offset(); i < to; i++) {
                weights[i] =
                        switch (parameter.kind()) {
                            case WEIGHT, BIAS -> GAIN * weights[i];
                            case SCALE -> 1 + SPREAD * normals[i];
                            case SHIFT, RUNNING_MEAN -> SPREAD * normals[i];
                            case RUNNING_VARIANCE -> 1 + 0.5f * (float) Math.tanh(normals[i]);
                        };
            }
        }
        return weights;
    }

    public static INDArray vector(float... values) {
        return Nd4j.create(values, new long[] {values.length}, DataType.FLOAT);
    }

    /** Normals of standard deviation 0.5, [n, c, h, w]. */
    public static INDArray images(Network network, int n, long seed) {
        int size = network.input().size();
        float[] pixels = new float[n * size];
        GaussianNoise noise = new GaussianNoise();
        for (int i = 0; i < n; i++) {
            noise.fill(seed, i, 0, pixels, i * size, size);
        }
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] *= 0.5f;
        }
        return images(network, pixels);
    }

    /** As many images as the pixels make, [n, c, h, w]. */
    public static INDArray images(Network network, float... pixels) {
        ImageShape shape = network.input();
        long n = pixels.length / shape.size();
        return Nd4j.create(
                pixels,
                new long[] {n, shape.channels(), shape.height(), shape.width()},
                DataType.FLOAT);
    }

    /** An array like {@link #images} whose content must not matter. */
    public static INDArray blank(Network network, int n) {
        return images(network, n, 0xB1A4C);
    }

    /** The array's values on the heap. */
    public static float[] values(INDArray array) {
        float[] values = new float[(int) array.length()];
        FloatArrays.read(array, 0, values, 0, values.length);
        return values;
    }

    /** |found - expected| / |expected| in the Euclidean norm; 0 if both are 0. */
    public static double relativeError(float[] found, float[] expected) {
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < expected.length; i++) {
            difference += ((double) found[i] - expected[i]) * ((double) found[i] - expected[i]);
            norm += (double) expected[i] * expected[i];
        }
        return difference == 0 ? 0 : Math.sqrt(difference / norm);
    }
}
