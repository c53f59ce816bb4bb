package io.ebmstream.ops.bench;

import com.sun.management.ThreadMXBean;
import io.ebmstream.ops.compute.ParallelLangevin;
import io.ebmstream.ops.compute.WorkerPool;
import io.ebmstream.ops.compute.onednn.OneDnnMatmul;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.sampler.UniformNoise;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Measures whole Langevin runs: forward, input gradient, noise and update, on several workers, in
 * turns with a large matrix product on the same threads. On a shared machine trust the share, not
 * the rates.
 */
public final class LangevinBench {
    /** Rows of the matrix product: 17 GFLOP, large enough for its full rate. */
    private static final int MATMUL_SIZE = 2048;

    private static final long WARM_UP_NANOS = 1_500_000_000L;
    private static final LangevinConfig STEP = LangevinConfig.of(1e-2, 1e-4);
    private static final long SEED = 1;
    private static final int HEAP_STEPS = 4;

    private final BenchConfig config;
    private final WorkerPool pool;
    private final long[] readings;

    private LangevinBench(BenchConfig config, WorkerPool pool) {
        this.config = config;
        this.pool = pool;
        this.readings = new long[pool.workers()];
    }

    /**
     * Runs one measurement.
     *
     * @throws UnsupportedOperationException if the executor cannot run the network or the precision
     */
    public static BenchRow run(BenchConfig config) {
        try (WorkerPool pool = new WorkerPool(config.workers(), "bench")) {
            return new LangevinBench(config, pool).measure();
        }
    }

    private BenchRow measure() {
        Network network = config.network();
        int batch = config.batch();
        OneDnnMatmul[] products = new OneDnnMatmul[pool.workers()];
        try (ParallelLangevin langevin =
                        new ParallelLangevin(
                                config.executor(),
                                network,
                                config.precision(),
                                config.part(),
                                pool);
                INDArray weights = weights(network);
                INDArray images = images(network, batch)) {
            langevin.setParameters(weights);
            pool.runOnEach(w -> products[w] = new OneDnnMatmul(MATMUL_SIZE, config.precision()));
            Loop loop = new Loop(langevin, images, batch);
            int steps = warmUp(products, loop);

            List<Double> rates = new ArrayList<>();
            List<Double> limits = new ArrayList<>();
            List<Double> shares = new ArrayList<>();
            List<Double> cpuShares = new ArrayList<>();
            double flops = network.langevinStepFlops() / 1e9;
            Work before = product(products);
            long end = System.nanoTime() + (long) (config.seconds() * 1e9);
            do {
                Work run = timed((double) batch * steps * flops, () -> loop.run(steps));
                Work after = product(products);
                double limit = (before.rate() + after.rate()) / 2;
                rates.add(run.rate() / flops);
                limits.add(limit);
                shares.add(run.rate() / limit);
                cpuShares.add(run.cpuRate() * 2 / (before.cpuRate() + after.cpuRate()));
                before = after;
            } while (System.nanoTime() < end);
            double rate = median(rates);
            return new BenchRow(
                    network.name(),
                    config.executor().name(),
                    config.precision().label(),
                    batch,
                    config.part(),
                    pool.workers(),
                    rate,
                    rate * flops,
                    median(limits),
                    median(shares),
                    median(cpuShares),
                    heapBytesPerStep(loop),
                    rates.size());
        } finally {
            for (OneDnnMatmul product : products) {
                if (product != null) {
                    product.close();
                }
            }
        }
    }

    /** Compiles what is hot; returns the steps that take about as long as a product. */
    private int warmUp(OneDnnMatmul[] products, Loop loop) {
        long end = System.nanoTime() + WARM_UP_NANOS;
        double step;
        double product;
        do {
            step = timed(1, () -> loop.run(2)).seconds() / 2;
            product = product(products).seconds();
        } while (System.nanoTime() < end);
        return (int) Math.max(1, Math.ceil(product / step));
    }

    /** One product on every worker. */
    private Work product(OneDnnMatmul[] products) {
        double gflop = products[0].flops() * products.length / 1e9;
        return timed(gflop, () -> pool.runOnEach(w -> products[w].run()));
    }

    private Work timed(double gflop, Runnable work) {
        long cpu = sum(ManagementFactory.getThreadMXBean()::getCurrentThreadCpuTime);
        long start = System.nanoTime();
        work.run();
        double seconds = (System.nanoTime() - start) / 1e9;
        cpu = sum(ManagementFactory.getThreadMXBean()::getCurrentThreadCpuTime) - cpu;
        return new Work(gflop, seconds, cpu / 1e9, pool.workers());
    }

    /** What a step adds to a run: the difference of a long and a short run. */
    private double heapBytesPerStep(Loop loop) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long start = sum(threads::getCurrentThreadAllocatedBytes);
        loop.run(1);
        long middle = sum(threads::getCurrentThreadAllocatedBytes);
        loop.run(HEAP_STEPS + 1);
        long end = sum(threads::getCurrentThreadAllocatedBytes);
        // Calls differ by some bytes; less than nothing means that steps add nothing.
        return Math.max(0, (double) ((end - middle) - (middle - start)) / HEAP_STEPS);
    }

    /** Sum over the workers of what each of them reads. */
    private long sum(LongSupplier reading) {
        pool.runOnEach(w -> readings[w] = reading.getAsLong());
        return Arrays.stream(readings).sum();
    }

    private static INDArray weights(Network network) {
        float[] values = Initializer.weights(network, SEED);
        return Nd4j.create(values, new long[] {values.length}, DataType.FLOAT);
    }

    private static INDArray images(Network network, int batch) {
        int size = network.input().size();
        float[] pixels = new float[batch * size];
        UniformNoise noise = new UniformNoise();
        for (int i = 0; i < batch; i++) {
            noise.fill(SEED, i, 0, pixels, i * size, size);
        }
        long[] shape = {
            batch, network.input().channels(), network.input().height(), network.input().width()
        };
        return Nd4j.create(pixels, shape, DataType.FLOAT);
    }

    private static double median(List<Double> values) {
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /** Floating point work, and the time that the workers took for it together. */
    private record Work(double gflop, double seconds, double cpuSeconds, int workers) {
        double rate() {
            return gflop / seconds;
        }

        double cpuRate() {
            return gflop * workers / cpuSeconds;
        }
    }

    /** The chains and their counters. */
    private static final class Loop {
        private final ParallelLangevin langevin;
        private final INDArray images;
        private final long[] chains;
        private final long[] done;
        private final float[] displacement;

        Loop(ParallelLangevin langevin, INDArray images, int batch) {
            this.langevin = langevin;
            this.images = images;
            this.chains = new long[batch];
            Arrays.setAll(chains, i -> i);
            this.done = new long[batch];
            this.displacement = new float[batch];
        }

        /** Moves all chains. */
        void run(int steps) {
            langevin.langevin(images, STEP, SEED, chains, done, steps, displacement);
            Arrays.setAll(done, i -> done[i] + steps);
        }
    }
}
