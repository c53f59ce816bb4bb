package io.ebmstream.ops.hat;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256 without its checked exception. */
final class Digests {
    private Digests() {}

    /** The digest of pieces, one after the other. */
    static byte[] sha256(byte[]... pieces) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (byte[] piece : pieces) {
                digest.update(piece);
            }
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
