package io.ebmstream.schemas.snapshot;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 as 64 lower-case hexadecimal digits. Not thread-safe. */
final class Sha256 {
    private final MessageDigest digest = create();

    private static MessageDigest create() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform must have SHA-256", e);
        }
    }

    /** Hash of the bytes between position and limit, which stay as they are. */
    static String of(ByteBuffer bytes) {
        return new Sha256().add(bytes).hex();
    }

    Sha256 add(ByteBuffer bytes) {
        digest.update(bytes.duplicate());
        return this;
    }

    /** The hash of all that was added; starts afresh. */
    String hex() {
        return HexFormat.of().formatHex(digest.digest());
    }
}
