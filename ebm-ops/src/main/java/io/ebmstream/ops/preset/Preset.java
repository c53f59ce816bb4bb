package io.ebmstream.ops.preset;

import io.ebmstream.ops.bank.ChainStart;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.energy.NetworkFamily;
import io.ebmstream.ops.energy.Networks;
import io.ebmstream.ops.learner.BurnInConfig;
import io.ebmstream.ops.learner.ChainRule;
import io.ebmstream.ops.learner.LearnerConfig;
import io.ebmstream.ops.learner.LearnerConfigBuilder;
import io.ebmstream.ops.learner.OptimizerKind;
import io.ebmstream.ops.learner.Schedule;
import io.ebmstream.ops.sampler.LangevinConfig;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A row of the papers' tables: which networks, where chains start, how they move, how the weights
 * follow. {@link Presets} has them all. A value, thread-safe.
 *
 * @param name name in configuration and reports
 * @param summary what it is for, for people
 * @param source paper, or what was chosen here
 * @param image shape of the papers' images; it may be built for others
 * @param energy family of the energy network, in {@link Networks}
 * @param generator what gives starts or is part of the chains, or null
 * @param prior network of fixed weights that chains follow as well, or null
 * @param chains makes the negative samples
 * @param start where chains start
 * @param bank persistent chains; of no use where they do not last
 * @param steps K
 * @param rejuvenation p
 * @param maxChainUpdates updates after which a chain restarts always, 0 for never
 * @param burnIn second bank, or null
 * @param langevin step size, temperature, Gaussian term, clipping
 * @param dataNoise standard deviation of the noise on data
 * @param optimizer rule of the weight update at first
 * @param sgdFrom completed updates from which it is SGD, 0 for never
 * @param learningRate its rate
 * @param emaDecay of the moving average of the weights, 0 for none
 * @param batch data images and chains of an update
 * @param updates updates that its schedules are made for; 0 where nothing changes with them
 */
public record Preset(
        String name,
        String summary,
        String source,
        ImageShape image,
        String energy,
        PresetGenerator generator,
        PresetPrior prior,
        ChainRule chains,
        ChainStart start,
        int bank,
        Schedule steps,
        Schedule rejuvenation,
        int maxChainUpdates,
        BurnInConfig burnIn,
        LangevinConfig langevin,
        double dataNoise,
        OptimizerKind optimizer,
        long sgdFrom,
        Schedule learningRate,
        double emaDecay,
        int batch,
        long updates) {
    /**
     * @throws IllegalArgumentException if there is no such energy network
     */
    public Preset {
        Networks.energyNamed(energy);
    }

    /**
     * The same with its schedules and its switch to SGD made for another number of updates, in
     * proportion.
     *
     * @param count at least 1
     */
    public Preset lasting(long count) {
        if (count < 1) {
            throw new IllegalArgumentException("expected at least 1 update, found " + count);
        }
        if (updates == 0) {
            return this;
        }
        double factor = (double) count / updates;
        return new Preset(
                name,
                summary,
                source,
                image,
                energy,
                generator,
                prior,
                chains,
                start,
                bank,
                steps.stretched(factor),
                rejuvenation.stretched(factor),
                maxChainUpdates,
                burnIn,
                langevin,
                dataNoise,
                optimizer,
                sgdFrom == 0 ? 0 : Math.max(1, Math.round(sgdFrom * factor)),
                learningRate.stretched(factor),
                emaDecay,
                batch,
                count);
    }

    /** Whether its generator is a trained network that must be given. */
    public boolean needsGenerator() {
        return generator != null && !generator.learns();
    }

    /** Whether it has a prior, a trained network that must be given. */
    public boolean needsPrior() {
        return prior != null;
    }

    /**
     * The energy network for images of a shape.
     *
     * @param width 0 for the papers'
     * @throws IllegalArgumentException if it takes no such images
     */
    public Network energyNetwork(ImageShape images, int width) {
        NetworkFamily named = Networks.energyNamed(energy);
        return named.build(images, width == 0 ? named.defaultWidth() : width);
    }

    /**
     * A learner's configuration of these values, to be changed value by value and then built, which
     * checks it. Replay buffer, warm-up, part and seed are the defaults, the first two at least a
     * batch.
     *
     * @param images shape of the images to learn from
     * @param scale how large
     * @throws IllegalArgumentException if a network of it takes or makes no such images
     */
    public LearnerConfigBuilder builder(ImageShape images, PresetScale scale) {
        return builder(energyNetwork(images, scale.width()), scale);
    }

    /**
     * The same with an energy network of the caller's, of any family.
     *
     * @param network the energy
     * @param scale how large the rest is
     */
    public LearnerConfigBuilder builder(Network network, PresetScale scale) {
        ImageShape images = network.input();
        int chosenBatch = scale.batch() == 0 ? batch : scale.batch();
        return LearnerConfig.builder(network)
                .langevin(langevin)
                .steps(scale.steps() == 0 ? steps : Schedule.constant(scale.steps()))
                .chains(chains)
                .start(start)
                .bankSize(scale.bank() == 0 ? bank : scale.bank())
                .rejuvenation(rejuvenation)
                .maxChainUpdates(maxChainUpdates)
                .burnIn(burnIn(scale))
                .generator(
                        generator == null ? null : generator.build(images, scale.generatorWidth()))
                .prior(prior == null ? null : prior.build(images, scale.priorWidth()))
                .batch(chosenBatch)
                .dataNoise(dataNoise)
                .optimizer(optimizer)
                .sgdFrom(sgdFrom)
                .learningRate(learningRate)
                .emaDecay(emaDecay)
                .replayCapacity(Math.max(LearnerConfig.DEFAULT_REPLAY_CAPACITY, chosenBatch))
                .warmupImages(Math.max(LearnerConfig.DEFAULT_WARMUP_IMAGES, chosenBatch));
    }

    private BurnInConfig burnIn(PresetScale scale) {
        return burnIn == null || scale.burnInBank() == 0
                ? burnIn
                : new BurnInConfig(scale.burnInBank(), burnIn.steps(), burnIn.updates());
    }

    /** All values by name, in the order of the papers' tables; numbers, booleans and text. */
    public Map<String, Object> values() {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("name", name);
        values.put("summary", summary);
        values.put("source", source);
        values.put("image", image.toString());
        values.put("network", energy);
        values.put("network_width", Networks.energyNamed(energy).defaultWidth());
        values.put("chains", chains.toString());
        if (chains == LearnerConfig.LIFE_CYCLE) {
            values.put("start", start.label());
            values.put("bank", start.persistent() ? bank : 0);
            values.put("rejuvenation", text(rejuvenation));
            values.put("max_chain_updates", maxChainUpdates);
        } else if (generator != null && generator.learns()) {
            values.put("bank", bank);
        }
        if (generator != null) {
            values.put("generator", generator.family());
            values.put("generator_width", generator.width());
            values.put("generator_learns", generator.learns());
            if (generator.learns()) {
                values.put("generator_learning_rate", text(generator.learningRate()));
            }
        }
        if (prior != null) {
            values.put("prior", prior.family());
            values.put("prior_temperature", prior.temperature());
        }
        values.put("steps", text(steps));
        if (burnIn != null) {
            values.put("burn_in_bank", burnIn.bank());
            values.put("burn_in_steps", text(burnIn.steps()));
            values.put("burn_in_updates", burnIn.updates());
        }
        values.put("step_size", langevin.stepSize());
        values.put("temperature", langevin.temperature());
        values.put("tau", langevin.tau());
        values.put("max_langevin_norm", langevin.maxLangevinNorm());
        values.put("data_noise", dataNoise);
        values.put("optimizer", optimizer.label());
        values.put("sgd_from", sgdFrom);
        values.put("learning_rate", text(learningRate));
        values.put("ema", emaDecay);
        values.put("batch", batch);
        values.put("updates", updates);
        return values;
    }

    /** A number where it never changes, else the schedule's text. */
    private static Object text(Schedule schedule) {
        return schedule.steps().size() == 1 ? (Object) schedule.at(0) : schedule.toString();
    }
}
