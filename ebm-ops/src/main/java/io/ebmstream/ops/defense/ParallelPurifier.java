package io.ebmstream.ops.defense;

import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.WorkerPool;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Network;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Purifies many chains at once on several cores, from images and to images in float32: for
 * classification by many purifications and for attacks, which move images by less than a byte. The
 * runs are those of {@link Purifier}; an end is not clipped.
 *
 * <p>A chain's end depends on its id, its image, the weights, the configuration and the precision,
 * not on the number of workers, the part or the other chains: bit for bit.
 *
 * <p>One caller at a time. Does not own the pool; owns its plans: close it.
 */
public final class ParallelPurifier implements Purification, AutoCloseable {
    private final Network network;
    private final PurifierConfig config;
    private final WorkerPool pool;
    private final int part;
    private final int size;
    private final Worker[] workers;
    private final AtomicLong imageSteps = new AtomicLong();

    /** What one thread uses. */
    private final class Worker {
        final CompiledNetwork plan;
        final INDArray array;
        final long[] firstSteps = new long[part];
        final float[] displacement = new float[part];

        Worker(Executor executor, Precision precision, float[] weights) {
            ImageShape shape = network.input();
            plan = executor.compile(network, part, precision);
            array =
                    Nd4j.zeros(
                            DataType.FLOAT, part, shape.channels(), shape.height(), shape.width());
            try (INDArray parameters = Nd4j.createFromArray(weights)) {
                plan.setParameters(parameters);
            }
        }

        void run(float[] images, int[] of, long[] chains, float[] out, int from, int n) {
            for (int j = 0; j < n; j++) {
                FloatArrays.write(images, of[from + j] * size, array, (long) j * size, size);
            }
            if (config.steps() > 0) {
                plan.langevin(
                        n == part ? array : FloatArrays.part(array, 0, n),
                        config.langevin(),
                        config.seed(),
                        Arrays.copyOfRange(chains, from, from + n),
                        firstSteps,
                        config.steps(),
                        displacement);
            }
            FloatArrays.read(array, 0, out, from * size, n * size);
            imageSteps.addAndGet((long) n * config.steps());
        }

        void close() {
            plan.close();
            if (array.closeable()) {
                array.close();
            }
        }
    }

    /**
     * @param network gives energies
     * @param precision of the Langevin runs
     * @param part chains in one call of the executor, at least 1
     * @param weights laid out by the network; copied
     */
    public ParallelPurifier(
            Network network,
            Executor executor,
            Precision precision,
            PurifierConfig config,
            int part,
            WorkerPool pool,
            float[] weights) {
        if (weights.length != network.parameterCount() || part < 1) {
            throw new IllegalArgumentException(
                    "expected "
                            + network.parameterCount()
                            + " weights for "
                            + network
                            + " and parts of at least 1, found "
                            + weights.length
                            + " weights and part "
                            + part);
        }
        this.network = network;
        this.config = config;
        this.part = part;
        this.pool = pool;
        size = network.input().size();
        workers = new Worker[pool.workers()];
        pool.runOnEach(w -> workers[w] = new Worker(executor, precision, weights));
    }

    public PurifierConfig config() {
        return config;
    }

    @Override
    public ImageShape shape() {
        return network.input();
    }

    /** Langevin steps times chains computed so far. */
    public long imageSteps() {
        return imageSteps.get();
    }

    @Override
    public void purify(float[] images, int[] of, long[] chains, float[] out) {
        int count = chains.length;
        if (of.length < count || out.length < (long) count * size) {
            throw new IllegalArgumentException(
                    "expected an image and room for each of "
                            + count
                            + " chains, found "
                            + of.length
                            + " images and room for "
                            + out.length / size);
        }
        // small last parts for even shares of the workers
        int each = Math.max(1, Math.min(part, (count + pool.workers() - 1) / pool.workers()));
        pool.run(
                (count + each - 1) / each,
                (worker, index) -> {
                    int from = index * each;
                    int n = Math.min(each, count - from);
                    workers[worker].run(images, of, chains, out, from, n);
                });
        if (!FloatArrays.within(out, count * size, Float.MAX_VALUE)) {
            throw new IllegalStateException(
                    "a chain is no longer finite; use a smaller step size or another model");
        }
    }

    /** Frees the plans. Closing twice is harmless. */
    @Override
    public void close() {
        for (Worker worker : workers) {
            if (worker != null) {
                worker.close();
            }
        }
    }
}
