package io.ebmstream.job.config;

import io.ebmstream.job.control.ControlSetup;
import java.io.Serializable;

/**
 * Orders to the running job.
 *
 * @param enabled whether the control topic is read
 * @param keep versions that can be pinned or rolled back to
 * @param leastSteps least K that may be set
 * @param mostSteps greatest K that may be set
 */
public record ControlSettings(boolean enabled, int keep, int leastSteps, int mostSteps)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Null where no orders are taken. */
    public ControlSetup toSetup() {
        return enabled ? new ControlSetup(keep, leastSteps, mostSteps) : null;
    }
}
