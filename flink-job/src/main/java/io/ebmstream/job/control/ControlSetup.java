package io.ebmstream.job.control;

import java.io.Serializable;

/**
 * What a learner needs to know to carry orders out.
 *
 * @param keep versions, the last ones published, that can be pinned or rolled back to; at least 1
 * @param leastSteps least K that may be set, at least 0
 * @param mostSteps greatest K that may be set, at least {@code leastSteps}
 */
public record ControlSetup(int keep, int leastSteps, int mostSteps) implements Serializable {
    private static final long serialVersionUID = 1L;

    /**
     * @throws IllegalArgumentException if a value is out of range
     */
    public ControlSetup {
        if (keep < 1 || leastSteps < 0 || mostSteps < leastSteps) {
            throw new IllegalArgumentException(
                    "expected at least 1 version to keep and bounds 0 <= least <= most of steps,"
                            + " found "
                            + keep
                            + ", "
                            + leastSteps
                            + " and "
                            + mostSteps);
        }
    }
}
