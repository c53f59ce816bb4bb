package io.ebmstream.ops.energy;

/**
 * Networks of one name: a rule from an image's shape and a width to a graph. {@link Networks} has
 * them all.
 *
 * @param name name in configuration and reports
 * @param role what it is for
 * @param defaultWidth the papers' width
 * @param defaultSize side of the papers' images, pixels
 * @param sizes which images it takes or makes, for people
 * @param summary what it is, for people
 * @param rule the rule
 */
public record NetworkFamily(
        String name,
        NetworkRole role,
        int defaultWidth,
        int defaultSize,
        String sizes,
        String summary,
        Rule rule) {

    /** From an image's shape and a width to a graph. */
    @FunctionalInterface
    public interface Rule {
        /**
         * The network for images of this shape.
         *
         * @throws IllegalArgumentException if there is none for such images or width
         */
        Network build(ImageShape image, int width);
    }

    /**
     * The network of the papers' width for images of this shape.
     *
     * @param image what the network reads, or what it makes
     * @throws IllegalArgumentException if it has no network for such images
     */
    public Network build(ImageShape image) {
        return build(image, defaultWidth);
    }

    /**
     * The network for images of this shape.
     *
     * @param image what the network reads, or what it makes
     * @param width multiplies all channels
     * @throws IllegalArgumentException if it has no network for such images or width
     */
    public Network build(ImageShape image, int width) {
        if (width < 1) {
            throw new IllegalArgumentException(
                    "expected a width of at least 1 for " + name + ", found " + width);
        }
        return rule.build(image, width);
    }
}
