package io.ebmstream.ops.image;

import io.ebmstream.ops.energy.ImageShape;

/**
 * Structural similarity (Wang, Bovik, Sheikh, Simoncelli 2004, IEEE TIP 13(4), equation 13), mean
 * over channels and all positions of an 11 x 11 Gaussian window of sigma 1.5 that lie inside:
 *
 * <pre>
 * SSIM = (2 mx my + C1)(2 sxy + C2) / ((mx^2 + my^2 + C1)(sx^2 + sy^2 + C2))
 * C1 = (0.01 * 255)^2,  C2 = (0.03 * 255)^2,  pixels in [0, 255]
 * </pre>
 *
 * 1 for equal images. Stateless, thread-safe.
 */
public final class StructuralSimilarity {
    private static final int WINDOW = 11;
    private static final double SIGMA = 1.5;
    private static final double C1 = 0.01 * 255 * 0.01 * 255;
    private static final double C2 = 0.03 * 255 * 0.03 * 255;
    private static final double[] WEIGHTS = weights();

    private StructuralSimilarity() {}

    /**
     * Compares two images.
     *
     * @throws IllegalArgumentException if the shapes differ, or a side is below 11 pixels
     */
    public static double of(Image a, Image b) {
        ImageShape shape = a.shape();
        if (!shape.equals(b.shape()) || shape.height() < WINDOW || shape.width() < WINDOW) {
            throw new IllegalArgumentException(
                    "expected two images of one shape with sides of at least "
                            + WINDOW
                            + " pixels, found "
                            + shape
                            + " and "
                            + b.shape());
        }
        double sum = 0;
        int positions = 0;
        for (int c = 0; c < shape.channels(); c++) {
            for (int row = 0; row + WINDOW <= shape.height(); row++) {
                for (int column = 0; column + WINDOW <= shape.width(); column++) {
                    sum += atWindow(a, b, c, row, column);
                    positions++;
                }
            }
        }
        return sum / positions;
    }

    private static double atWindow(Image a, Image b, int c, int row, int column) {
        double meanA = 0;
        double meanB = 0;
        double squareA = 0;
        double squareB = 0;
        double product = 0;
        for (int i = 0; i < WINDOW; i++) {
            for (int j = 0; j < WINDOW; j++) {
                double weight = WEIGHTS[i] * WEIGHTS[j];
                double x = a.pixel(c, row + i, column + j);
                double y = b.pixel(c, row + i, column + j);
                meanA += weight * x;
                meanB += weight * y;
                squareA += weight * x * x;
                squareB += weight * y * y;
                product += weight * x * y;
            }
        }
        double varianceA = squareA - meanA * meanA;
        double varianceB = squareB - meanB * meanB;
        double covariance = product - meanA * meanB;
        return (2 * meanA * meanB + C1)
                * (2 * covariance + C2)
                / ((meanA * meanA + meanB * meanB + C1) * (varianceA + varianceB + C2));
    }

    private static double[] weights() {
        double[] weights = new double[WINDOW];
        double sum = 0;
        for (int i = 0; i < WINDOW; i++) {
            double distance = i - (WINDOW - 1) / 2.0;
            weights[i] = StrictMath.exp(-distance * distance / (2 * SIGMA * SIGMA));
            sum += weights[i];
        }
        for (int i = 0; i < WINDOW; i++) {
            weights[i] /= sum;
        }
        return weights;
    }
}
