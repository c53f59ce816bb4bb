package io.ebmstream.ops.learner;

import io.ebmstream.ops.state.NamedState;
import java.util.List;

/** State of a learner that is a single piece, without which it cannot be restored. */
abstract class OnePiece implements NamedState {
    private final String name;
    private long revision = 1;

    OnePiece(String name) {
        this.name = name;
    }

    /** Says that the piece is another now. */
    final void changed() {
        revision++;
    }

    @Override
    public final List<String> pieces() {
        return List.of(name);
    }

    @Override
    public final boolean knows(String piece) {
        return piece.equals(name);
    }

    @Override
    public final long revision(String piece) {
        return revision;
    }

    @Override
    public final void forget(String piece) {
        throw new IllegalArgumentException(
                "expected the piece "
                        + name
                        + " of a learner's state, found none; restore every piece that was"
                        + " written");
    }
}
