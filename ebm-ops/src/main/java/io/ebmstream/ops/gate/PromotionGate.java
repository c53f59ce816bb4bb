package io.ebmstream.ops.gate;

import java.util.Locale;
import java.util.Optional;

/**
 * Says whether a version may be published: a function of its numbers, of those of the last one that
 * passed, and of the bounds. With m and s mean and standard deviation of energies U/T of the
 * anchors (a) and of the bank's chains (b), and s' that of the last version:
 *
 * <pre>
 * finite       weights, U(a), U(b) are finite
 * spread       1/F <= s_a / s'_a <= F
 * separation   |m_b - m_a| <= Z s_a
 * chains       share of chains out of range <= L
 * motion       rms distance of a short run from the anchors <= M eps sqrt(K)
 * </pre>
 *
 * The first version cannot be compared and a young one is held to be finite only ({@link
 * GateConfig#warmup}). Stateless, thread-safe.
 *
 * @param config its bounds
 */
public record PromotionGate(GateConfig config) {

    /**
     * Updates after which motion and chains are looked at: measuring them before is for nothing.
     */
    public boolean armed(long updates) {
        return updates >= config.warmup();
    }

    /** What the next version is compared with once one was published. */
    public static GateReference reference(long updates, double[] anchorEnergies) {
        return new GateReference(updates, spread(anchorEnergies));
    }

    /**
     * Examines a version.
     *
     * @param last what passed last; null if nothing did
     * @return the first check that it fails, or nothing if it passes
     */
    public Optional<GateFinding> examine(GateCandidate candidate, GateReference last) {
        String fault = fault(candidate);
        if (fault != null) {
            return Optional.of(
                    new GateFinding(
                            GateCheck.FINITE,
                            Double.NaN,
                            Double.NaN,
                            "expected finite " + fault + ", found others"));
        }
        if (!armed(candidate.updates())) {
            return Optional.empty();
        }
        double spread = spread(candidate.anchorEnergies());
        return spreadOf(spread, last)
                .or(() -> separation(candidate, spread))
                .or(
                        () ->
                                atMost(
                                        GateCheck.CHAINS,
                                        candidate.chainsOutOfRange(),
                                        config.lostShare(),
                                        "of the chains out of range"))
                .or(
                        () ->
                                atMost(
                                        GateCheck.MOTION,
                                        candidate.motion(),
                                        config.motion(),
                                        "times the distance that noise alone moves anchors"));
    }

    private static String fault(GateCandidate candidate) {
        if (!candidate.weightsFinite()) {
            return "weights";
        } else if (!finite(candidate.anchorEnergies())) {
            return "energies of anchors";
        }
        return finite(candidate.bankEnergies()) ? null : "energies of chains";
    }

    private Optional<GateFinding> spreadOf(double spread, GateReference last) {
        if (last == null || !armed(last.updates()) || !(last.spread() > 0) || !(spread > 0)) {
            return Optional.empty();
        }
        double ratio = spread / last.spread();
        return atMost(
                GateCheck.SPREAD,
                Math.max(ratio, 1 / ratio),
                config.spread(),
                "times the spread of the last version's anchor energies, or a part of it");
    }

    private Optional<GateFinding> separation(GateCandidate candidate, double spread) {
        double[] chains = candidate.bankEnergies();
        if (chains.length == 0 || !(spread > 0)) {
            return Optional.empty();
        }
        double distance = Math.abs(mean(chains) - mean(candidate.anchorEnergies()));
        return atMost(
                GateCheck.SEPARATION,
                distance / spread,
                config.separation(),
                "spreads between the mean energies of chains and anchors");
    }

    /** What was not measured passes. */
    private static Optional<GateFinding> atMost(
            GateCheck check, double found, double bound, String what) {
        return !(found > bound)
                ? Optional.empty()
                : Optional.of(
                        new GateFinding(
                                check,
                                found,
                                bound,
                                String.format(
                                        Locale.ROOT,
                                        "expected at most %.4g %s, found %.4g",
                                        bound,
                                        what,
                                        found)));
    }

    private static boolean finite(double[] values) {
        for (double value : values) {
            if (!Double.isFinite(value)) {
                return false;
            }
        }
        return true;
    }

    private static double mean(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum / values.length;
    }

    /** Standard deviation; NaN of fewer than two. */
    private static double spread(double[] values) {
        if (values.length < 2) {
            return Double.NaN;
        }
        double mean = mean(values);
        double squares = 0;
        for (double value : values) {
            squares += (value - mean) * (value - mean);
        }
        return Math.sqrt(squares / (values.length - 1));
    }
}
