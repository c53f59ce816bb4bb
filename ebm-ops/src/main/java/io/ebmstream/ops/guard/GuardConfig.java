package io.ebmstream.ops.guard;

import io.ebmstream.ops.bank.ChainStart;
import java.util.function.Consumer;

/**
 * Thresholds of the guard rails (ALGORITHMS section 3). Spreads are median absolute deviations over
 * a trailing window.
 *
 * @param enabled whether the rails look and act at all
 * @param window updates in the trailing window, at least 20
 * @param warmup updates before rails other than the one for what is not finite are armed; at least
 *     20
 * @param ownBounds whether bounds of rho and of chains out of range are widened by what the first
 *     phase showed: for starts from noise or a generator, which are wild at first without being
 *     lost
 * @param deviations |d| beyond which an update counts as far from 0, in deviations; above 0
 * @param run updates in a row far from 0 on one side that call for easing; at least 2
 * @param boost updates that easing lasts, at least 1
 * @param rhoLow rho below which updates are too still, at least 0
 * @param rhoHigh rho above which updates are too restless, above {@code rhoLow}
 * @param rhoRun updates in a row outside that call for a warning; at least 1
 * @param rhoLost rho above which a model is lost, above {@code rhoHigh}
 * @param lostRun updates in a row above it that call for a roll-back; at least 1
 * @param growth factor that energies may grow by in 100 updates beyond all before, above 1
 * @param oscillation autocorrelation of d at lag 1 below which the rate falls, in (-1, 0]; -1 turns
 *     this rail off, for short-run learning
 * @param slowdown factor of the rate then, in (0, 1)
 * @param restartShare share of chains out of range above which those restart, in (0, 1)
 * @param lostShare share above which everything rolls back, above {@code restartShare}, at most 1
 * @param saturation saturated chain pixels against the noised data's above which chains out of
 *     range restart, above 1
 * @param diversity bank diversity against the data's below which chains restart more often, in (0,
 *     1)
 * @param measureEvery updates between two measurements of diversity, at least 1
 * @param pointEvery updates between two states kept to roll back to, at least 1
 * @param points states kept, at least 1; each takes as much memory as weights, moments and bank
 * @param maxRollBacks roll-backs after which learning freezes, at least 1
 */
public record GuardConfig(
        boolean enabled,
        int window,
        int warmup,
        boolean ownBounds,
        double deviations,
        int run,
        int boost,
        double rhoLow,
        double rhoHigh,
        int rhoRun,
        double rhoLost,
        int lostRun,
        double growth,
        double oscillation,
        double slowdown,
        double restartShare,
        double lostShare,
        double saturation,
        double diversity,
        int measureEvery,
        int pointEvery,
        int points,
        int maxRollBacks) {

    /** Oscillation value that turns its rail off. */
    public static final double NO_OSCILLATION = -1;

    public static final int DEFAULT_WINDOW = 500;
    public static final int DEFAULT_WARMUP = 300;
    public static final double DEFAULT_DEVIATIONS = 8;
    public static final int DEFAULT_RUN = 50;
    public static final double DEFAULT_RHO_HIGH = 0.4;
    public static final double DEFAULT_RHO_LOST = 1;
    public static final double DEFAULT_LOST_SHARE = 0.2;
    public static final int DEFAULT_POINT_EVERY = 500;
    public static final int DEFAULT_POINTS = 2;
    public static final int DEFAULT_MAX_ROLL_BACKS = 3;

    /** Rejuvenation above this makes chains short-lived: short-run learning. */
    private static final double SHORT_RUN_REJUVENATION = 0.2;

    /** Bounds for chains that start from data. */
    public static final GuardConfig DATA_STARTS =
            new GuardConfig(
                    true,
                    DEFAULT_WINDOW,
                    DEFAULT_WARMUP,
                    false,
                    DEFAULT_DEVIATIONS,
                    DEFAULT_RUN,
                    200,
                    0.03,
                    DEFAULT_RHO_HIGH,
                    100,
                    DEFAULT_RHO_LOST,
                    10,
                    2,
                    -0.3,
                    0.3,
                    0.02,
                    DEFAULT_LOST_SHARE,
                    2,
                    0.5,
                    50,
                    DEFAULT_POINT_EVERY,
                    DEFAULT_POINTS,
                    DEFAULT_MAX_ROLL_BACKS);

    /**
     * @throws IllegalArgumentException if a value is out of range
     */
    public GuardConfig {
        require(window >= 20, "a window of at least 20 updates", window);
        require(warmup >= 20, "a warm-up of at least 20 updates", warmup);
        require(above(deviations, 0), "deviations above 0", deviations);
        require(run >= 2, "runs of at least 2 updates", run);
        require(boost >= 1, "easing for at least 1 update", boost);
        require(rhoLow >= 0, "a lower rho of at least 0", rhoLow);
        require(above(rhoHigh, rhoLow), "an upper rho above the lower, " + rhoLow, rhoHigh);
        require(rhoRun >= 1, "rho runs of at least 1 update", rhoRun);
        require(above(rhoLost, rhoHigh), "a last rho above the upper, " + rhoHigh, rhoLost);
        require(lostRun >= 1, "lost runs of at least 1 update", lostRun);
        require(above(growth, 1), "a growth of energies above 1", growth);
        require(
                oscillation >= NO_OSCILLATION && oscillation <= 0,
                "an autocorrelation in [-1, 0]",
                oscillation);
        require(slowdown > 0 && slowdown < 1, "a slowdown in (0, 1)", slowdown);
        require(
                restartShare > 0 && restartShare < 1,
                "a share of chains to restart in (0, 1)",
                restartShare);
        require(
                lostShare > restartShare && lostShare <= 1,
                "a share of lost chains above " + restartShare + " and at most 1",
                lostShare);
        require(above(saturation, 1), "a ratio of saturated pixels above 1", saturation);
        require(diversity > 0 && diversity < 1, "a ratio of diversities in (0, 1)", diversity);
        require(measureEvery >= 1, "measurements at least 1 update apart", measureEvery);
        require(pointEvery >= 1, "kept states at least 1 update apart", pointEvery);
        require(points >= 1, "at least 1 kept state", points);
        require(maxRollBacks >= 1, "at least 1 roll-back", maxRollBacks);
    }

    /**
     * Defaults for a way to start chains.
     *
     * @param rejuvenation probability that a chain of the batch restarts, in [0, 1]
     */
    public static GuardConfig of(ChainStart start, double rejuvenation) {
        boolean shortRun = !start.persistent() || rejuvenation > SHORT_RUN_REJUVENATION;
        return DATA_STARTS
                .withOwnBounds(!start.fromData())
                .withOscillation(shortRun ? NO_OSCILLATION : DATA_STARTS.oscillation());
    }

    private static boolean above(double value, double bound) {
        return value > bound && Double.isFinite(value);
    }

    private static void require(boolean holds, String expected, Object found) {
        if (!holds) {
            throw new IllegalArgumentException("expected " + expected + ", found " + found);
        }
    }

    /** With or without bounds widened by the first phase. */
    public GuardConfig withOwnBounds(boolean value) {
        return with(v -> v.ownBounds = value);
    }

    /** With another bound of d's autocorrelation. */
    public GuardConfig withOscillation(double value) {
        return with(v -> v.oscillation = value);
    }

    /** With another window and warm-up, in updates. */
    public GuardConfig withWindows(int newWindow, int newWarmup) {
        return with(
                v -> {
                    v.window = newWindow;
                    v.warmup = newWarmup;
                });
    }

    /** With other bounds of d and another time of easing. */
    public GuardConfig withDifference(double newDeviations, int newRun, int newBoost) {
        return with(
                v -> {
                    v.deviations = newDeviations;
                    v.run = newRun;
                    v.boost = newBoost;
                });
    }

    /** With other bounds of rho. */
    public GuardConfig withRho(double high, double lost) {
        return with(
                v -> {
                    v.rhoHigh = high;
                    v.rhoLost = lost;
                });
    }

    /** With another share of chains out of range that rolls back. */
    public GuardConfig withLostShare(double value) {
        return with(v -> v.lostShare = value);
    }

    /** With diversity measured at other intervals. */
    public GuardConfig withMeasurements(int every) {
        return with(v -> v.measureEvery = every);
    }

    /** With other states to roll back to and another number of roll-backs. */
    public GuardConfig withRollBacks(int every, int kept, int most) {
        return with(
                v -> {
                    v.pointEvery = every;
                    v.points = kept;
                    v.maxRollBacks = most;
                });
    }

    /** With the rails on or off. */
    public GuardConfig withEnabled(boolean value) {
        return with(v -> v.enabled = value);
    }

    private GuardConfig with(Consumer<Values> change) {
        Values values = new Values(this);
        change.accept(values);
        return values.toConfig();
    }

    /** The same values, to be changed before they are checked. */
    private static final class Values {
        private boolean enabled;
        private int window;
        private int warmup;
        private boolean ownBounds;
        private double deviations;
        private int run;
        private int boost;
        private double rhoLow;
        private double rhoHigh;
        private int rhoRun;
        private double rhoLost;
        private int lostRun;
        private double growth;
        private double oscillation;
        private double slowdown;
        private double restartShare;
        private double lostShare;
        private double saturation;
        private double diversity;
        private int measureEvery;
        private int pointEvery;
        private int points;
        private int maxRollBacks;

        Values(GuardConfig from) {
            enabled = from.enabled;
            window = from.window;
            warmup = from.warmup;
            ownBounds = from.ownBounds;
            deviations = from.deviations;
            run = from.run;
            boost = from.boost;
            rhoLow = from.rhoLow;
            rhoHigh = from.rhoHigh;
            rhoRun = from.rhoRun;
            rhoLost = from.rhoLost;
            lostRun = from.lostRun;
            growth = from.growth;
            oscillation = from.oscillation;
            slowdown = from.slowdown;
            restartShare = from.restartShare;
            lostShare = from.lostShare;
            saturation = from.saturation;
            diversity = from.diversity;
            measureEvery = from.measureEvery;
            pointEvery = from.pointEvery;
            points = from.points;
            maxRollBacks = from.maxRollBacks;
        }

        GuardConfig toConfig() {
            return new GuardConfig(
                    enabled,
                    window,
                    warmup,
                    ownBounds,
                    deviations,
                    run,
                    boost,
                    rhoLow,
                    rhoHigh,
                    rhoRun,
                    rhoLost,
                    lostRun,
                    growth,
                    oscillation,
                    slowdown,
                    restartShare,
                    lostShare,
                    saturation,
                    diversity,
                    measureEvery,
                    pointEvery,
                    points,
                    maxRollBacks);
        }
    }
}
