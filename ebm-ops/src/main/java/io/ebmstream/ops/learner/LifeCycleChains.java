package io.ebmstream.ops.learner;

import io.ebmstream.ops.bank.Draws;
import io.ebmstream.ops.bank.PersistentBank;
import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.compute.PriorLangevin;
import io.ebmstream.ops.state.NamedState;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The life cycle's chains (arXiv 2205.12243): they start from noise, data or a generator, fresh or
 * out of a bank in which they are rejuvenated, and take K steps, under a prior network where there
 * is one. After that a generator that learns is drawn to where its chains went, and in long-run
 * learning the chains of a second bank burn in ({@link BurnInConfig}). Not thread-safe.
 */
final class LifeCycleChains implements NegativeChains {
    /** First purposes of the groups' random numbers. */
    private static final long UPDATE = -3;

    private static final long BURN_IN = -13;

    /** Purpose of a new burn-in bank's counts. */
    private static final long COUNTS = -19;

    private enum Phase {
        START,
        MOVE,
        BURN_IN_START,
        BURN_IN_MOVE,
        GENERATOR,
        DONE
    }

    private final LearnerConfig config;
    private final ChainDynamics dynamics;
    private final LearnedGenerator generator;
    private final CompiledNetwork priorPlan;
    private final PriorState prior;
    private final PriorLangevin priorLangevin;
    private final ChainGroup group;
    private final ChainGroup burnIn;
    private final INDArray latents;
    private final float[] targets;

    private ChainRound round;
    private Phase phase = Phase.DONE;
    private int rejuvenated;

    LifeCycleChains(ChainSetting setting) {
        config = setting.config();
        generator = generator(setting);
        if (config.prior() == null) {
            priorPlan = null;
            prior = null;
            priorLangevin = null;
            dynamics =
                    (images, seed, ids, first, steps, norms) ->
                            setting.energy()
                                    .langevin(
                                            images,
                                            config.langevin(),
                                            seed,
                                            ids,
                                            first,
                                            steps,
                                            norms);
        } else {
            priorPlan =
                    setting.executor()
                            .compile(config.prior().network(), config.part(), setting.precision());
            prior = new PriorState(priorPlan, setting.weights().prior());
            priorLangevin =
                    new PriorLangevin(setting.energy(), priorPlan, config.prior().temperature());
            dynamics =
                    (images, seed, ids, first, steps, norms) ->
                            priorLangevin.langevin(
                                    images, config.langevin(), seed, ids, first, steps, norms);
        }
        int capacity = config.start().persistent() ? config.bankSize() : 0;
        ReplayBuffer data = setting.data();
        group = new ChainGroup(config, data, generator, PersistentBank.NAME, capacity, UPDATE);
        burnIn =
                config.burnIn() == null
                        ? null
                        : new ChainGroup(
                                config,
                                data,
                                generator,
                                "burn-in",
                                config.burnIn().bank(),
                                BURN_IN);
        if (learns()) {
            latents = ChainGroup.zeros(config.batch(), config.generator().network().input());
            targets = new float[config.batch() * config.network().input().size()];
        } else {
            latents = null;
            targets = null;
        }
    }

    private static LearnedGenerator generator(ChainSetting setting) {
        LearnerConfig config = setting.config();
        return config.start().fromGenerator()
                ? new LearnedGenerator(
                        config.generator(),
                        setting.executor(),
                        Math.min(config.part(), config.batch()),
                        config.batch(),
                        setting.weights().generator())
                : null;
    }

    private boolean learns() {
        return generator != null && config.generator().learns();
    }

    @Override
    public void begin(ChainRound next) {
        round = next;
        rejuvenated = 0;
        group.begin(round, this::restarts);
        if (burnIn != null) {
            burnIn.begin(round, slot -> !burnIn.bank().isStarted(slot));
        }
        phase = Phase.START;
    }

    private boolean restarts(int slot) {
        PersistentBank bank = group.bank();
        boolean restarts =
                bank.restarts(
                        group.bankSeed(),
                        round.number(),
                        slot,
                        round.rejuvenation(),
                        config.maxChainUpdates());
        if (restarts && bank.isStarted(slot)) {
            rejuvenated++;
        }
        return restarts;
    }

    @Override
    public boolean advance(long nanos) {
        switch (phase) {
            case START -> then(group.start(), Phase.MOVE);
            case MOVE ->
                    then(
                            group.move(dynamics, round.steps(), nanos),
                            burnIn == null ? Phase.GENERATOR : Phase.BURN_IN_START);
            case BURN_IN_START -> then(burnIn.start(), Phase.BURN_IN_MOVE);
            case BURN_IN_MOVE ->
                    then(burnIn.move(dynamics, round.burnInSteps(), nanos), Phase.GENERATOR);
            case GENERATOR -> {
                learn();
                phase = Phase.DONE;
            }
            default -> throw new IllegalStateException("no round is in progress");
        }
        if (phase == Phase.GENERATOR && !learns()) {
            phase = Phase.DONE;
        }
        return phase == Phase.DONE;
    }

    private void then(boolean done, Phase next) {
        if (done) {
            phase = next;
        }
    }

    /** Gradient of sum |x- - G(z)|^2 / batch by the generator's weights. */
    private void learn() {
        float[] z = group.latents();
        FloatArrays.write(z, 0, latents, 0, z.length);
        int size = config.network().input().size();
        int first = 0;
        for (INDArray part : group.chains().images()) {
            int length = (int) part.length();
            FloatArrays.read(part, 0, targets, first * size, length);
            first += length / size;
        }
        generator.computeGradient(latents, targets, 1.0 / config.batch());
    }

    @Override
    public INDArray[] images() {
        return group.chains().images();
    }

    @Override
    public double displacement() {
        return group.chains().meanDisplacement();
    }

    @Override
    public boolean finite() {
        return (!learns() || generator.finite()) && (burnIn == null || burnIn.finite());
    }

    @Override
    public int rejuvenated() {
        return rejuvenated;
    }

    @Override
    public long imageSteps() {
        return group.chains().imageSteps() + (burnIn == null ? 0 : burnIn.chains().imageSteps());
    }

    @Override
    public void commit(ChainRound done) {
        PersistentBank bank = group.bank();
        for (int i = 0; bank != null && i < config.batch(); i++) {
            group.keep(i, done.steps(), group.restarted(i) ? 1 : bank.age(group.slot(i)) + 1);
        }
        for (int i = 0; burnIn != null && i < config.batch(); i++) {
            burn(i);
        }
        if (learns()) {
            generator.step(done);
        }
    }

    /** Counts one for a chain that burns in, and promotes it if that was the last. */
    private void burn(int i) {
        int slot = burnIn.slot(i);
        int count = 1 + (burnIn.restarted(i) ? firstCount(slot) : burnIn.bank().age(slot));
        burnIn.keep(i, round.burnInSteps(), count);
        if (count >= config.burnIn().updates()) {
            group.replace(i, burnIn, count);
            burnIn.bank().empty(slot);
        }
    }

    /** Where a chain begins to count: spread out in a new bank, so that promotions are, too. */
    private int firstCount(int slot) {
        return burnIn.bank().steps(slot) == 0
                ? Draws.index(round.seed(COUNTS), slot, config.burnIn().updates())
                : 0;
    }

    @Override
    public List<NamedState> state() {
        List<NamedState> parts = new ArrayList<>(group.state());
        if (burnIn != null) {
            parts.addAll(burnIn.state());
        }
        if (generator != null) {
            parts.add(generator);
        }
        if (prior != null) {
            parts.add(prior);
        }
        return parts;
    }

    @Override
    public PersistentBank bank() {
        return group.bank();
    }

    @Override
    public LearnedGenerator generator() {
        return generator;
    }

    @Override
    public float[] priorWeights() {
        return prior == null ? null : prior.weights();
    }

    @Override
    public void close() {
        group.close();
        if (burnIn != null) {
            burnIn.close();
        }
        if (generator != null) {
            generator.close();
        }
        if (prior != null) {
            prior.close();
            priorLangevin.close();
            priorPlan.close();
        }
        if (latents != null && latents.closeable()) {
            latents.close();
        }
    }
}
