package io.ebmstream.job.config;

import java.io.Serializable;

/**
 * Limits that are checked before an image is decoded.
 *
 * @param maxBytes largest image record, bytes
 * @param maxPixels largest height times width of an encoded image
 */
public record ImageLimits(int maxBytes, int maxPixels) implements Serializable {
    private static final long serialVersionUID = 1L;
}
