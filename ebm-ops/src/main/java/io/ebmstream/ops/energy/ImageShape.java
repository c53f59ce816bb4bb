package io.ebmstream.ops.energy;

/**
 * Shape of one image or feature map, without the batch dimension: [c, h, w].
 *
 * @param channels number of channels, at least 1
 * @param height rows, at least 1
 * @param width columns, at least 1
 */
public record ImageShape(int channels, int height, int width) {
    /**
     * @throws IllegalArgumentException if a dimension is below 1
     */
    public ImageShape {
        if (channels < 1 || height < 1 || width < 1) {
            throw new IllegalArgumentException(
                    "expected channels, height and width of at least 1, found "
                            + channels
                            + "x"
                            + height
                            + "x"
                            + width);
        }
    }

    /** Number of values in one image: c * h * w. */
    public int size() {
        return channels * height * width;
    }

    @Override
    public String toString() {
        return channels + "x" + height + "x" + width;
    }
}
