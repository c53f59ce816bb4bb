package io.ebmstream.job.config;

import java.io.Serializable;

/**
 * Density monitoring (ALGORITHMS section 6).
 *
 * @param window images of one stream and version that ranks and z-scores refer to
 * @param sketch parameter k of the KLL quantile sketch
 * @param driftWindow images in each of the two windows of the drift test
 * @param driftPValue p-value below which an alarm rises
 */
public record DensitySettings(int window, int sketch, int driftWindow, double driftPValue)
        implements Serializable {
    private static final long serialVersionUID = 1L;
}
