package io.ebmstream.ops.state;

import java.util.List;

/**
 * State that is kept as named pieces, so that whoever keeps it writes only what changed. A piece is
 * the bytes of a {@link StateWriter} and a pure function of the state. Names are lower-case words,
 * with a number after a slash where there are several: {@code core}, {@code bank/3}.
 *
 * <p>Each piece has a revision, a number that rises with every change of the piece in this object's
 * life. Any number of keepers, a checkpoint and a copy for a roll-back for instance, tell by it
 * what changed since they last looked ({@link StateChanges}). Revisions are no part of the state.
 *
 * <p>Not thread-safe.
 */
public interface NamedState {
    /** Names of the pieces that it consists of now, in a fixed order. A name never goes again. */
    List<String> pieces();

    /** Whether it has or could have a piece of this name. */
    boolean knows(String piece);

    /**
     * Revision of a piece.
     *
     * @throws IllegalArgumentException if it knows no such piece
     */
    long revision(String piece);

    /**
     * Bytes of a piece as it is now.
     *
     * @throws IllegalArgumentException if it knows no such piece
     */
    byte[] piece(String piece);

    /**
     * Takes over a piece; that is a change of it.
     *
     * @throws IllegalArgumentException if it knows no such piece, or the bytes are damaged or of
     *     another configuration
     */
    void restore(String piece, byte[] state);

    /**
     * Makes a piece what it was in the beginning, before anything was written to it.
     *
     * @throws IllegalArgumentException if it knows no such piece, or cannot do without it
     */
    void forget(String piece);
}
