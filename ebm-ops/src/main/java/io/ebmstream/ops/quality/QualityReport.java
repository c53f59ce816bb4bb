package io.ebmstream.ops.quality;

import java.util.List;

/**
 * How good samples are, by measures of which each is calibrated on the same real images. Values are
 * comparable within one report: they depend on the number of images, the block and the features.
 *
 * @param samples what was measured, for people
 * @param real the real images that it was measured against, for people
 * @param images images in every set
 * @param block images in a block
 * @param featureSeeds seeds of the random features
 * @param measures one row for each measure
 * @param memorisation whether samples repeat training images; null without training images
 */
public record QualityReport(
        String samples,
        String real,
        int images,
        int block,
        List<Long> featureSeeds,
        List<Row> measures,
        Memorisation memorisation) {
    public QualityReport {
        featureSeeds = List.copyOf(featureSeeds);
        measures = List.copyOf(measures);
    }

    /**
     * One measure.
     *
     * @param measure its name
     * @param highIsGood whether a higher value is the better one
     * @param value of the samples against real images, mean over feature seeds; null if refused
     * @param bySeed the same with each feature seed; empty if refused
     * @param realAgainstReal calibration: other real images against the real ones
     * @param realAgainstNoise calibration: uniform noise against the real ones
     * @param refused why the measure says nothing here; null if it does
     */
    public record Row(
            String measure,
            boolean highIsGood,
            Estimate value,
            List<Estimate> bySeed,
            Estimate realAgainstReal,
            Estimate realAgainstNoise,
            String refused) {
        public Row {
            bySeed = List.copyOf(bySeed);
        }
    }

    /**
     * {@link MemorisationCheck} on features, first feature seed.
     *
     * @param trainingImages training images that were searched
     * @param medianRatio of the samples; null if refused
     * @param closeShare of the samples; null if refused
     * @param realCloseShare calibration: the share for other real images
     * @param copiesCloseShare calibration: the share for copies of training images
     * @param refused why it says nothing here; null if it does
     */
    public record Memorisation(
            int trainingImages,
            Double medianRatio,
            Double closeShare,
            double realCloseShare,
            double copiesCloseShare,
            String refused) {}
}
