package io.ebmstream.ops.guard;

import io.ebmstream.ops.learner.LearnerAdjustments;
import io.ebmstream.ops.state.StateKind;
import io.ebmstream.ops.state.StateReader;
import io.ebmstream.ops.state.StateWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * The guard rails of learning (ALGORITHMS section 3) as a state machine on plain numbers: {@link
 * #observe} takes in how an update went and answers with what is to be done; {@link #adjustments}
 * says under which changes of the configuration the next update runs. What it answers is a function
 * of the observations and the configuration only.
 *
 * <p>State has two parts: the memory of recent updates, which goes back in a roll-back with the
 * learner ({@link #memory}, {@link #rolledBack}), and what outlasts roll-backs: their number and
 * what was learned about the data, such as a lower rate.
 *
 * <p>Not thread-safe.
 */
public final class Guard {
    /** Updates in a row with something not finite that call for a roll-back. */
    private static final int FAULTS = 2;

    /** The rate falls by this with data noise raised, and with each roll-back. */
    private static final double LOWER = 0.5;

    private static final double EASED_RATE = 0.5;
    private static final double EASED_STEPS = 2;

    /** Data noise is raised to these multiples of eps, one after the other. */
    private static final double[] NOISE = {2, 3};

    /** Rejuvenation is raised to at least this at first, then by this factor each time. */
    private static final double FRESH = 0.05;

    private static final double FRESHER = 2;

    private final GuardConfig config;
    private final double stepSize;
    private final double dataNoise;
    private final double rejuvenation;

    // goes back in a roll-back
    private final UpdateWindow differences;
    private final DifferenceRail difference;
    private final SizeRail size;
    private final OscillationRail oscillation;
    private final ChainRail chains;
    private long observed;

    // outlasts a roll-back
    private int faults;
    private long dropped;
    private long attempts;
    private int rollBacks;
    private double rate = 1;
    private double leastNoise;
    private double leastRejuvenation;
    private boolean easing;

    /**
     * A guard that has seen nothing.
     *
     * @param stepSize eps of the learner's chains, pixel units, above 0
     * @param dataNoise noise on its data, pixel units, at least 0
     * @param rejuvenation its rejuvenation, in [0, 1]
     */
    public Guard(GuardConfig config, double stepSize, double dataNoise, double rejuvenation) {
        if (!(stepSize > 0) || !(dataNoise >= 0) || !(rejuvenation >= 0 && rejuvenation <= 1)) {
            throw new IllegalArgumentException(
                    "expected a step size above 0, data noise of at least 0 and a rejuvenation in"
                            + " [0, 1], found "
                            + stepSize
                            + ", "
                            + dataNoise
                            + " and "
                            + rejuvenation);
        }
        this.config = config;
        this.stepSize = stepSize;
        this.dataNoise = dataNoise;
        this.rejuvenation = rejuvenation;
        differences = new UpdateWindow(config.window());
        difference = new DifferenceRail(config);
        size = new SizeRail(config);
        oscillation = new OscillationRail(config);
        chains = new ChainRail(config);
    }

    public GuardConfig config() {
        return config;
    }

    /** Roll-backs so far. */
    public int rollBacks() {
        return rollBacks;
    }

    /** Updates dropped so far. */
    public long dropped() {
        return dropped;
    }

    /** Updates observed so far, dropped ones and those taken back since included. */
    public long attempts() {
        return attempts;
    }

    /** Says that a learner had attempted updates before it got this guard. */
    void began(long before) {
        attempts = before;
    }

    /** Counts an update without looking at it: the rails are off. */
    void pass() {
        attempts++;
    }

    /** Whether learning has stopped for good; more roll-backs allowed would let it go on. */
    public boolean frozen() {
        return config.enabled() && rollBacks >= config.maxRollBacks();
    }

    /** Whether nothing is out of bounds or being tried, so that a state is worth keeping. */
    public boolean healthy() {
        return faults == 0 && difference.calm() && size.calm() && chains.calm();
    }

    /** Under what the next update is to run. */
    public LearnerAdjustments adjustments() {
        return new LearnerAdjustments(
                easing ? EASED_RATE * rate : rate,
                easing ? EASED_STEPS : 1,
                leastNoise,
                leastRejuvenation,
                rollBacks);
    }

    /**
     * Takes in an update.
     *
     * @return what is to be done, in this order; at most one roll-back, with a freeze after the
     *     last one that is allowed. Adjustments are in {@link #adjustments} already; a roll-back is
     *     the caller's to do, and to confirm by {@link #rolledBack}
     * @throws IllegalStateException if learning is frozen
     */
    public List<GuardAction> observe(GuardObservation seen) {
        if (frozen()) {
            throw new IllegalStateException(
                    "learning is frozen after "
                            + rollBacks
                            + " roll-backs; allow more of them to let it go on");
        }
        attempts++;
        List<GuardAction> found = new ArrayList<>();
        if (seen.fault() != null) {
            drop(seen, found);
        } else {
            faults = 0;
            boolean armed = observed >= config.warmup();
            observed++;
            differences.add(seen.energyDifference());
            difference.observe(differences, armed, nextNoise() > 0, found);
            size.observe(seen, armed, found);
            oscillation.observe(differences, armed, found);
            chains.observe(seen, armed, leastRejuvenation > 0, found);
        }
        return decide(found);
    }

    private void drop(GuardObservation seen, List<GuardAction> found) {
        faults++;
        dropped++;
        found.add(
                new GuardAction(
                        GuardRemedy.DROP,
                        GuardSign.NOT_FINITE,
                        "update dropped: not finite: " + seen.fault()));
        if (faults >= FAULTS) {
            found.add(
                    new GuardAction(
                            GuardRemedy.ROLL_BACK,
                            GuardSign.NOT_FINITE,
                            faults + " updates in a row dropped"));
        }
    }

    private List<GuardAction> decide(List<GuardAction> found) {
        List<GuardAction> actions = new ArrayList<>();
        for (GuardAction action : found) {
            if (action.remedy() == GuardRemedy.ROLL_BACK) {
                if (!rollingBack(actions)) {
                    actions.add(action);
                }
            } else {
                actions.add(action);
                apply(action.remedy());
            }
        }
        if (rollingBack(actions)) {
            rollBacks++;
            rate *= LOWER;
            easing = false;
            if (frozen()) {
                actions.add(
                        new GuardAction(
                                GuardRemedy.FREEZE,
                                GuardSign.ROLL_BACKS,
                                rollBacks
                                        + " roll-backs: learning stops, the last good version goes"
                                        + " on serving"));
            }
        }
        return actions;
    }

    private static boolean rollingBack(List<GuardAction> actions) {
        return actions.stream().anyMatch(action -> action.remedy() == GuardRemedy.ROLL_BACK);
    }

    private void apply(GuardRemedy remedy) {
        switch (remedy) {
            case EASE -> easing = true;
            case RESUME -> easing = false;
            case SLOW -> rate *= config.slowdown();
            case SOFTEN -> {
                leastNoise = nextNoise();
                rate *= LOWER;
            }
            case REFRESH ->
                    leastRejuvenation =
                            Math.min(
                                    1,
                                    FRESHER
                                            * Math.max(
                                                    leastRejuvenation,
                                                    Math.max(rejuvenation, FRESH / FRESHER)));
            case SETTLE -> leastRejuvenation = 0;
            default -> {
                // the caller's to do, or nothing to be done
            }
        }
    }

    /** The next higher data noise, pixel units; 0 if it is as high as it may be. */
    private double nextNoise() {
        double now = Math.max(dataNoise, leastNoise);
        for (double multiple : NOISE) {
            if (multiple * stepSize > now * (1 + 1e-9)) {
                return multiple * stepSize;
            }
        }
        return 0;
    }

    /** Memory of recent updates, to be kept with a state to roll back to. */
    public byte[] memory() {
        StateWriter writer = new StateWriter(StateKind.GUARD_MEMORY, memoryBytes());
        writeMemory(writer);
        return writer.toBytes();
    }

    /**
     * Takes over the memory that was kept with the state that the learner went back to.
     *
     * @throws IllegalArgumentException if the bytes are damaged or of another configuration
     */
    public void rolledBack(byte[] memory) {
        StateReader reader = new StateReader(StateKind.GUARD_MEMORY, memory);
        readMemory(reader);
        reader.end();
        faults = 0;
    }

    /** Forgets recent updates: what comes is measured by itself. What outlasts roll-backs stays. */
    void forget() {
        rolledBack(new Guard(config, stepSize, dataNoise, rejuvenation).memory());
    }

    /** The whole state, without the configuration. */
    public byte[] toBytes() {
        StateWriter writer = new StateWriter(StateKind.GUARD, memoryBytes() + 128);
        writer.putInt(faults)
                .putLong(dropped)
                .putLong(attempts)
                .putInt(rollBacks)
                .putDouble(rate)
                .putDouble(leastNoise)
                .putDouble(leastRejuvenation)
                .putInt(easing ? 1 : 0);
        writeMemory(writer);
        return writer.toBytes();
    }

    /**
     * Takes over a whole state.
     *
     * @throws IllegalArgumentException if the bytes are damaged or of another configuration
     */
    public void restore(byte[] state) {
        StateReader reader = new StateReader(StateKind.GUARD, state);
        faults = reader.nextInt();
        dropped = reader.nextLong();
        attempts = reader.nextLong();
        rollBacks = reader.nextInt();
        rate = reader.nextDouble();
        leastNoise = reader.nextDouble();
        leastRejuvenation = reader.nextDouble();
        easing = reader.nextInt() == 1;
        readMemory(reader);
        reader.end();
    }

    private void writeMemory(StateWriter writer) {
        differences.write(writer);
        difference.write(writer);
        size.write(writer);
        oscillation.write(writer);
        chains.write(writer);
        writer.putLong(observed);
    }

    private void readMemory(StateReader reader) {
        differences.read(reader);
        difference.read(reader);
        size.read(reader);
        oscillation.read(reader);
        chains.read(reader);
        observed = reader.nextLong();
    }

    private int memoryBytes() {
        return 16 * (config.window() + config.warmup()) + 1024;
    }
}
