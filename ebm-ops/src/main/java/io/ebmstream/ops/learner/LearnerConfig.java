package io.ebmstream.ops.learner;

import io.ebmstream.ops.bank.ChainStart;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.sampler.LangevinConfig;

/**
 * How a model learns (ALGORITHMS sections 3 and 4). The course of learning is a function of this
 * configuration, the executor and precision, and the order of the images.
 *
 * @param network the energy U(x)
 * @param langevin step size eps, temperature T and the rest of the chains' dynamics
 * @param steps K, Langevin steps of a chain in one update, by completed updates; whole numbers of
 *     at least 1
 * @param chains makes the negative samples; {@link #LIFE_CYCLE} is the life cycle with the start,
 *     bank and rejuvenation given here
 * @param start where negative chains start
 * @param bankSize persistent chains, at least {@code batch}; ignored by starts without a bank
 * @param rejuvenation probability p that a chain of the batch restarts, by completed updates; in
 *     [0, 1]
 * @param maxChainUpdates a chain restarts when it has been through more updates; 0 for never
 * @param burnIn the second bank of long-run learning, or null for none; with a persistent start
 * @param generator what {@code coop} starts take images from, and chain rules that need one; else
 *     null
 * @param prior network of fixed weights that chains follow as well, or null for none
 * @param batch data images and chains in one update, at least 1
 * @param dataNoise s, standard deviation of the noise added to data, in pixel units of [-1, 1]; at
 *     least 0. It must be at least eps where data have flat regions, typically 2 eps
 * @param optimizer rule of the weight update at first
 * @param sgdFrom completed updates from which the rule is SGD, for convergent learning; 0 for never
 * @param learningRate rate by completed updates; above 0
 * @param emaDecay largest decay of the moving average of the weights, in [0, 1); early on it is
 *     (1+t)/(10+t). With 0 the average is the weights themselves
 * @param seed seed of every random choice of this learner
 * @param replayCapacity images in the replay buffer, at least {@code batch}
 * @param warmupImages images to have seen before the first update, at least {@code batch}
 * @param imagesPerUpdate images between two updates, at least 1
 * @param part images in one call of the executor, at least 1. It shapes the order of sums: results
 *     depend on it in the last digits
 */
public record LearnerConfig(
        Network network,
        LangevinConfig langevin,
        Schedule steps,
        ChainRule chains,
        ChainStart start,
        int bankSize,
        Schedule rejuvenation,
        int maxChainUpdates,
        BurnInConfig burnIn,
        GeneratorConfig generator,
        PriorConfig prior,
        int batch,
        double dataNoise,
        OptimizerKind optimizer,
        long sgdFrom,
        Schedule learningRate,
        double emaDecay,
        long seed,
        int replayCapacity,
        int warmupImages,
        int imagesPerUpdate,
        int part) {

    /** The life cycle's starts (arXiv 2205.12243). */
    public static final ChainRule LIFE_CYCLE = LifeCycle.RULE;

    public static final double DEFAULT_STEP_SIZE = 1e-2;
    public static final double DEFAULT_TEMPERATURE = 1e-4;
    public static final int DEFAULT_STEPS = 20;
    public static final ChainStart DEFAULT_START = ChainStart.DATA_PERSISTENT;
    public static final int DEFAULT_BANK_SIZE = 1024;
    public static final double DEFAULT_REJUVENATION = 0.05;
    public static final int DEFAULT_MAX_CHAIN_UPDATES = 0;
    public static final int DEFAULT_BATCH = 64;
    public static final double DEFAULT_DATA_NOISE = 2e-2;
    public static final OptimizerKind DEFAULT_OPTIMIZER = OptimizerKind.ADAM;
    public static final double DEFAULT_LEARNING_RATE = 1e-4;
    public static final double DEFAULT_EMA_DECAY = 0.9999;
    public static final long DEFAULT_SEED = 1;
    public static final int DEFAULT_REPLAY_CAPACITY = 4096;
    public static final int DEFAULT_WARMUP_IMAGES = 256;
    public static final int DEFAULT_IMAGES_PER_UPDATE = 16;

    /** Small enough that one step is shorter than a slice, large enough to be efficient. */
    public static final int DEFAULT_PART = 16;

    /**
     * @throws IllegalArgumentException if a value is out of range
     */
    public LearnerConfig {
        if (network == null
                || langevin == null
                || chains == null
                || start == null
                || optimizer == null) {
            throw new IllegalArgumentException(
                    "expected a network, Langevin dynamics, chains, a start of them and an"
                            + " optimizer, found none for one of them");
        }
        steps.requireCounts("Langevin steps of an update");
        require(batch >= 1, "a batch of at least 1", batch);
        require(
                !start.persistent() || bankSize >= batch,
                "a bank of at least the batch, " + batch + " chains",
                bankSize);
        for (double p : rejuvenation.steps().values()) {
            require(p >= 0 && p <= 1, "a rejuvenation probability in [0, 1]", p);
        }
        require(maxChainUpdates >= 0, "max chain updates of at least 0", maxChainUpdates);
        require(
                dataNoise >= 0 && Double.isFinite(dataNoise),
                "data noise of at least 0",
                dataNoise);
        require(sgdFrom >= 0, "SGD from an update of at least 0 (0: never)", sgdFrom);
        for (double rate : learningRate.steps().values()) {
            require(rate > 0, "learning rates above 0", rate);
        }
        require(emaDecay >= 0 && emaDecay < 1, "an EMA decay in [0, 1)", emaDecay);
        require(
                replayCapacity >= batch,
                "a replay capacity of at least the batch, " + batch,
                replayCapacity);
        require(
                warmupImages >= batch,
                "a warm-up of at least the batch, " + batch + " images",
                warmupImages);
        require(imagesPerUpdate >= 1, "at least 1 image an update", imagesPerUpdate);
        require(part >= 1, "parts of at least 1 image", part);
        if (burnIn != null) {
            require(start.persistent(), "a persistent start beside a burn-in bank", start.label());
            require(
                    burnIn.bank() >= batch,
                    "a burn-in bank of at least the batch, " + batch + " chains",
                    burnIn.bank());
        }
        requireNetworks(network, start, generator, prior);
    }

    private static void requireNetworks(
            Network network, ChainStart start, GeneratorConfig generator, PriorConfig prior) {
        require(
                generator != null || !start.fromGenerator(),
                "a generator for start " + start.label(),
                "none");
        require(
                generator == null || generator.network().output().equals(network.input()),
                "a generator of images " + network.input(),
                generator == null ? "none" : generator.network().output());
        require(
                prior == null || prior.network().input().equals(network.input()),
                "a prior network of images " + network.input(),
                prior == null ? "none" : prior.network().input());
    }

    /** A configuration of defaults for a network, to be changed value by value. */
    public static LearnerConfigBuilder builder(Network network) {
        return new LearnerConfigBuilder(network);
    }

    /** The same with another seed: a learner beside others that draws for itself. */
    public LearnerConfig withSeed(long other) {
        return new LearnerConfig(
                network,
                langevin,
                steps,
                chains,
                start,
                bankSize,
                rejuvenation,
                maxChainUpdates,
                burnIn,
                generator,
                prior,
                batch,
                dataNoise,
                optimizer,
                sgdFrom,
                learningRate,
                emaDecay,
                other,
                replayCapacity,
                warmupImages,
                imagesPerUpdate,
                part);
    }

    private static void require(boolean holds, String expected, Object found) {
        if (!holds) {
            throw new IllegalArgumentException("expected " + expected + ", found " + found);
        }
    }
}
