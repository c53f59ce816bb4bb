package io.ebmstream.ops.learner;

import io.ebmstream.ops.bank.ChainStart;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.sampler.LangevinConfig;

/**
 * Makes a {@link LearnerConfig} from its defaults. Setters are named like the record's components
 * and return this builder. Not thread-safe.
 */
public final class LearnerConfigBuilder {
    private final Network network;
    private LangevinConfig langevin =
            LangevinConfig.of(LearnerConfig.DEFAULT_STEP_SIZE, LearnerConfig.DEFAULT_TEMPERATURE);
    private Schedule steps = Schedule.constant(LearnerConfig.DEFAULT_STEPS);
    private ChainRule chains = LearnerConfig.LIFE_CYCLE;
    private ChainStart start = LearnerConfig.DEFAULT_START;
    private int bankSize = LearnerConfig.DEFAULT_BANK_SIZE;
    private Schedule rejuvenation = Schedule.constant(LearnerConfig.DEFAULT_REJUVENATION);
    private int maxChainUpdates = LearnerConfig.DEFAULT_MAX_CHAIN_UPDATES;
    private BurnInConfig burnIn;
    private GeneratorConfig generator;
    private PriorConfig prior;
    private int batch = LearnerConfig.DEFAULT_BATCH;
    private double dataNoise = LearnerConfig.DEFAULT_DATA_NOISE;
    private OptimizerKind optimizer = LearnerConfig.DEFAULT_OPTIMIZER;
    private long sgdFrom;
    private Schedule learningRate = Schedule.constant(LearnerConfig.DEFAULT_LEARNING_RATE);
    private double emaDecay = LearnerConfig.DEFAULT_EMA_DECAY;
    private long seed = LearnerConfig.DEFAULT_SEED;
    private int replayCapacity = LearnerConfig.DEFAULT_REPLAY_CAPACITY;
    private int warmupImages = LearnerConfig.DEFAULT_WARMUP_IMAGES;
    private int imagesPerUpdate = LearnerConfig.DEFAULT_IMAGES_PER_UPDATE;
    private int part = LearnerConfig.DEFAULT_PART;

    LearnerConfigBuilder(Network network) {
        this.network = network;
    }

    public LearnerConfigBuilder langevin(LangevinConfig value) {
        langevin = value;
        return this;
    }

    public LearnerConfigBuilder steps(int value) {
        return steps(Schedule.constant(value));
    }

    public LearnerConfigBuilder steps(Schedule value) {
        steps = value;
        return this;
    }

    public LearnerConfigBuilder chains(ChainRule value) {
        chains = value;
        return this;
    }

    public LearnerConfigBuilder start(ChainStart value) {
        start = value;
        return this;
    }

    public LearnerConfigBuilder bankSize(int value) {
        bankSize = value;
        return this;
    }

    public LearnerConfigBuilder rejuvenation(double value) {
        return rejuvenation(Schedule.constant(value));
    }

    public LearnerConfigBuilder rejuvenation(Schedule value) {
        rejuvenation = value;
        return this;
    }

    public LearnerConfigBuilder maxChainUpdates(int value) {
        maxChainUpdates = value;
        return this;
    }

    /** Null for none, as for the networks below. */
    public LearnerConfigBuilder burnIn(BurnInConfig value) {
        burnIn = value;
        return this;
    }

    public LearnerConfigBuilder generator(GeneratorConfig value) {
        generator = value;
        return this;
    }

    public LearnerConfigBuilder prior(PriorConfig value) {
        prior = value;
        return this;
    }

    public LearnerConfigBuilder batch(int value) {
        batch = value;
        return this;
    }

    public LearnerConfigBuilder dataNoise(double value) {
        dataNoise = value;
        return this;
    }

    public LearnerConfigBuilder optimizer(OptimizerKind value) {
        optimizer = value;
        return this;
    }

    public LearnerConfigBuilder sgdFrom(long value) {
        sgdFrom = value;
        return this;
    }

    public LearnerConfigBuilder learningRate(Schedule value) {
        learningRate = value;
        return this;
    }

    public LearnerConfigBuilder emaDecay(double value) {
        emaDecay = value;
        return this;
    }

    public LearnerConfigBuilder seed(long value) {
        seed = value;
        return this;
    }

    public LearnerConfigBuilder replayCapacity(int value) {
        replayCapacity = value;
        return this;
    }

    public LearnerConfigBuilder warmupImages(int value) {
        warmupImages = value;
        return this;
    }

    public LearnerConfigBuilder imagesPerUpdate(int value) {
        imagesPerUpdate = value;
        return this;
    }

    public LearnerConfigBuilder part(int value) {
        part = value;
        return this;
    }

    /**
     * @throws IllegalArgumentException if a value is out of range
     */
    public LearnerConfig build() {
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
                seed,
                replayCapacity,
                warmupImages,
                imagesPerUpdate,
                part);
    }
}
