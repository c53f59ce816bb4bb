package io.ebmstream.job.config;

/** Which version of the model purifies an image. */
public enum Consistency {
    /** The one that arrived last. */
    LATEST,
    /** A function of the image's place in the input. */
    LOCKSTEP;

    @Override
    public String toString() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
