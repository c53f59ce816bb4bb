package io.ebmstream.ops.attack;

import io.ebmstream.ops.classifier.DifferentiableClassifier;
import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.WorkerPool;
import io.ebmstream.ops.defense.EotMean;
import io.ebmstream.ops.defense.EotVote;
import io.ebmstream.ops.defense.PurifierConfig;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Network;
import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The gradient through all K Langevin steps, for small K: the adjoint of a step
 *
 * <pre>v <- v - (eps^2/2T) H(x_k) v - (eps^2/2 tau^2) v,   k = K-1 .. 0</pre>
 *
 * from v = d loss / d x_K on, with the Hessian H of U applied by central differences of gradients:
 *
 * <pre>H v = |v| (grad U(x + h u) - grad U(x - h u)) / 2h',   u = sqrt(d) v / |v|,   h' = h sqrt(d)
 * </pre>
 *
 * so that a probe moves pixels by h in the root mean square (d pixels). No executor has second
 * derivatives; and those of a network of (leaky) ReLUs are 0 wherever they exist, so that there the
 * run's Jacobian is the identity times (1 - eps^2/2 tau^2)^K and a small h gives the BPDA gradient.
 * At h of about eps the differences see how the gradient bends over the reach of the noise, which
 * is what expectation over it smooths.
 *
 * <p>float32 throughout: differences of bf16 gradients are noise. Cost: three gradients a step;
 * memory: K + 1 images a chain. One caller at a time. Owns its plans: close it.
 */
public final class UnrolledGradient implements DefenseGradient, AutoCloseable {
    /** Floats of all states that are kept at a time. */
    private static final int FLOATS_AT_ONCE = 1 << 24;

    private final Network network;
    private final PurifierConfig config;
    private final DifferentiableClassifier classifier;
    private final EotMean how;
    private final WorkerPool pool;
    private final double probe;
    private final int part;
    private final int size;
    private final Worker[] workers;

    /** What one thread uses. */
    private final class Worker {
        final CompiledNetwork plan;
        final INDArray array;
        final INDArray gradient;
        final float[] plus = new float[part * size];
        final float[] minus = new float[part * size];
        final float[] direction = new float[part * size];
        final long[] steps = new long[part];
        final float[] displacement = new float[part];

        Worker(Executor executor, float[] weights) {
            plan = executor.compile(network, part, Precision.FLOAT32);
            array = zeros(part);
            gradient = zeros(part);
            try (INDArray parameters = Nd4j.createFromArray(weights)) {
                plan.setParameters(parameters);
            }
        }

        /**
         * states[k]: all chains after k steps; fills 1 to K for the chains from .. from + n - 1.
         */
        void forward(float[][] states, long[] chains, int from, int n) {
            INDArray images = FloatArrays.part(array, 0, n);
            long[] ids = Arrays.copyOfRange(chains, from, from + n);
            FloatArrays.write(states[0], from * size, array, 0, n * size);
            for (int k = 0; k < config.steps(); k++) {
                Arrays.fill(steps, k);
                plan.langevin(
                        images, config.langevin(), config.seed(), ids, steps, 1, displacement);
                FloatArrays.read(array, 0, states[k + 1], from * size, n * size);
            }
        }

        /** Takes v of the chains back from the end to the start, in place. */
        void backward(float[][] states, float[] v, int from, int n) {
            float keep = (float) (1 - config.langevin().decay());
            double factor = config.langevin().energyFactor();
            for (int k = config.steps() - 1; k >= 0; k--) {
                double[] lengths = new double[n];
                for (int j = 0; j < n; j++) {
                    lengths[j] = direction(v, (from + j) * size, j * size);
                }
                probe(states[k], from, n, 1, plus);
                probe(states[k], from, n, -1, minus);
                for (int j = 0; j < n; j++) {
                    float scale = (float) (factor * lengths[j] / (2 * probe * Math.sqrt(size)));
                    for (int p = 0; p < size; p++) {
                        int at = (from + j) * size + p;
                        float bend = plus[j * size + p] - minus[j * size + p];
                        v[at] = keep * v[at] - scale * bend;
                    }
                }
            }
        }

        /** direction = h u; returns |v|. */
        private double direction(float[] v, int at, int to) {
            double squares = 0;
            for (int p = 0; p < size; p++) {
                squares += (double) v[at + p] * v[at + p];
            }
            double length = Math.sqrt(squares);
            float factor = (float) (length == 0 ? 0 : probe * Math.sqrt(size) / length);
            for (int p = 0; p < size; p++) {
                direction[to + p] = factor * v[at + p];
            }
            return length;
        }

        private void probe(float[] state, int from, int n, int sign, float[] result) {
            for (int i = 0; i < n * size; i++) {
                result[i] = state[from * size + i] + sign * direction[i];
            }
            FloatArrays.write(result, 0, array, 0, n * size);
            plan.inputGradient(FloatArrays.part(array, 0, n), FloatArrays.part(gradient, 0, n));
            FloatArrays.read(gradient, 0, result, 0, n * size);
        }

        void close() {
            plan.close();
            array.close();
            gradient.close();
        }
    }

    /**
     * @param network gives energies
     * @param weights laid out by the network; copied
     * @param config dynamics without a limit of the displacement, whose derivative is not known
     *     here
     * @param probe h, above 0, in units of [-1, 1]
     * @param part chains in one call of the executor, at least 1
     */
    public UnrolledGradient(
            Network network,
            float[] weights,
            Executor executor,
            PurifierConfig config,
            DifferentiableClassifier classifier,
            EotMean how,
            double probe,
            int part,
            WorkerPool pool) {
        if (config.langevin().maxLangevinNorm() > 0 || !(probe > 0)) {
            throw new IllegalArgumentException(
                    "expected dynamics without a limit of the displacement and a probe above 0,"
                            + " found limit "
                            + config.langevin().maxLangevinNorm()
                            + ", probe "
                            + probe);
        }
        this.network = network;
        this.config = config;
        this.classifier = classifier;
        this.how = how;
        this.probe = probe;
        this.part = part;
        this.pool = pool;
        size = network.input().size();
        workers = new Worker[pool.workers()];
        pool.runOnEach(w -> workers[w] = new Worker(executor, weights));
    }

    @Override
    public EotVote[] of(
            float[] images, int[] labels, long[] occasions, int replicates, float[] gradient) {
        int n = occasions.length;
        EotVote[] votes = new EotVote[n];
        long each = (long) replicates * (config.steps() + 1) * size;
        int atOnce = (int) Math.max(1, FLOATS_AT_ONCE / each);
        for (int from = 0; from < n; from += atOnce) {
            some(
                    images,
                    labels,
                    occasions,
                    replicates,
                    gradient,
                    votes,
                    from,
                    Math.min(atOnce, n - from));
        }
        return votes;
    }

    private void some(
            float[] images,
            int[] labels,
            long[] occasions,
            int replicates,
            float[] gradient,
            EotVote[] votes,
            int from,
            int count) {
        int chains = count * replicates;
        float[][] states = new float[config.steps() + 1][chains * size];
        long[] ids = new long[chains];
        for (int j = 0; j < chains; j++) {
            int image = from + j / replicates;
            System.arraycopy(images, image * size, states[0], j * size, size);
            ids[j] = EotVote.chain(occasions[image], j % replicates);
        }
        inParts(chains, (worker, first, n) -> worker.forward(states, ids, first, n));
        float[] v = new float[chains * size];
        float[][] logits = new float[chains][classifier.classes()];
        float[][] gradients = new float[chains][classifier.classes()];
        try (INDArray ends = zeros(chains);
                INDArray pulled = zeros(chains)) {
            FloatArrays.write(states[config.steps()], 0, ends, 0, v.length);
            classifier.logits(ends, logits);
            for (int i = 0; i < count; i++) {
                int first = i * replicates;
                votes[from + i] = EotVote.of(logits, first, replicates, how);
                how.lossGradient(logits, first, replicates, labels[from + i], gradients);
            }
            classifier.inputGradient(ends, gradients, pulled);
            FloatArrays.read(pulled, 0, v, 0, v.length);
        }
        inParts(chains, (worker, first, n) -> worker.backward(states, v, first, n));
        BpdaGradient.sum(v, replicates, gradient, from, count, size);
    }

    /** Work on the chains from {@code first} on. */
    @FunctionalInterface
    private interface PartTask {
        void run(Worker worker, int first, int n);
    }

    private void inParts(int chains, PartTask task) {
        pool.run(
                (chains + part - 1) / part,
                (worker, index) ->
                        task.run(
                                workers[worker],
                                index * part,
                                Math.min(part, chains - index * part)));
    }

    private INDArray zeros(int n) {
        ImageShape shape = network.input();
        return Nd4j.zeros(DataType.FLOAT, n, shape.channels(), shape.height(), shape.width());
    }

    /** Frees the plans. */
    @Override
    public void close() {
        for (Worker worker : workers) {
            if (worker != null) {
                worker.close();
            }
        }
    }
}
