package io.ebmstream.job.config;

import io.ebmstream.ops.bank.ChainStart;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.energy.NetworkFamily;
import io.ebmstream.ops.energy.Networks;
import io.ebmstream.ops.hat.HatRule;
import io.ebmstream.ops.learner.BurnInConfig;
import io.ebmstream.ops.learner.ChainRule;
import io.ebmstream.ops.learner.GeneratorConfig;
import io.ebmstream.ops.learner.LearnerConfig;
import io.ebmstream.ops.learner.LearnerWeights;
import io.ebmstream.ops.learner.OptimizerKind;
import io.ebmstream.ops.learner.PriorConfig;
import io.ebmstream.ops.learner.Schedule;
import io.ebmstream.ops.preset.Presets;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.weights.ModelFile;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Path;

/**
 * Maximum-likelihood learning (ALGORITHMS sections 3 and 4), as {@link LearnerConfig} has it, and
 * when versions are published.
 *
 * @param preset name of the papers' settings that the values below come from where they were not
 *     set, or none; its chains are those of the learner
 * @param start where negative chains start
 * @param batch data images, and as many chains, in one update
 * @param imagesPerUpdate new images between two updates
 * @param warmup images before the first update
 * @param replay images in the replay buffer
 * @param bank persistent chains
 * @param steps Langevin steps K of one update, a {@link Schedule} as text
 * @param rejuvenation probability that a chain of the batch restarts, a {@link Schedule} as text
 * @param maxChainUpdates updates after which a chain restarts always, 0 for never
 * @param burnIn second bank
 * @param generator what coop starts take images from
 * @param prior network of fixed weights beside the energy
 * @param stepSize Langevin step size eps, pixel units
 * @param temperature T
 * @param tau standard deviation of the Gaussian term, 0 for none
 * @param maxLangevinNorm largest displacement of one step, 0 for no limit
 * @param dataNoise standard deviation of the noise on data images, pixel units
 * @param optimizer rule of the weight update
 * @param sgdFrom updates after which the rule is SGD, 0 for never
 * @param learningRate its rate, a {@link Schedule} as text
 * @param ema decay of the moving average of the weights
 * @param part images in one call of the executor
 * @param publishEvery updates between two published versions
 * @param maxUpdates updates after which learning stops, 0 for no limit
 * @param queue images that may wait
 * @param admission spreads from the energies of known images beyond which an image is kept out of
 *     what is learned from; 0 lets all in
 * @param shards how many learners there are
 */
public record LearnerSettings(
        String preset,
        ChainStart start,
        int batch,
        int imagesPerUpdate,
        int warmup,
        int replay,
        int bank,
        String steps,
        String rejuvenation,
        int maxChainUpdates,
        BurnIn burnIn,
        Generator generator,
        Prior prior,
        double stepSize,
        double temperature,
        double tau,
        double maxLangevinNorm,
        double dataNoise,
        OptimizerKind optimizer,
        long sgdFrom,
        String learningRate,
        double ema,
        int part,
        int publishEvery,
        long maxUpdates,
        int queue,
        double admission,
        ShardSettings shards)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Dynamics of the negative chains. */
    public LangevinConfig langevin() {
        return new LangevinConfig(stepSize, temperature, tau, maxLangevinNorm);
    }

    /** Whether chains live on in a bank that the learner can show. */
    boolean chainsLast() {
        return start.persistent() && !(chains() instanceof HatRule);
    }

    private ChainRule chains() {
        return preset.equals(EbmOptions.NONE)
                ? LearnerConfig.LIFE_CYCLE
                : Presets.named(preset).chains();
    }

    /**
     * The learner's configuration.
     *
     * @param network the energy
     * @param seed seed of every random choice
     */
    public LearnerConfig toConfig(Network network, long seed) {
        ImageShape images = network.input();
        return LearnerConfig.builder(network)
                .langevin(langevin())
                .steps(Schedule.parse(steps))
                .chains(chains())
                .start(start)
                .bankSize(bank)
                .rejuvenation(Schedule.parse(rejuvenation))
                .maxChainUpdates(maxChainUpdates)
                .burnIn(burnIn.toConfig())
                .generator(generator.toConfig(images))
                .prior(prior.toConfig(images))
                .batch(batch)
                .dataNoise(dataNoise)
                .optimizer(optimizer)
                .sgdFrom(sgdFrom)
                .learningRate(Schedule.parse(learningRate))
                .emaDecay(ema)
                .seed(seed)
                .replayCapacity(replay)
                .warmupImages(warmup)
                .imagesPerUpdate(imagesPerUpdate)
                .part(part)
                .build();
    }

    /**
     * Weights of a new learner: random ones, those of the generator and the prior from their files.
     *
     * @throws IllegalStateException if a file cannot be read, or holds another network
     */
    public LearnerWeights weights(LearnerConfig config) {
        try {
            LearnerWeights weights = LearnerWeights.random(config);
            if (!generator.file().isEmpty()) {
                var found = io.ebmstream.ops.hat.Generator.read(Path.of(generator.file()));
                weights =
                        weights.withGenerator(
                                matching(
                                        EbmOptions.LEARNER_GENERATOR_FILE,
                                        config.generator() == null
                                                ? null
                                                : config.generator().network(),
                                        found.network(),
                                        found.weights()));
            }
            if (!prior.file().isEmpty()) {
                ModelFile.Part found = ModelFile.read(Path.of(prior.file())).energy();
                weights =
                        weights.withPrior(
                                matching(
                                        EbmOptions.LEARNER_PRIOR_FILE,
                                        config.prior() == null ? null : config.prior().network(),
                                        found.network(),
                                        found.weights()));
            }
            return weights;
        } catch (IOException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    private static float[] matching(
            Setting<?> setting, Network expected, Network found, float[] weights) {
        if (!found.equals(expected)) {
            throw new IllegalStateException(
                    setting.key() + ": expected weights of " + expected + ", found " + found);
        }
        return weights;
    }

    /**
     * Long-run learning's second bank.
     *
     * @param bank its chains, 0 for none
     * @param steps Langevin steps of one update, a {@link Schedule} as text
     * @param updates that a chain burns in for
     */
    public record BurnIn(int bank, String steps, int updates) implements Serializable {
        private static final long serialVersionUID = 1L;

        BurnInConfig toConfig() {
            return bank == 0 ? null : new BurnInConfig(bank, Schedule.parse(steps), updates);
        }
    }

    /**
     * A generator.
     *
     * @param network its name, or none
     * @param width 0 for its own
     * @param learns whether it learns from the chains
     * @param learningRate a {@link Schedule} as text
     * @param file where its weights are, or empty
     */
    public record Generator(
            String network, int width, boolean learns, String learningRate, String file)
            implements Serializable {
        private static final long serialVersionUID = 1L;

        GeneratorConfig toConfig(ImageShape images) {
            return network.equals(EbmOptions.NONE)
                    ? null
                    : new GeneratorConfig(
                            built(network, width, images), learns, Schedule.parse(learningRate));
        }
    }

    /**
     * A prior network.
     *
     * @param network its name, or none
     * @param width 0 for its own
     * @param temperature T0
     * @param file where its weights are, or empty
     */
    public record Prior(String network, int width, double temperature, String file)
            implements Serializable {
        private static final long serialVersionUID = 1L;

        PriorConfig toConfig(ImageShape images) {
            return network.equals(EbmOptions.NONE)
                    ? null
                    : new PriorConfig(built(network, width, images), temperature);
        }
    }

    private static Network built(String name, int width, ImageShape images) {
        NetworkFamily family = Networks.named(name);
        return width == 0 ? family.build(images) : family.build(images, width);
    }

    /** Images that make a number of updates due: warm-up, then a fixed number for each. */
    public long imagesFor(long updates) {
        return warmup + updates * imagesPerUpdate;
    }
}
