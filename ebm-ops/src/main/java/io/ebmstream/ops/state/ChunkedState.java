package io.ebmstream.ops.state;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * State in numbered pieces of one name: {@code name/0}, {@code name/1}, .. A chunk begins to exist
 * with its first change. Not thread-safe.
 */
public abstract class ChunkedState implements NamedState {
    private final String prefix;
    private final long[] revisions;

    /**
     * @param name the pieces' name
     * @param chunks most chunks
     */
    protected ChunkedState(String name, int chunks) {
        this.prefix = name + "/";
        this.revisions = new long[chunks];
    }

    /** Bytes of a chunk; a pure function of its content. */
    public abstract byte[] chunk(int index);

    /** Takes over a chunk's bytes, which say which chunk it is. Returns its index. */
    protected abstract int restoreChunk(byte[] state);

    /** Makes a chunk empty. */
    protected abstract void clearChunk(int index);

    /** To be called with every change of a chunk. */
    protected final void changed(int chunk) {
        revisions[chunk]++;
    }

    /** Most chunks. */
    public final int chunkCount() {
        return revisions.length;
    }

    /**
     * Takes over a chunk of any name.
     *
     * @throws IllegalArgumentException if the bytes are damaged or of another shape
     */
    public final void restore(byte[] state) {
        changed(restoreChunk(state));
    }

    @Override
    public final List<String> pieces() {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < revisions.length; i++) {
            if (revisions[i] > 0) {
                names.add(prefix + i);
            }
        }
        return names;
    }

    @Override
    public final boolean knows(String piece) {
        return piece.startsWith(prefix);
    }

    @Override
    public final long revision(String piece) {
        return revisions[index(piece)];
    }

    @Override
    public final byte[] piece(String piece) {
        return chunk(index(piece));
    }

    @Override
    public final void restore(String piece, byte[] state) {
        int expected = index(piece);
        int found = restoreChunk(state);
        changed(found);
        if (found != expected) {
            throw new IllegalArgumentException(
                    "expected state of "
                            + piece
                            + ", found that of "
                            + prefix
                            + found
                            + "; pieces of state were mixed up");
        }
    }

    @Override
    public final void forget(String piece) {
        int index = index(piece);
        clearChunk(index);
        changed(index);
    }

    private int index(String piece) {
        try {
            if (knows(piece)) {
                String number = piece.substring(prefix.length());
                return Objects.checkIndex(Integer.parseInt(number), revisions.length);
            }
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            throw unknown(piece, e);
        }
        throw unknown(piece, null);
    }

    private IllegalArgumentException unknown(String piece, Exception cause) {
        return new IllegalArgumentException(
                "expected a piece of state from "
                        + prefix
                        + "0 to "
                        + prefix
                        + (revisions.length - 1)
                        + ", found "
                        + piece
                        + "; was the state written under another configuration?",
                cause);
    }
}
