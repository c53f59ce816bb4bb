package io.ebmstream.ops.bench;

import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.onednn.OneDnnExecutor;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Light32;
import io.ebmstream.ops.energy.Network;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A whole Langevin step of light32 (n = 32) on 64 chains of 3x32x32 pixels by {@code onednn} on one
 * core, in microseconds: the kernels of {@link KernelBenchmark} are set beside it. Which share of a
 * step the noise takes:
 *
 * <pre>mvn -q -Pjmh -pl ebm-ops test-compile exec:exec -Djmh='(Step|Kernel)Benchmark.(step|noise)'
 * </pre>
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class StepBenchmark {
    private static final Network NETWORK =
            Light32.of(new ImageShape(3, 32, 32), Light32.DEFAULT_WIDTH);

    @Param({"FLOAT32", "BFLOAT16"})
    public Precision precision;

    private final float[] displacement = new float[KernelBenchmark.CHAINS];
    private final long[] chains = new long[KernelBenchmark.CHAINS];
    private final long[] done = new long[KernelBenchmark.CHAINS];
    private CompiledNetwork compiled;
    private INDArray images;

    @Setup
    public void create() {
        int n = KernelBenchmark.CHAINS;
        compiled = new OneDnnExecutor().compile(NETWORK, n, precision);
        try (INDArray weights = BenchData.vector(BenchData.weights(NETWORK))) {
            compiled.setParameters(weights);
        }
        images = BenchData.images(BenchData.pixels(NETWORK, n), NETWORK.input(), 0, n);
        Arrays.setAll(chains, i -> i);
    }

    @TearDown
    public void close() {
        compiled.close();
        images.close();
    }

    /** Forward, input gradient, noise and update. */
    @Benchmark
    public float[] step() {
        compiled.langevin(images, BenchData.STEP, BenchData.SEED, chains, done, 1, displacement);
        Arrays.setAll(done, i -> done[i] + 1);
        return displacement;
    }
}
