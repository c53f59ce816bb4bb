package io.ebmstream.ops.bench;

import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.sampler.GaussianNoise;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.sampler.LangevinStep;
import io.ebmstream.ops.sampler.UniformNoise;
import java.util.concurrent.TimeUnit;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a Langevin step costs beside the network, on one core: microseconds for one step of 64
 * chains of 3x32x32 pixels, 196,608 values.
 *
 * <pre>mvn -q -Pjmh -pl ebm-ops test-compile exec:exec -Djmh=Kernel</pre>
 *
 * <p>{@link StepBenchmark} measures the step itself.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class KernelBenchmark {
    static final int CHAINS = 64;
    private static final int SIZE = 3 * 32 * 32;

    private static final long SEED = 1;

    private final GaussianNoise gaussian = new GaussianNoise();
    private final UniformNoise uniform = new UniformNoise();
    private final LangevinStep plain = new LangevinStep(LangevinConfig.of(1e-2, 1e-4));
    private final LangevinStep clipped =
            new LangevinStep(new LangevinConfig(1e-2, 1e-4, 0.15, 1e3));
    private final float[] noise = new float[SIZE];
    private final float[] noises = new float[CHAINS * SIZE];
    private final float[] gradient = new float[CHAINS * SIZE];
    private final float[] pixels = new float[CHAINS * SIZE];
    private INDArray images;
    private long step;

    @Setup
    public void create() {
        images = Nd4j.zeros(DataType.FLOAT, CHAINS, 3, 32, 32);
        for (int i = 0; i < CHAINS; i++) {
            uniform.fill(SEED, i, 0, pixels, i * SIZE, SIZE);
            gaussian.fill(SEED, i, 0, gradient, i * SIZE, SIZE);
        }
        gaussian.fill(SEED, CHAINS, 0, noises, 0, noises.length);
        FloatArrays.write(pixels, 0, images, 0, pixels.length);
    }

    @TearDown
    public void close() {
        images.close();
    }

    /** Normal noise, as each step needs it. */
    @Benchmark
    public float[] noise() {
        step++;
        for (int i = 0; i < CHAINS; i++) {
            gaussian.fill(SEED, i, step, noise, 0, SIZE);
        }
        return noise;
    }

    /** Uniform noise, as chains need it that start from noise. */
    @Benchmark
    public float[] uniformNoise() {
        step++;
        for (int i = 0; i < CHAINS; i++) {
            uniform.fill(SEED, i, step, noise, 0, SIZE);
        }
        return noise;
    }

    /** The update without Gaussian term and norm. */
    @Benchmark
    public float[] update() {
        for (int i = 0; i < CHAINS; i++) {
            plain.apply(pixels, i * SIZE, gradient, i * SIZE, noises, i * SIZE, SIZE, false);
        }
        return pixels;
    }

    /** The update with Gaussian term, norm and guard. */
    @Benchmark
    public float[] updateWithNorm() {
        for (int i = 0; i < CHAINS; i++) {
            clipped.apply(pixels, i * SIZE, gradient, i * SIZE, noises, i * SIZE, SIZE, true);
        }
        return pixels;
    }

    /** Pixels from an off-heap array to the Java heap. */
    @Benchmark
    public float[] readPixels() {
        FloatArrays.read(images, 0, pixels, 0, pixels.length);
        return pixels;
    }

    /** Pixels from the Java heap to an off-heap array. */
    @Benchmark
    public INDArray writePixels() {
        FloatArrays.write(pixels, 0, images, 0, pixels.length);
        return images;
    }
}
