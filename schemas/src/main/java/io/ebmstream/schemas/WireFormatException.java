package io.ebmstream.schemas;

import java.io.IOException;

/** Bytes that are no valid record of the expected type. The only error of a decoder. */
public final class WireFormatException extends IOException {
    private static final long serialVersionUID = 1L;

    /** What is wrong with the bytes. */
    public enum Reason {
        /** No bytes at all, or more than the format's limit. */
        SIZE,
        /** The first two bytes are not those of Avro's single-object encoding. */
        NOT_SINGLE_OBJECT,
        /** The schema's fingerprint is none of the record's released versions. */
        UNKNOWN_SCHEMA,
        /** The bytes end inside the record, or a length points past the end. */
        TRUNCATED,
        /** A value that the schema does not allow. */
        MALFORMED,
        /** The record is followed by more bytes. */
        TRAILING_BYTES
    }

    private final Reason reason;

    WireFormatException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    WireFormatException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    /** What is wrong with the bytes. */
    public Reason reason() {
        return reason;
    }
}
