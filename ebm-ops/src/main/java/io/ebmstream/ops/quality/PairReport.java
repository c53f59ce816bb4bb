package io.ebmstream.ops.quality;

import io.ebmstream.ops.image.Image;
import io.ebmstream.ops.image.ImageQuality;
import io.ebmstream.ops.image.StructuralSimilarity;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleBiFunction;

/**
 * How near reconstructions are to their originals: PSNR and SSIM, mean over pairs. Each is
 * calibrated by pairs that do not belong together, an original beside its neighbour's
 * reconstruction; a measure that cannot tell these is refused.
 *
 * @param pairs number of pairs
 * @param measures one row for each measure
 */
public record PairReport(int pairs, List<Row> measures) {
    public PairReport {
        measures = List.copyOf(measures);
    }

    /**
     * One measure; a higher value is the better one.
     *
     * @param measure its name
     * @param value mean over pairs; null if refused
     * @param mismatched calibration: pairs that do not belong together
     * @param refused why the measure says nothing here; null if it does
     */
    public record Row(String measure, Estimate value, Estimate mismatched, String refused) {}

    /**
     * Compares images with their reconstructions.
     *
     * @param originals at least 2
     * @param reconstructions as many, in the same order
     * @throws IllegalArgumentException if there are fewer, or they differ in number or shape
     */
    public static PairReport of(List<Image> originals, List<Image> reconstructions) {
        if (originals.size() < 2 || originals.size() != reconstructions.size()) {
            throw new IllegalArgumentException(
                    "expected at least 2 images and as many reconstructions, found "
                            + originals.size()
                            + " and "
                            + reconstructions.size());
        }
        return new PairReport(
                originals.size(),
                List.of(
                        // equal images have an infinite ratio, which no mean could hold
                        row("PSNR dB", originals, reconstructions, PairReport::boundedPsnr),
                        row("SSIM", originals, reconstructions, StructuralSimilarity::of)));
    }

    private static double boundedPsnr(Image a, Image b) {
        return Math.min(99, ImageQuality.psnr(a, b));
    }

    private static Row row(
            String name,
            List<Image> originals,
            List<Image> reconstructions,
            ToDoubleBiFunction<Image, Image> measure) {
        int n = originals.size();
        double[] matched = new double[n];
        double[] mismatched = new double[n];
        for (int i = 0; i < n; i++) {
            matched[i] = measure.applyAsDouble(originals.get(i), reconstructions.get(i));
            mismatched[i] =
                    measure.applyAsDouble(originals.get(i), reconstructions.get((i + 1) % n));
        }
        Estimate value = Estimate.ofValues(matched);
        Estimate wrong = Estimate.ofValues(mismatched);
        String refused =
                value.low() > wrong.high()
                        ? null
                        : String.format(
                                Locale.ROOT,
                                "%s cannot tell pairs from mismatched ones here: %.4g against %.4g",
                                name,
                                value.value(),
                                wrong.value());
        return new Row(name, refused == null ? value : null, wrong, refused);
    }
}
