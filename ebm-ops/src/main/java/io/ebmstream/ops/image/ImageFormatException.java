package io.ebmstream.ops.image;

import java.io.IOException;

/**
 * Bytes that are not the image they should be. The message says what was expected, what was found
 * and what to do.
 */
public final class ImageFormatException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * @param expected what would have been right
     * @param found what was there instead
     * @param advice what to do about it
     */
    public ImageFormatException(String expected, String found, String advice) {
        this(expected, found, advice, null);
    }

    /** As above, with the reader's own failure as the cause. */
    public ImageFormatException(String expected, String found, String advice, Throwable cause) {
        super("expected " + expected + ", found " + found + "; " + advice, cause);
    }

    /** The same failure, with the place (a file, an entry) put in front of the message. */
    public ImageFormatException at(String place) {
        return new ImageFormatException(place, this);
    }

    private ImageFormatException(String place, ImageFormatException failure) {
        super(place + ": " + failure.getMessage(), failure);
    }
}
