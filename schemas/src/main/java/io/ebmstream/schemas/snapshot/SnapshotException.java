package io.ebmstream.schemas.snapshot;

import java.io.IOException;

/** A snapshot that cannot be used. Trouble with the broker is a KafkaException instead. */
public final class SnapshotException extends IOException {
    private static final long serialVersionUID = 1L;

    /** Why the snapshot cannot be used. */
    public enum Reason {
        /** There is no such topic or version. */
        NOT_FOUND,
        /** The manifest is there, some of its chunks are not. */
        INCOMPLETE,
        /** A manifest or chunk that contradicts itself, or its hash. */
        CORRUPT
    }

    private final Reason reason;

    SnapshotException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    SnapshotException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    /** Why the snapshot cannot be used. */
    public Reason reason() {
        return reason;
    }
}
