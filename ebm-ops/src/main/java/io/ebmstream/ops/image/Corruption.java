package io.ebmstream.ops.image;

import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.sampler.GaussianNoise;
import io.ebmstream.ops.sampler.Threefry;
import java.util.Arrays;

/**
 * A known damage to an image: a pure function of (image, seed, index), so that a corrupted stream
 * can be made again. The label stays. Values, thread-safe.
 */
public sealed interface Corruption
        permits Corruption.Noise, Corruption.Occlusion, Corruption.SaltAndPepper {

    /** Short name with its parameter, for reports. */
    String label();

    /**
     * The damaged image.
     *
     * @param seed of the run
     * @param index of the image in the run
     */
    Image apply(Image image, long seed, long index);

    /**
     * x + sigma xi, xi ~ N(0, I), clipped to [-1, 1] and rounded.
     *
     * @param sigma standard deviation in units of [-1, 1]; above 0
     */
    record Noise(double sigma) implements Corruption {
        private static final long PURPOSE = 0x6e6f697365L;

        /**
         * @throws IllegalArgumentException if sigma is not a number above 0
         */
        public Noise {
            if (!(sigma > 0) || !Double.isFinite(sigma)) {
                throw new IllegalArgumentException(
                        "expected a noise sigma above 0, found " + sigma);
            }
        }

        @Override
        public String label() {
            return "noise " + sigma;
        }

        @Override
        public Image apply(Image image, long seed, long index) {
            byte[] out = new byte[image.pixels().length];
            float[] xi = new float[out.length];
            long key = Threefry.derive(seed, PURPOSE);
            new GaussianNoise().fill(key, index, 0, xi, 0, xi.length);
            for (int i = 0; i < out.length; i++) {
                float x = Pixels.toFloat(image.pixels()[i]);
                out[i] = Pixels.toByte((float) (x + sigma * xi[i]));
            }
            return new Image(image.shape(), out, image.label());
        }
    }

    /**
     * A mid-gray square (or, in flat images, rectangle) somewhere in the image.
     *
     * @param fraction of the image's area, above 0 and at most 1
     */
    record Occlusion(double fraction) implements Corruption {
        private static final long PURPOSE = 0x6f63636c7564L;
        private static final byte GRAY = (byte) 128;

        /**
         * @throws IllegalArgumentException if the fraction is out of range
         */
        public Occlusion {
            checkFraction(fraction);
        }

        @Override
        public String label() {
            return "occlusion " + fraction;
        }

        @Override
        public Image apply(Image image, long seed, long index) {
            RandomSequence draws = new RandomSequence(Threefry.derive(seed, PURPOSE), index);
            ImageShape shape = image.shape();
            double area = fraction * shape.height() * shape.width();
            int rows = side(Math.sqrt(area), shape.height());
            int columns = side(area / rows, shape.width());
            rows = side(area / columns, shape.height());
            int top = draws.below(shape.height() - rows + 1);
            int left = draws.below(shape.width() - columns + 1);
            byte[] out = image.pixels().clone();
            for (int c = 0; c < shape.channels(); c++) {
                for (int y = top; y < top + rows; y++) {
                    int from = (c * shape.height() + y) * shape.width() + left;
                    Arrays.fill(out, from, from + columns, GRAY);
                }
            }
            return new Image(shape, out, image.label());
        }

        private static int side(double length, int max) {
            return (int) Math.max(1, Math.min(max, Math.round(length)));
        }
    }

    /**
     * Pixels turned black or white in all channels, each with half the fraction's probability.
     *
     * @param fraction of the pixels, above 0 and at most 1
     */
    record SaltAndPepper(double fraction) implements Corruption {
        private static final long PURPOSE = 0x73616c74L;

        /**
         * @throws IllegalArgumentException if the fraction is out of range
         */
        public SaltAndPepper {
            checkFraction(fraction);
        }

        @Override
        public String label() {
            return "salt and pepper " + fraction;
        }

        @Override
        public Image apply(Image image, long seed, long index) {
            RandomSequence draws = new RandomSequence(Threefry.derive(seed, PURPOSE), index);
            int plane = image.shape().height() * image.shape().width();
            byte[] out = image.pixels().clone();
            for (int i = 0; i < plane; i++) {
                double draw = draws.uniform();
                if (draw < fraction) {
                    byte value = (byte) (draw < fraction / 2 ? 0 : 255);
                    for (int c = 0; c < image.shape().channels(); c++) {
                        out[c * plane + i] = value;
                    }
                }
            }
            return new Image(image.shape(), out, image.label());
        }
    }

    private static void checkFraction(double fraction) {
        if (!(fraction > 0 && fraction <= 1)) {
            throw new IllegalArgumentException(
                    "expected a fraction above 0 and at most 1, found " + fraction);
        }
    }
}
