package io.ebmstream.ops.defense;

/**
 * When a purification ends before its last step: at the first look where the chain's energy has
 * come down to where the model's own chains are.
 *
 * <pre>stop after k steps if U(x_k)/T <= level,   k = first, first + every, first + 2 every, ..
 * </pre>
 *
 * <p>Energies are float32 whatever the runs' precision. A look depends on the chain's place alone,
 * so a resumed chain stops where it would have. Attacked images have higher energies than natural
 * ones and take longer.
 *
 * @param level U/T at the temperature of reported energies; a quantile of the energies that the
 *     model's chains have after all K steps is a good one. It belongs to one set of weights
 * @param first steps before the first look, at least 1
 * @param every steps between looks, at least 1; a look costs about half a step
 */
public record EarlyStop(double level, int first, int every) {
    public static final int DEFAULT_FIRST = 20;
    public static final int DEFAULT_EVERY = 10;

    /**
     * @throws IllegalArgumentException if the level is not finite or a number of steps below 1
     */
    public EarlyStop {
        if (!Double.isFinite(level) || first < 1 || every < 1) {
            throw new IllegalArgumentException(
                    "expected a finite energy and at least 1 step before and between looks, found "
                            + level
                            + ", "
                            + first
                            + " and "
                            + every);
        }
    }

    /** Whether there is a look after so many steps. */
    boolean looksAt(long step) {
        return step >= first && (step - first) % every == 0;
    }

    /** Steps from {@code step} to the next look. */
    int stepsToLook(long step) {
        return (int) (step < first ? first - step : every - (step - first) % every);
    }
}
