package io.ebmstream.ops.image;

import io.ebmstream.ops.energy.ImageShape;

/**
 * Limits that hold before an image is decoded, so that a few hostile bytes cannot claim the memory.
 * Channels are always 1 (gray) or 3 (red, green, blue).
 *
 * @param maxEncodedBytes largest number of encoded bytes, at least 1
 * @param maxPixels largest height * width, 1 to 2^28
 * @param maxSide largest height and largest width, at least 1
 */
public record DecodeLimits(int maxEncodedBytes, int maxPixels, int maxSide) {
    /** For records of a stream: 1 MiB (what is carried inline), 4 Mi pixels, sides up to 8192. */
    public static final DecodeLimits DEFAULT = new DecodeLimits(1 << 20, 1 << 22, 1 << 13);

    /** For the user's own files: 64 MiB, 32 Mi pixels, sides up to 16384. */
    public static final DecodeLimits FILES = new DecodeLimits(1 << 26, 1 << 25, 1 << 14);

    /**
     * @throws IllegalArgumentException if a limit is out of range
     */
    public DecodeLimits {
        if (maxEncodedBytes < 1 || maxPixels < 1 || maxPixels > 1 << 28 || maxSide < 1) {
            throw new IllegalArgumentException(
                    "expected decode limits of at least 1 (pixels: at most 2^28), found "
                            + "maxEncodedBytes "
                            + maxEncodedBytes
                            + ", maxPixels "
                            + maxPixels
                            + ", maxSide "
                            + maxSide);
        }
    }

    /**
     * @throws ImageFormatException if there are more encoded bytes than allowed
     */
    void checkEncoded(long bytes) throws ImageFormatException {
        if (bytes > maxEncodedBytes) {
            throw new ImageFormatException(
                    "at most " + maxEncodedBytes + " encoded bytes",
                    bytes + " bytes",
                    "send a smaller image or raise the limit on encoded bytes");
        }
    }

    /**
     * @throws ImageFormatException if an image of this size is not allowed
     */
    void checkSize(long height, long width) throws ImageFormatException {
        if (height < 1 || width < 1) {
            throw new ImageFormatException(
                    "a height and width of at least 1",
                    height + "x" + width + " (height x width)",
                    "the header is broken: encode the image anew");
        }
        if (height > maxSide || width > maxSide || height * width > maxPixels) {
            throw new ImageFormatException(
                    "at most " + maxPixels + " pixels with sides of at most " + maxSide,
                    height + "x" + width + " (height x width)",
                    "send a smaller image or raise the limits on pixels and sides");
        }
    }

    /**
     * @throws ImageFormatException if an image of this shape is not allowed
     */
    void checkShape(ImageShape shape) throws ImageFormatException {
        checkSize(shape.height(), shape.width());
        if (shape.channels() != 1 && shape.channels() != 3) {
            throw new ImageFormatException(
                    "1 channel (gray) or 3 (colour)",
                    shape.channels() + " channels",
                    "convert the image to gray or colour");
        }
    }
}
