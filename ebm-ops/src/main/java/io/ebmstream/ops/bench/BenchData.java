package io.ebmstream.ops.bench;

import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.sampler.UniformNoise;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Weights and images that everyone gets alike. */
final class BenchData {
    static final LangevinConfig STEP = LangevinConfig.of(1e-2, 1e-4);
    static final long SEED = 1;

    private BenchData() {}

    static float[] weights(Network network) {
        return Initializer.weights(network, SEED);
    }

    /** Uniform noise. */
    static float[] pixels(Network network, int images) {
        int size = network.input().size();
        float[] pixels = new float[images * size];
        UniformNoise noise = new UniformNoise();
        for (int i = 0; i < images; i++) {
            noise.fill(SEED, i, 0, pixels, i * size, size);
        }
        return pixels;
    }

    /** The images [from, to) of {@link #pixels} as an array of their own. */
    static INDArray images(float[] pixels, ImageShape shape, int from, int to) {
        float[] some = new float[(to - from) * shape.size()];
        System.arraycopy(pixels, from * shape.size(), some, 0, some.length);
        return Nd4j.create(
                some,
                new long[] {to - from, shape.channels(), shape.height(), shape.width()},
                DataType.FLOAT);
    }

    static INDArray vector(float[] values) {
        return Nd4j.create(values, new long[] {values.length}, DataType.FLOAT);
    }
}
