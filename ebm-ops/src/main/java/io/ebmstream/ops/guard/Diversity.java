package io.ebmstream.ops.guard;

import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.quality.ConvolutionFeatures;
import java.util.List;

/**
 * How different images are from one another:
 *
 * <pre>mean over pairs i &lt; j of |f(x_i) - f(x_j)|_2</pre>
 *
 * with f the fixed-seed random convolution features. Meaningful against the same figure of data
 * only. Not thread-safe. Close it to free the network.
 */
final class Diversity implements AutoCloseable {
    /** Images that a figure is taken on: 496 pairs. */
    static final int IMAGES = 32;

    private static final int LEAST_SIDE = 8;
    private static final long SEED = 1;

    private final ImageShape image;
    private final Executor executor;
    private ConvolutionFeatures features;

    Diversity(ImageShape image, Executor executor) {
        this.image = image;
        this.executor = executor;
    }

    /** Whether images are large enough for the features. */
    static boolean measures(ImageShape image) {
        return image.height() >= LEAST_SIDE && image.width() >= LEAST_SIDE;
    }

    /**
     * @param images u8 planar [c, h, w]
     * @return not a number for fewer than 2 images
     */
    double of(byte[][] images) {
        if (features == null) {
            features = new ConvolutionFeatures(image, SEED, executor);
        }
        float[][] found = features.of(List.of(images));
        double sum = 0;
        for (int i = 0; i < found.length; i++) {
            for (int j = 0; j < i; j++) {
                sum += distance(found[i], found[j]);
            }
        }
        return sum / (0.5 * found.length * (found.length - 1));
    }

    private static double distance(float[] a, float[] b) {
        double squares = 0;
        for (int k = 0; k < a.length; k++) {
            double difference = (double) a[k] - b[k];
            squares += difference * difference;
        }
        return Math.sqrt(squares);
    }

    @Override
    public void close() {
        if (features != null) {
            features.close();
            features = null;
        }
    }
}
