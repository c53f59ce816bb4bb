package io.ebmstream.ops.weights;

import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.energy.Networks;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which network of the catalogue, in the words that a model file keeps.
 *
 * @param network name in {@link Networks}
 * @param width its width n, at least 1
 * @param image shape of the images that it reads, or makes
 */
public record NetworkSpec(String network, int width, ImageShape image) {
    private static final Pattern SHAPE = Pattern.compile("(\\d{1,4})x(\\d{1,5})x(\\d{1,5})");

    /**
     * @throws IllegalArgumentException if the catalogue has no such network for such images
     */
    public NetworkSpec {
        Networks.named(network).build(image, width);
    }

    /** The network of the papers' width. */
    public static NetworkSpec of(String network, ImageShape image) {
        return new NetworkSpec(network, Networks.named(network).defaultWidth(), image);
    }

    /** Its graph. */
    public Network build() {
        return Networks.named(network).build(image, width);
    }

    /**
     * Reads a shape written as {@link ImageShape#toString()} writes it, {@code 3x32x32}.
     *
     * @throws IllegalArgumentException if the text is no shape
     */
    public static ImageShape parseShape(String text) {
        Matcher matcher = SHAPE.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "expected a shape such as 3x32x32 (channels, rows, columns), found " + text);
        }
        return new ImageShape(
                Integer.parseInt(matcher.group(1)),
                Integer.parseInt(matcher.group(2)),
                Integer.parseInt(matcher.group(3)));
    }
}
