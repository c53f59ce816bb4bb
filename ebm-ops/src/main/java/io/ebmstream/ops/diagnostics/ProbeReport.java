package io.ebmstream.ops.diagnostics;

import io.ebmstream.ops.quality.Estimate;
import java.util.List;

/**
 * Whether long chains keep their quality.
 *
 * @param held held-out images that chains are set against, as many as chains
 * @param realAgainstReal calibration: MMD of other held-out images
 * @param realAgainstNoise calibration: MMD of uniform noise
 * @param curves one for each kind of start
 * @param verdict what it means, for people
 * @param goodForDensity whether every curve begins nearer than noise and ends within twice its
 *     short-run value; false if the measure cannot tell real images from noise, or chains left the
 *     numbers
 */
public record ProbeReport(
        String held,
        Estimate realAgainstReal,
        Estimate realAgainstNoise,
        List<Curve> curves,
        String verdict,
        boolean goodForDensity) {
    public ProbeReport {
        curves = List.copyOf(curves);
    }

    /**
     * One kind of start.
     *
     * @param start where chains began: data, noise or bank
     * @param points rising in steps; the first is the short run
     */
    public record Curve(String start, List<Point> points) {
        public Curve {
            points = List.copyOf(points);
        }
    }

    /**
     * Chains after so many steps.
     *
     * @param steps Langevin steps
     * @param mmd to the held-out images
     * @param energy mean U(x)/T of the chains
     * @param displacement r, mean norm of (eps^2/2) grad in the last step
     */
    public record Point(long steps, Estimate mmd, double energy, double displacement) {}
}
