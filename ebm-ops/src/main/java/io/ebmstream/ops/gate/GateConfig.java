package io.ebmstream.ops.gate;

/**
 * Bounds of the promotion gate.
 *
 * @param warmup updates before a version is examined for more than being finite, at least 0: a
 *     young model's energies grow from nothing and its chains are nowhere yet. A version is
 *     compared with one that had these updates behind it too
 * @param spread factor by which the spread of the anchors' energies may differ from that of the
 *     version before, above 1
 * @param separation distance of the chains' mean energy from the anchors', in spreads of the
 *     anchors', above 0
 * @param lostShare share of chains out of range, in (0, 1]; 1 for starts that are wild by nature
 * @param motion root mean square distance per pixel that a short run moves anchors, against that of
 *     its noise alone, above 1
 */
public record GateConfig(
        int warmup, double spread, double separation, double lostShare, double motion) {
    public static final int DEFAULT_WARMUP = 300;
    public static final double DEFAULT_SPREAD = 4;
    public static final double DEFAULT_SEPARATION = 10;

    /**
     * In {@value AnchorMotion#STEPS} steps a drift of rho per step, always in one direction, moves
     * sqrt(1 + rho^2 K) times as far as noise alone: 2.4 at the rho of 1 that the guard calls lost.
     */
    public static final double DEFAULT_MOTION = 2.5;

    /**
     * @throws IllegalArgumentException if a value is out of range
     */
    public GateConfig {
        require(warmup >= 0, "a warm-up of at least 0 updates", warmup);
        require(above(spread, 1), "a factor of spreads above 1", spread);
        require(above(separation, 0), "a separation above 0", separation);
        require(lostShare > 0 && lostShare <= 1, "a share of chains in (0, 1]", lostShare);
        require(above(motion, 1), "a motion above 1", motion);
    }

    private static boolean above(double value, double bound) {
        return value > bound && Double.isFinite(value);
    }

    private static void require(boolean holds, String expected, Object found) {
        if (!holds) {
            throw new IllegalArgumentException("expected " + expected + ", found " + found);
        }
    }
}
