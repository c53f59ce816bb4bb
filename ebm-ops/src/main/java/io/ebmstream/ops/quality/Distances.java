package io.ebmstream.ops.quality;

/** Euclidean distances between rows of features. Stateless, thread-safe. */
final class Distances {
    private Distances() {}

    /**
     * |a - b|^2.
     *
     * @throws IllegalArgumentException if they differ in length
     */
    static double squared(float[] a, float[] b) {
        if (a.length != b.length) {
            throw new IllegalArgumentException(
                    "expected rows of one length, found " + a.length + " and " + b.length);
        }
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            float difference = a[i] - b[i];
            sum += difference * difference;
        }
        return sum;
    }
}
