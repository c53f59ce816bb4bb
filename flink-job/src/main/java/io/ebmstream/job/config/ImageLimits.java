package io.ebmstream.job.config;

import io.ebmstream.ops.image.DecodeLimits;
import java.io.Serializable;

/**
 * Limits that are checked before an image is decoded.
 *
 * @param maxBytes largest image record, bytes
 * @param maxPixels largest height times width of an encoded image
 */
public record ImageLimits(int maxBytes, int maxPixels) implements Serializable {
    private static final long serialVersionUID = 1L;

    /** As the decoder takes them. */
    public DecodeLimits toLimits() {
        return new DecodeLimits(maxBytes, maxPixels, DecodeLimits.DEFAULT.maxSide());
    }
}
