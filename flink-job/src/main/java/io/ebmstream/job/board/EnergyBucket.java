package io.ebmstream.job.board;

import org.apache.datasketches.kll.KllFloatsSketch;

/** Density readings of a stream. */
final class EnergyBucket extends Bucket {
    /** Of a quantile's rank: an error of 3 % at most, nearly always; half a kilobyte. */
    private static final int SKETCH = 64;

    private final KllFloatsSketch energy = sketch();
    private double zScores;
    private double calibrated;
    private long calibratedCount;

    EnergyBucket(long start) {
        super(start);
    }

    /** A sketch of quantiles for one bucket. */
    static KllFloatsSketch sketch() {
        return KllFloatsSketch.newHeapInstance(SKETCH);
    }

    /**
     * @param u energy U/T; what is not finite is left out
     * @param calibratedEnergy energy in units of the anchors' spread; null where there is none
     */
    void add(double u, double zScore, Double calibratedEnergy) {
        if (Double.isFinite(u) && Double.isFinite(zScore)) {
            energy.update((float) u);
            zScores += zScore;
        }
        if (calibratedEnergy != null && Double.isFinite(calibratedEnergy)) {
            calibrated += calibratedEnergy;
            calibratedCount++;
        }
    }

    /** Quantiles 0.05, 0.5 and 0.95 of U/T; mean z-score; readings; mean calibrated energy. */
    @Override
    double[] values() {
        long n = energy.getN();
        if (n == 0) {
            return new double[] {Double.NaN, Double.NaN, Double.NaN, Double.NaN, 0, Double.NaN};
        }
        return new double[] {
            energy.getQuantile(0.05),
            energy.getQuantile(0.5),
            energy.getQuantile(0.95),
            zScores / n,
            n,
            calibrated / calibratedCount
        };
    }
}
