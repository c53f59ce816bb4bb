package io.ebmstream.ops.quality;

import io.ebmstream.ops.sampler.GaussianNoise;

/** Rows of known distributions. */
final class SampleRows {
    private SampleRows() {}

    /** Normals of standard deviation 1. */
    static float[][] normals(int count, int length, long seed, float mean) {
        GaussianNoise noise = new GaussianNoise();
        float[][] rows = new float[count][length];
        for (int i = 0; i < count; i++) {
            noise.fill(seed, i, 0, rows[i], 0, length);
            for (int j = 0; j < length; j++) {
                rows[i][j] += mean;
            }
        }
        return rows;
    }
}
