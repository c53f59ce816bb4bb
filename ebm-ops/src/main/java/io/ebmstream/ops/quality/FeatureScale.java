package io.ebmstream.ops.quality;

/**
 * Brings features to mean 0 and variance 1 over a reference set, so that each counts alike in a
 * distance. A feature that is constant there is only centred. A value, not to be changed;
 * thread-safe.
 *
 * @param mean mean of every feature
 * @param deviation standard deviation of every feature, 1 for a constant one
 */
public record FeatureScale(float[] mean, float[] deviation) {

    /**
     * Measures a reference set.
     *
     * @param features one row for each image
     * @throws IllegalArgumentException if there are fewer than two rows
     */
    public static FeatureScale of(float[][] features) {
        if (features.length < 2) {
            throw new IllegalArgumentException(
                    "expected features of at least 2 images, found " + features.length);
        }
        int length = features[0].length;
        float[] mean = new float[length];
        float[] deviation = new float[length];
        for (int j = 0; j < length; j++) {
            double sum = 0;
            double squares = 0;
            for (float[] row : features) {
                sum += row[j];
            }
            double centre = sum / features.length;
            for (float[] row : features) {
                squares += (row[j] - centre) * (row[j] - centre);
            }
            mean[j] = (float) centre;
            deviation[j] = squares == 0 ? 1 : (float) Math.sqrt(squares / features.length);
        }
        return new FeatureScale(mean, deviation);
    }

    /** (features - mean) / deviation, in a new array. */
    public float[][] apply(float[][] features) {
        float[][] scaled = new float[features.length][mean.length];
        for (int i = 0; i < features.length; i++) {
            for (int j = 0; j < mean.length; j++) {
                scaled[i][j] = (features[i][j] - mean[j]) / deviation[j];
            }
        }
        return scaled;
    }
}
