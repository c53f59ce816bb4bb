package io.ebmstream.ops.learner;

/**
 * The second bank of long-run learning, in which chains burn in: in every update a batch of them
 * takes K_b steps and counts one. A new bank's counts start uniformly in [0, m). A chain whose
 * count reaches m is promoted: it replaces the chain of the update bank that is paired with it in
 * this batch, and its own place starts anew with count 0. Only the update bank's chains give the
 * gradient.
 *
 * @param bank chains that burn in, at least the batch
 * @param steps K_b by completed updates, at least 1
 * @param updates m, at least 1
 */
public record BurnInConfig(int bank, Schedule steps, int updates) {
    /**
     * @throws IllegalArgumentException if a value is out of range
     */
    public BurnInConfig {
        if (bank < 1 || updates < 1 || steps == null) {
            throw new IllegalArgumentException(
                    "expected a burn-in bank and burn-in updates of at least 1, and steps, found a"
                            + " bank of "
                            + bank
                            + ", "
                            + updates
                            + " updates, steps "
                            + steps);
        }
        steps.requireCounts("burn-in steps");
    }
}
