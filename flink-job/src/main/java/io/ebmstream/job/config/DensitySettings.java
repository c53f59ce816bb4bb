package io.ebmstream.job.config;

import io.ebmstream.ops.density.DriftConfig;
import java.io.Serializable;

/**
 * Density monitoring (ALGORITHMS section 6): the two-sided drift detector.
 *
 * @param driftReference readings that a change is measured from at first
 * @param driftSlack change that is tolerated, in standard deviations of the readings
 * @param driftRunLength readings between two false alarms, expected
 * @param driftCoolDown readings after an alarm in which there is no other
 */
public record DensitySettings(
        int driftReference, double driftSlack, double driftRunLength, int driftCoolDown)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    /** The detector's configuration. */
    public DriftConfig drift() {
        return new DriftConfig(driftReference, driftSlack, driftRunLength, driftCoolDown);
    }
}
