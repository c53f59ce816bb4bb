package io.ebmstream.ops.guard;

import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.learner.LearnedState;
import io.ebmstream.ops.learner.LearnerConfig;
import io.ebmstream.ops.learner.LearnerWeights;
import io.ebmstream.ops.learner.MaximumLikelihoodLearner;
import io.ebmstream.ops.learner.PixelRange;
import io.ebmstream.ops.learner.ReplayBuffer;
import io.ebmstream.ops.learner.UpdateInfo;
import io.ebmstream.ops.sampler.Threefry;
import io.ebmstream.ops.state.CompositeState;
import io.ebmstream.ops.state.NamedState;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A learner between guard rails. It is used like the learner that it owns: {@link #offer} or {@link
 * #beginUpdate}, then {@link #advance}; after each update the rails look at it, and what they
 * decide is done before {@code advance} returns, {@link #actions} telling what.
 *
 * <p>It keeps up to {@link GuardConfig#points} good states in memory and in its own state, the
 * first before the first update, then one each {@link GuardConfig#pointEvery} updates while all is
 * healthy. A roll-back takes the latest back whole (weights, moments, average, bank, ages, counters
 * of updates, generator; the images seen stay) and goes on with other random numbers and half the
 * rate; where another follows before a new state was kept, an older one is taken. A kept state
 * takes as much memory as one checkpoint without the images.
 *
 * <p>Frozen after the last roll-back allowed, it takes in no image and begins no update; its
 * weights are the last good ones.
 *
 * <p>What it does is a function of its state and of the images that come, so a restored one goes on
 * bit for bit. Not thread-safe. Owns the learner: close it.
 */
public final class GuardedLearner implements AutoCloseable {
    /** Purpose of the choice of images that diversity is measured on ("div" in ASCII). */
    private static final long DIVERSITY = 0x646976L;

    private final MaximumLikelihoodLearner learner;
    private final Guard guard;
    private final GuardState kept;
    private final CompositeState state;
    private final Diversity diversity;
    private List<GuardAction> actions = List.of();
    private UpdateInfo last;

    /**
     * Puts rails around a learner between two updates. Its present state is the first to roll back
     * to.
     *
     * @param learner owned from now on
     * @param executor computes the features that diversity is measured on
     */
    public GuardedLearner(MaximumLikelihoodLearner learner, GuardConfig config, Executor executor) {
        this(learner, config, executor, Map.of());
    }

    private GuardedLearner(
            MaximumLikelihoodLearner learner,
            GuardConfig config,
            Executor executor,
            Map<String, byte[]> pieces) {
        this.learner = learner;
        LearnerConfig learning = learner.config();
        guard =
                new Guard(
                        config,
                        learning.langevin().stepSize(),
                        learning.dataNoise(),
                        learning.rejuvenation().at(0));
        kept = new GuardState(guard, config.points());
        state = new CompositeState(List.of(learner.state(), kept));
        ImageShape image = learning.network().input();
        diversity =
                learning.start().persistent() && Diversity.measures(image)
                        ? new Diversity(image, executor)
                        : null;
        guard.began(learner.updates() + learner.dropped());
        pieces.forEach(kept::restore);
        if (config.enabled() && !kept.hasPoint()) {
            keep();
        }
    }

    /**
     * One that goes on from saved state; a learner's without rails gets fresh ones.
     *
     * @param learner a fresh one, owned from now on, even if this fails
     * @param pieces every piece ever written, in its last version, by name
     * @throws IllegalArgumentException if state is damaged, missing or of another configuration
     */
    public static GuardedLearner restore(
            MaximumLikelihoodLearner learner,
            GuardConfig config,
            Executor executor,
            Map<String, byte[]> pieces) {
        try {
            Map<String, byte[]> learned = new HashMap<>();
            Map<String, byte[]> guarded = new LinkedHashMap<>();
            pieces.forEach(
                    (name, bytes) ->
                            (GuardState.isPiece(name) ? guarded : learned).put(name, bytes));
            learner.restoreState(learned);
            return new GuardedLearner(learner, config, executor, guarded);
        } catch (RuntimeException e) {
            learner.close();
            throw e;
        }
    }

    /** The learner, to be read. Its state is part of {@link #state}. */
    public MaximumLikelihoodLearner learner() {
        return learner;
    }

    /** The rails, to be read. */
    public Guard guard() {
        return guard;
    }

    /** Whether learning has stopped after too many roll-backs. */
    public boolean frozen() {
        return guard.frozen();
    }

    /**
     * Takes in an image, as the learner does; a frozen one does not look at it.
     *
     * @return true when an update is now due
     */
    public boolean offer(byte[] pixels) {
        return !frozen() && learner.offer(pixels);
    }

    /** Takes in an image without beginning an update; a frozen one does not look at it. */
    public void collect(byte[] pixels) {
        if (!frozen()) {
            learner.collect(pixels);
        }
    }

    /**
     * Goes on from what several learners have learned, as the learner does. A roll-back goes back
     * to a state of this learner, as it was kept.
     */
    public void adopt(LearnedState learned) {
        learner.adopt(learned);
    }

    /** Begins an update if one is due and learning is not frozen, as the learner does. */
    public boolean beginDue() {
        return !frozen() && learner.beginDue();
    }

    /** Gives up the update in progress, as the learner does. */
    public void giveUpUpdate() {
        learner.giveUpUpdate();
    }

    /**
     * Goes on from other weights, as the learner does. The rails forget what they saw and what they
     * kept: no later roll-back may undo this.
     *
     * @throws IllegalStateException if an update is in progress
     * @throws IllegalArgumentException if weights do not fit the networks
     */
    public void startFrom(LearnerWeights weights) {
        learner.startFrom(weights);
        actions = List.of();
        guard.forget();
        kept.forget();
        if (guard.config().enabled()) {
            keep();
        }
        kept.observed();
    }

    /**
     * Begins an update without a new image, as the learner does.
     *
     * @throws IllegalStateException if learning is frozen too
     */
    public void beginUpdate() {
        if (frozen()) {
            throw new IllegalStateException(
                    "learning is frozen after "
                            + guard.rollBacks()
                            + " roll-backs; allow more of them to let it go on");
        }
        learner.beginUpdate();
    }

    /** Whether an update is in progress. */
    public boolean updating() {
        return !frozen() && learner.updating();
    }

    /**
     * Works on the update in progress, as the learner does. When the update is complete, the rails
     * have looked at it and have acted.
     *
     * @return true when the update is complete
     */
    public boolean advance(long budgetNanos) {
        actions = List.of();
        if (!learner.advance(budgetNanos)) {
            return false;
        }
        last = learner.lastUpdate();
        if (!guard.config().enabled()) {
            guard.pass();
            kept.observed();
            return true;
        }
        actions = List.copyOf(guard.observe(observation()));
        actions.forEach(this::act);
        if (!learner.adjustments().equals(guard.adjustments())) {
            learner.adjust(guard.adjustments());
        }
        if (guard.healthy() && learner.updates() - kept.since() >= guard.config().pointEvery()) {
            keep();
        }
        kept.observed();
        return true;
    }

    /** How the last update went before the rails acted, or null before the first. */
    public UpdateInfo lastUpdate() {
        return last;
    }

    /** What the rails decided and did after the last update, in this order. */
    public List<GuardAction> actions() {
        return actions;
    }

    /** Whether the last update ended in a roll-back. */
    public boolean rolledBack() {
        return actions.stream().anyMatch(action -> action.remedy() == GuardRemedy.ROLL_BACK);
    }

    /**
     * Updates that the oldest state kept to roll back to had gone through; those done now if there
     * is none.
     */
    public long oldestKept() {
        return kept.hasPoint() ? kept.oldestUpdates() : learner.updates();
    }

    private GuardObservation observation() {
        GuardObservation seen =
                new GuardObservation(
                        last.update(),
                        last.fault(),
                        last.energyDifference(),
                        last.rho(),
                        last.energySize(),
                        last.chainsOutOfRange(),
                        last.saturatedChains(),
                        last.saturatedData(),
                        Double.NaN,
                        Double.NaN);
        if (!last.applied()
                || diversity == null
                || last.update() % guard.config().measureEvery() != 0) {
            return seen;
        }
        long key =
                Threefry.derive(Threefry.derive(learner.config().seed(), DIVERSITY), last.update());
        return seen.withDiversity(
                diversity.of(learner.sampleChains(key, Diversity.IMAGES)),
                diversity.of(learner.sampleImages(key, Diversity.IMAGES)));
    }

    private void act(GuardAction action) {
        switch (action.remedy()) {
            case ROLL_BACK -> rollBack();
            case RESTART_CHAINS -> restartChains();
            default -> {
                // adjustments are set together; the rest is nothing to be done here
            }
        }
    }

    private void rollBack() {
        learner.rollBack(kept.latestPieces());
        guard.rolledBack(kept.latestMemory());
        kept.rolledBack();
    }

    /** Those out of range, and those that are saturated beyond what data are. */
    private void restartChains() {
        double most = guard.config().saturation() * last.saturatedData() + ChainRail.SLACK;
        learner.rejuvenate(
                image ->
                        PixelRange.out(image, image.length)
                                || PixelRange.saturated(image, image.length) > most * image.length);
    }

    private void keep() {
        NamedState from = learner.state();
        Map<String, byte[]> pieces = new LinkedHashMap<>();
        for (String piece : from.pieces()) {
            if (!piece.startsWith(ReplayBuffer.NAME + "/")) {
                pieces.put(piece, from.piece(piece));
            }
        }
        kept.keep(learner.updates(), pieces);
    }

    /** Whole state by named pieces, the learner's and the rails', to be read. */
    public NamedState state() {
        return state;
    }

    /** A copy of the whole state, piece by name. */
    public Map<String, byte[]> copyState() {
        return state.copy();
    }

    @Override
    public void close() {
        learner.close();
        if (diversity != null) {
            diversity.close();
        }
    }
}
