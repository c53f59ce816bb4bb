package io.ebmstream.ops.compute;

import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.sampler.LangevinConfig;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Langevin runs on several cores: every worker has its own compiled network, and a batch is cut
 * into parts of a fixed size that any worker may take. An image's chain does not depend on its
 * part, so results do not depend on the number of workers or on who ran what.
 *
 * <p>One caller at a time. Owns its compiled networks, not the pool.
 */
public final class ParallelLangevin implements AutoCloseable {
    private final Network network;
    private final WorkerPool pool;
    private final int part;
    private final CompiledNetwork[] compiled;

    /**
     * @param part images that a worker takes at once, at least 1
     * @throws UnsupportedOperationException if the executor cannot run the network
     */
    public ParallelLangevin(
            Executor executor, Network network, Precision precision, int part, WorkerPool pool) {
        this.network = network;
        this.pool = pool;
        this.part = part;
        this.compiled = new CompiledNetwork[pool.workers()];
        try {
            pool.runOnEach(w -> compiled[w] = executor.compile(network, part, precision));
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /** Images that a worker takes at once. */
    public int part() {
        return part;
    }

    /** As {@link CompiledNetwork#setParameters}. */
    public void setParameters(INDArray parameters) {
        pool.runOnEach(w -> compiled[w].setParameters(parameters));
    }

    /** As {@link CompiledNetwork#energies}, for any number of images. */
    public void energies(INDArray images, float[] energies) {
        int n = FloatArrays.checkImages("images", images, network, Integer.MAX_VALUE);
        FloatArrays.checkLength("energies", energies.length, n);
        pool.run(
                parts(n),
                (worker, index) -> {
                    int from = index * part;
                    int to = Math.min(n, from + part);
                    float[] some = new float[to - from];
                    compiled[worker].energies(cut(images, from, to), some);
                    System.arraycopy(some, 0, energies, from, some.length);
                });
    }

    /** As {@link CompiledNetwork#langevin}, for any number of images. */
    public void langevin(
            INDArray images,
            LangevinConfig config,
            long seed,
            long[] chains,
            long[] firstSteps,
            int steps,
            float[] displacement) {
        int n = FloatArrays.checkImages("images", images, network, Integer.MAX_VALUE);
        FloatArrays.checkLangevin(n, chains, firstSteps, steps, displacement);
        pool.run(
                parts(n),
                (worker, index) -> {
                    int from = index * part;
                    int to = Math.min(n, from + part);
                    float[] norms = new float[to - from];
                    compiled[worker].langevin(
                            cut(images, from, to),
                            config,
                            seed,
                            Arrays.copyOfRange(chains, from, to),
                            Arrays.copyOfRange(firstSteps, from, to),
                            steps,
                            norms);
                    System.arraycopy(norms, 0, displacement, from, norms.length);
                });
    }

    /** Frees the compiled networks. */
    @Override
    public void close() {
        for (CompiledNetwork network : compiled) {
            if (network != null) {
                network.close();
            }
        }
    }

    private int parts(int n) {
        return (n + part - 1) / part;
    }

    private static INDArray cut(INDArray images, int from, int to) {
        return images.get(NDArrayIndex.interval(from, to));
    }
}
