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
    private final Executor executor;
    private final float[] weights;
    private final PurifierConfig config;
    private final WorkerPool pool;
    private final int part;
    private final int size;
    private final Worker[] workers;
    private final AtomicLong imageSteps = new AtomicLong();

    /** Arguments of {@link #purify}. */
    private record Call(float[] images, int[] of, long[] chains, float[] out, int[] steps) {}

    /** What one thread uses. */
    private final class Worker {
        final CompiledNetwork plan;
        private CompiledNetwork energyPlan;

        final INDArray array;
        final float[] energies = new float[part];
        final int[] indices = new int[part];
        final float[] last = new float[size];
        final long[] firstSteps = new long[part];
        final float[] displacement = new float[part];

        Worker(Precision precision) {
            ImageShape shape = network.input();
            plan = executor.compile(network, part, precision);
            array =
                    Nd4j.zeros(
                            DataType.FLOAT, part, shape.channels(), shape.height(), shape.width());
            try (INDArray parameters = Nd4j.createFromArray(weights)) {
                plan.setParameters(parameters);
            }
        }

        /** Built when it is needed: many runs never look at energies. */
        void energies(INDArray images) {
            if (energyPlan == null) {
                energyPlan = executor.compile(network, part, Precision.FLOAT32);
                try (INDArray parameters = Nd4j.createFromArray(weights)) {
                    energyPlan.setParameters(parameters);
                }
            }
            energyPlan.energies(images, energies);
        }

        /** Runs the chains from .. from + n - 1 and puts their ends and steps out. */
        void run(Call call, int from, int n) {
            long[] ids = Arrays.copyOfRange(call.chains, from, from + n);
            for (int j = 0; j < n; j++) {
                indices[j] = from + j;
                int image = call.of[from + j];
                FloatArrays.write(call.images, image * size, array, (long) j * size, size);
            }
            int running = n;
            int done = 0;
            while (running > 0 && done < config.steps()) {
                INDArray some = running == part ? array : FloatArrays.part(array, 0, running);
                int steps = config.steps() - done;
                if (config.earlyStop() != null) {
                    steps = Math.min(steps, config.earlyStop().stepsToLook(done));
                }
                Arrays.fill(firstSteps, done);
                plan.langevin(
                        some,
                        config.langevin(),
                        config.seed(),
                        ids,
                        firstSteps,
                        steps,
                        displacement);
                done += steps;
                imageSteps.addAndGet((long) running * steps);
                if (config.earlyStop() != null && done < config.steps()) {
                    running = look(call, some, ids, running, done);
                }
            }
            for (int j = 0; j < running; j++) {
                put(call, j, done);
            }
        }

        /** Puts out chains that are low enough; the last ones take their slots. */
        private int look(Call call, INDArray some, long[] ids, int running, int done) {
            energies(some);
            int left = running;
            for (int j = running - 1; j >= 0; j--) {
                double energy = energies[j] / config.energyTemperature();
                if (energy <= config.earlyStop().level()) {
                    put(call, j, done);
                    left--;
                    FloatArrays.read(array, (long) left * size, last, 0, size);
                    FloatArrays.write(last, 0, array, (long) j * size, size);
                    ids[j] = ids[left];
                    indices[j] = indices[left];
                }
            }
            return left;
        }

        private void put(Call call, int slot, int done) {
            int to = indices[slot];
            FloatArrays.read(array, (long) slot * size, call.out, to * size, size);
            if (call.steps != null) {
                call.steps[to] = done;
            }
        }

        void close() {
            plan.close();
            if (energyPlan != null) {
                energyPlan.close();
            }
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
        this.executor = executor;
        this.weights = weights.clone();
        this.config = config;
        this.part = part;
        this.pool = pool;
        size = network.input().size();
        workers = new Worker[pool.workers()];
        pool.runOnEach(w -> workers[w] = new Worker(precision));
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
    public void purify(float[] images, int[] of, long[] chains, float[] out, int[] steps) {
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
        Call call = new Call(images, of, chains, out, steps);
        pool.run(
                (count + each - 1) / each,
                (worker, index) -> {
                    int from = index * each;
                    int n = Math.min(each, count - from);
                    workers[worker].run(call, from, n);
                });
        if (!FloatArrays.within(out, count * size, Float.MAX_VALUE)) {
            throw new IllegalStateException(
                    "a chain is no longer finite; use a smaller step size or another model");
        }
    }

    /**
     * U(x)/T of images at the temperature of reported energies, in float32.
     *
     * @param images planar [n, c, h, w]
     */
    public double[] energies(float[] images) {
        int count = images.length / size;
        double[] found = new double[count];
        pool.run(
                (count + part - 1) / part,
                (worker, index) -> {
                    int from = index * part;
                    int n = Math.min(part, count - from);
                    Worker own = workers[worker];
                    FloatArrays.write(images, from * size, own.array, 0, n * size);
                    own.energies(FloatArrays.part(own.array, 0, n));
                    for (int j = 0; j < n; j++) {
                        found[from + j] = own.energies[j] / config.energyTemperature();
                    }
                });
        return found;
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
