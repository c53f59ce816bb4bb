package io.ebmstream.ops.defense;

import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.compute.PlanCache;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.energy.Network;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Purifies images by Langevin runs at fixed weights (Hill, Mitchell, Zhu 2021, arXiv 2005.13525):
 *
 * <pre>x <- x - (eps^2/2) grad[ U(x)/T + |x|^2/(2 tau^2) ] + eps xi,   K times from the image</pre>
 *
 * <p>An image's result depends on its id, its pixels, the weights, the configuration and the
 * precision, not on its batch: bit for bit the same alone, in any company, and resumed from any
 * step. Energies are float32 whatever the precision.
 *
 * <p>One batch at a time. Not thread-safe. Owns its plans: close it.
 */
public final class Purifier implements AutoCloseable {
    /** Images in one call of the executor, unless said otherwise. */
    public static final int DEFAULT_PART = 16;

    private final Network network;
    private final int part;
    private final PlanCache plans;
    private final CompiledNetwork plan;
    private final CompiledNetwork energyPlan;
    private final INDArray parameters;
    private PurifierConfig config;
    private PurificationBatch active;
    private boolean hasModel;
    private long imageSteps;

    /**
     * Builds the plans; {@link #setModel} must follow.
     *
     * @param executor computes; must know the precision, and float32 for the energies
     * @param precision of the Langevin runs
     * @param part images in one call of the executor, at least 1
     */
    public Purifier(
            Network network,
            Executor executor,
            Precision precision,
            PurifierConfig config,
            int part) {
        this.network = network;
        this.config = config;
        this.part = part;
        plans = new PlanCache(executor, 2);
        plan = plans.plan(network, part, precision);
        energyPlan = plans.plan(network, part, Precision.FLOAT32);
        parameters = Nd4j.zeros(DataType.FLOAT, network.parameterCount());
    }

    public PurifierConfig config() {
        return config;
    }

    /** Images in one call of the executor. */
    public int part() {
        return part;
    }

    /** Langevin steps times images computed so far. */
    public long imageSteps() {
        return imageSteps;
    }

    /**
     * Takes new weights, for the batches to come.
     *
     * @param weights laid out by the network; copied
     * @throws IllegalStateException if a batch is open: it must end with the weights it began with
     */
    public void setModel(float[] weights) {
        checkNoBatch("the weights");
        if (weights.length != network.parameterCount()) {
            throw new IllegalArgumentException(
                    "expected "
                            + network.parameterCount()
                            + " weights for "
                            + network
                            + ", found "
                            + weights.length);
        }
        FloatArrays.write(weights, 0, parameters, 0, weights.length);
        plan.setParameters(parameters);
        if (energyPlan != plan) {
            energyPlan.setParameters(parameters);
        }
        hasModel = true;
    }

    /**
     * Takes new weights and when runs end early under them: a level of the energy belongs to one
     * set of weights.
     *
     * @param weights laid out by the network; copied
     * @param stop null for runs of K steps
     * @throws IllegalStateException if a batch is open: it must end as it began
     */
    public void setModel(float[] weights, EarlyStop stop) {
        setModel(weights);
        config = config.withEarlyStop(stop);
    }

    /**
     * Takes another K, for the batches to come.
     *
     * @throws IllegalStateException if a batch is open: it must end as it began
     * @throws IllegalArgumentException if K is below 0
     */
    public void setSteps(int k) {
        checkNoBatch("the steps");
        config = config.withSteps(k);
    }

    private void checkNoBatch(String what) {
        if (active != null) {
            throw new IllegalStateException(
                    "a batch is in progress; finish and close it before " + what + " change");
        }
    }

    /**
     * Opens a batch of fresh images or of images on their way.
     *
     * @param images at least 1, of the network's shape
     * @throws IllegalStateException if there are no weights yet, or a batch is open
     */
    public PurificationBatch start(List<PurificationImage> images) {
        if (!hasModel || active != null) {
            throw new IllegalStateException(
                    hasModel
                            ? "a batch is in progress; finish and close it first"
                            : "expected weights, found none; call setModel first");
        }
        if (images.isEmpty()) {
            throw new IllegalArgumentException("expected at least 1 image, found none");
        }
        active = new PurificationBatch(this, images, network.input());
        return active;
    }

    /**
     * Works on a batch for about the given time, at least one indivisible piece (a Langevin step or
     * the energies of one part).
     *
     * @return true when all its images are purified
     */
    public boolean advance(PurificationBatch batch, long budgetNanos) {
        return batch.advance(budgetNanos, plan, energyPlan);
    }

    void count(long steps) {
        imageSteps += steps;
    }

    void ended(PurificationBatch batch) {
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
        plans.close();
        if (parameters.closeable()) {
            parameters.close();
        }
    }
}
