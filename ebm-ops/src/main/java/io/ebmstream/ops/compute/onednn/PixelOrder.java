package io.ebmstream.ops.compute.onednn;

import io.ebmstream.ops.energy.ImageShape;

/**
 * Where the values of one image [c, h, w] lie in memory whose channels are (c, dy, dx) of s x s
 * pixels each, as {@link Fold} makes them; s = 1 is an image as it is.
 *
 * @param image shape of the image
 * @param factor s
 * @param channelStride distance of neighbouring folded channels
 * @param rowStride distance of neighbouring folded rows
 * @param columnStride distance of neighbouring folded columns
 */
record PixelOrder(
        ImageShape image, int factor, int channelStride, int rowStride, int columnStride) {

    /** The image in plain order. */
    static PixelOrder plain(ImageShape image) {
        return new PixelOrder(image, 1, image.height() * image.width(), image.width(), 1);
    }

    /** A folded image; its channels fit in one block of a blocked layout. */
    static PixelOrder folded(ImageShape image, int factor, Layout layout) {
        int channels = image.channels() * factor * factor;
        int height = image.height() / factor;
        int width = image.width() / factor;
        if (layout == Layout.PLAIN) {
            return new PixelOrder(image, factor, height * width, width, 1);
        }
        int pixel = layout == Layout.CHANNELS_LAST ? channels : layout.block;
        return new PixelOrder(image, factor, 1, width * pixel, pixel);
    }

    /** Copies one image from folded memory to plain order. */
    void unfold(float[] from, int fromOffset, float[] to, int toOffset) {
        int rows = image.height() / factor;
        int columns = image.width() / factor;
        int channel = fromOffset;
        for (int c = 0; c < image.channels(); c++) {
            for (int dy = 0; dy < factor; dy++) {
                for (int dx = 0; dx < factor; dx++) {
                    int target = toOffset + (c * image.height() + dy) * image.width() + dx;
                    for (int row = 0; row < rows; row++) {
                        copyRow(
                                from,
                                channel + row * rowStride,
                                to,
                                target + row * factor * image.width(),
                                columns);
                    }
                    channel += channelStride;
                }
            }
        }
    }

    private void copyRow(float[] from, int start, float[] to, int target, int columns) {
        for (int column = 0; column < columns; column++) {
            to[target + column * factor] = from[start + column * columnStride];
        }
    }
}
