package io.ebmstream.ops.hat;

import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.image.Image;
import io.ebmstream.ops.image.ImageDataset;
import io.ebmstream.ops.image.Pixels;
import io.ebmstream.ops.sampler.GaussianNoise;
import io.ebmstream.ops.sampler.Threefry;
import java.util.Objects;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What a generator makes of z ~ N(0, I), rounded to bytes, with the latents: image i is a pure
 * function of (generator, seed, i). Made when asked for, some at a time, in float32.
 *
 * <p>Thread-safe. Owns its plan: close it.
 */
public final class GeneratedImages implements ImageDataset, AutoCloseable {
    /** Purpose of the latents' random numbers. */
    private static final long LATENTS = 0x7A30;

    private static final int BLOCK = 16;

    private final Generator generator;
    private final long seed;
    private final int count;
    private final CompiledNetwork compiled;
    private final INDArray inputs;
    private final INDArray outputs;
    private final float[] z;
    private final float[] pixels;
    private final GaussianNoise gaussian = new GaussianNoise();
    private int block = -1;

    /**
     * @param executor computes; must know float32
     * @param seed of the latents
     * @param count number of images, at least 1
     */
    public GeneratedImages(Generator generator, Executor executor, long seed, int count) {
        if (count < 1) {
            throw new IllegalArgumentException("expected at least 1 image, found " + count);
        }
        this.generator = generator;
        this.seed = Threefry.derive(seed, LATENTS);
        this.count = count;
        compiled = executor.compile(generator.network(), BLOCK, Precision.FLOAT32);
        try (INDArray weights = Nd4j.createFromArray(generator.weights())) {
            compiled.setParameters(weights);
        }
        inputs = array(generator.network().input());
        outputs = array(shape());
        z = new float[generator.latentSize()];
        pixels = new float[shape().size()];
    }

    private static INDArray array(ImageShape shape) {
        return Nd4j.zeros(DataType.FLOAT, BLOCK, shape.channels(), shape.height(), shape.width());
    }

    @Override
    public String name() {
        return generator.network().name();
    }

    @Override
    public int size() {
        return count;
    }

    @Override
    public ImageShape shape() {
        return generator.network().output();
    }

    /** Latents that image i is made of. */
    public synchronized float[] latents(int i) {
        float[] latents = new float[generator.latentSize()];
        gaussian.fill(seed, i, 0, latents, 0, latents.length);
        return latents;
    }

    @Override
    public synchronized Image image(int i) {
        Objects.checkIndex(i, count);
        if (i / BLOCK != block) {
            block = i / BLOCK;
            for (int j = 0; j < BLOCK; j++) {
                gaussian.fill(seed, (long) block * BLOCK + j, 0, z, 0, z.length);
                FloatArrays.write(z, 0, inputs, (long) j * z.length, z.length);
            }
            compiled.forward(inputs, outputs);
        }
        FloatArrays.read(outputs, (long) (i % BLOCK) * pixels.length, pixels, 0, pixels.length);
        byte[] bytes = new byte[pixels.length];
        Pixels.toBytes(pixels, 0, bytes, 0, bytes.length);
        return new Image(shape(), bytes);
    }

    /** Frees native memory. Closing twice is harmless. */
    @Override
    public void close() {
        compiled.close();
        for (INDArray array : new INDArray[] {inputs, outputs}) {
            if (array.closeable()) {
                array.close();
            }
        }
    }
}
