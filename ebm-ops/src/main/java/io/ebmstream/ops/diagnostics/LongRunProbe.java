package io.ebmstream.ops.diagnostics;

import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.plot.Chart;
import io.ebmstream.ops.quality.Estimate;
import io.ebmstream.ops.quality.QualityEvaluation;
import io.ebmstream.ops.quality.ReferenceMmd;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;

/**
 * Runs chains of a model far beyond the steps that it was trained with and measures on the way how
 * far they are from held-out images ({@link ReferenceMmd}). A model whose long runs oversaturate or
 * collapse is no density, however good its short runs are (Nijkamp, Hill, Han, Zhu, Wu 2020, arXiv
 * 1903.12370): its verdict is bad if the distance at the end is above twice the short run's, by
 * more than the interval.
 *
 * <p>Not thread-safe.
 */
public final class LongRunProbe {
    /** How much further long chains may be than short ones. */
    public static final double LIMIT = 2;

    private static final long[] DECADES = {1_000, 10_000, 100_000, 1_000_000};

    private final ReferenceMmd mmd;
    private final String held;
    private final Estimate real;
    private final Estimate noise;

    /**
     * @param mmd set against the held-out images
     * @param others as many other held-out images, for calibration
     * @param held what the images are, for the report
     */
    public LongRunProbe(ReferenceMmd mmd, ImageShape shape, List<byte[]> others, String held) {
        this.mmd = mmd;
        this.held = held;
        this.real = mmd.of(others);
        this.noise = mmd.of(QualityEvaluation.noise(shape, others.size()));
    }

    /** Steps to measure at: K, the decades from 1,000 on that lie between, and the last. */
    public static List<Long> schedule(long shortRun, long last) {
        if (shortRun < 1 || last < shortRun) {
            throw new IllegalArgumentException(
                    "expected at least 1 step in a short run and no fewer in a long one, found "
                            + shortRun
                            + " and "
                            + last);
        }
        TreeSet<Long> steps = new TreeSet<>(List.of(shortRun, last));
        for (long decade : DECADES) {
            if (decade > shortRun && decade < last) {
                steps.add(decade);
            }
        }
        return List.copyOf(steps);
    }

    /** Measures chains as they are now; their distance is NaN if they left the numbers. */
    public ProbeReport.Point measure(ChainRun run) {
        Estimate found = run.finite() ? mmd.of(run.images()) : new Estimate(Double.NaN, Double.NaN);
        double energy = 0;
        for (double one : run.energies()) {
            energy += one / run.count();
        }
        return new ProbeReport.Point(run.steps(), found, energy, run.displacement());
    }

    /** The verdict on all curves. */
    public ProbeReport report(List<ProbeReport.Curve> curves) {
        if (!(real.high() < noise.low())) {
            return new ProbeReport(
                    held,
                    real,
                    noise,
                    curves,
                    "refused: the distance cannot tell real images from noise here",
                    false);
        }
        List<String> bad = new ArrayList<>();
        for (ProbeReport.Curve curve : curves) {
            Estimate first = curve.points().get(0).mmd();
            ProbeReport.Point last = curve.points().get(curve.points().size() - 1);
            if (!(first.high() < noise.low())) {
                bad.add(
                        "from "
                                + curve.start()
                                + ": the short run is no nearer to real images than noise is");
                continue;
            }
            // a short run as good as real images has a distance of about 0, of either sign
            double bound = LIMIT * Math.max(first.value(), real.high());
            if (!(last.mmd().low() <= bound)) {
                bad.add(
                        String.format(
                                Locale.ROOT,
                                "from %s: %.4g at %d steps, above %.0f times the short run's %.4g",
                                curve.start(),
                                last.mmd().value(),
                                last.steps(),
                                LIMIT,
                                first.value()));
            }
        }
        return new ProbeReport(
                held,
                real,
                noise,
                curves,
                bad.isEmpty()
                        ? "chains keep their quality"
                        : "not for density: " + String.join("; ", bad),
                bad.isEmpty());
    }

    /** The curves, distance and energy one below the other. */
    public static Chart[] charts(ProbeReport report) {
        Chart distance =
                new Chart("Long-run probe", "Langevin steps", "kernel MMD^2").logX().logY();
        Chart energy = new Chart("", "Langevin steps", "mean U(x) / T").logX();
        for (ProbeReport.Curve curve : report.curves()) {
            double[] steps = column(curve, 0);
            distance.bars(
                    "from " + curve.start(),
                    steps,
                    column(curve, 1),
                    column(curve, 2),
                    column(curve, 3));
            energy.marked("from " + curve.start(), steps, column(curve, 4));
        }
        distance.level("noise", report.realAgainstNoise().value());
        distance.level("other real images, upper end", report.realAgainstReal().high());
        return new Chart[] {distance, energy};
    }

    private static double[] column(ProbeReport.Curve curve, int which) {
        return curve.points().stream()
                .mapToDouble(
                        point ->
                                switch (which) {
                                    case 0 -> point.steps();
                                    case 1 -> point.mmd().value();
                                    case 2 -> point.mmd().low();
                                    case 3 -> point.mmd().high();
                                    default -> point.energy();
                                })
                .toArray();
    }
}
