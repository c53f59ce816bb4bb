package io.ebmstream.ops.hat;

import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.compute.HatEnergy;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Network;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Refines samples of a generator by joint Langevin runs on latents and residual at fixed weights
 * (Hill, Nijkamp, Mitchell, Pang, Zhu 2022, arXiv 2210.16486; {@link HatDynamics}): K steps from
 * (z, x - G(z)), or from (z, 0) where only latents are given. What comes out is G(z_K) + r_K.
 *
 * <p>A sample's result depends on its chain id, latents, image, the weights of both networks, the
 * configuration and the precision, not on its batch: bit for bit the same alone, in any company,
 * and resumed from any step. Where a run begins, what it gives and its energies are float32
 * whatever the precision.
 *
 * <p>One batch at a time. Not thread-safe. Owns its plans: close it.
 */
public final class HatRefiner implements AutoCloseable {
    private final RefinerConfig config;
    private final Network network;
    private final ImageShape latents;
    private final String samplerHash;
    private final int part;
    private final HatEnergy energy;
    private final HatEnergy exact;
    private final HatLangevin langevin;
    private final INDArray parameters;
    private RefinementBatch active;
    private boolean hasModel;
    private long imageSteps;

    /**
     * Builds the plans; {@link #setModel} must follow.
     *
     * @param network the energy U
     * @param generator G, whose images U reads
     * @param executor computes; must know the precision, and float32
     * @param precision of the Langevin runs
     * @param part samples in one call of the executor, at least 1
     * @throws IllegalArgumentException if the networks do not fit
     */
    public HatRefiner(
            Network network,
            Generator generator,
            Executor executor,
            Precision precision,
            RefinerConfig config,
            int part) {
        this.network = network;
        this.latents = generator.network().input();
        this.config = config;
        this.part = part;
        samplerHash = config.hash(precision, generator.digest());
        energy = HatEnergy.compile(executor, network, generator.network(), part, precision);
        exact =
                precision == Precision.FLOAT32
                        ? energy
                        : HatEnergy.compile(
                                executor, network, generator.network(), part, Precision.FLOAT32);
        langevin = new HatLangevin(energy, config.dynamics());
        parameters = Nd4j.zeros(DataType.FLOAT, network.parameterCount());
        try (INDArray weights = Nd4j.createFromArray(generator.weights())) {
            energy.generator().setParameters(weights);
            exact.generator().setParameters(weights);
        }
    }

    /** U. */
    public Network network() {
        return network;
    }

    private void checkWeights(float[] weights) {
        if (weights.length != network.parameterCount()) {
            throw new IllegalArgumentException(
                    "expected "
                            + network.parameterCount()
                            + " weights for "
                            + network
                            + ", found "
                            + weights.length);
        }
    }

    public RefinerConfig config() {
        return config;
    }

    /** Hash of all that shapes a result beside weights, seed and sample. */
    public String samplerHash() {
        return samplerHash;
    }

    /** Samples in one call of the executor. */
    public int part() {
        return part;
    }

    /** Number of values of z. */
    public int latentSize() {
        return latents.size();
    }

    /** Joint Langevin steps times samples computed so far. */
    public long imageSteps() {
        return imageSteps;
    }

    /**
     * Takes new weights of the energy, for the batches to come.
     *
     * @param weights laid out by the network; copied
     * @throws IllegalStateException if a batch is open: it must end with the weights it began with
     */
    public void setModel(float[] weights) {
        if (active != null) {
            throw new IllegalStateException(
                    "a batch is in progress; finish and close it before the weights change");
        }
        checkWeights(weights);
        FloatArrays.write(weights, 0, parameters, 0, weights.length);
        energy.energy().setParameters(parameters);
        if (exact != energy) {
            exact.energy().setParameters(parameters);
        }
        hasModel = true;
    }

    /**
     * Opens a batch of fresh samples or of samples on their way.
     *
     * @param samples at least 1, of the networks' shapes
     * @throws IllegalStateException if there are no weights yet, or a batch is open
     */
    public RefinementBatch start(List<RefinementImage> samples) {
        if (!hasModel || active != null) {
            throw new IllegalStateException(
                    hasModel
                            ? "a batch is in progress; finish and close it first"
                            : "expected weights, found none; call setModel first");
        }
        if (samples.isEmpty()) {
            throw new IllegalArgumentException("expected at least 1 sample, found none");
        }
        active = new RefinementBatch(this, samples, latents, network.input());
        return active;
    }

    /**
     * Works on a batch for about the given time, at least one indivisible piece (a step of one part
     * or the energies of one).
     *
     * @return true when all its samples are refined
     */
    public boolean advance(RefinementBatch batch, long budgetNanos) {
        return batch.advance(budgetNanos, langevin, exact);
    }

    void count(long steps) {
        imageSteps += steps;
    }

    void ended(RefinementBatch batch) {
        if (active == batch) {
            active = null;
        }
    }

    /** Frees native memory, also that of an open batch. Closing twice is harmless. */
    @Override
    public void close() {
        if (active != null) {
            active.close();
        }
        langevin.close();
        energy.close();
        exact.close();
        if (parameters.closeable()) {
            parameters.close();
        }
    }
}
