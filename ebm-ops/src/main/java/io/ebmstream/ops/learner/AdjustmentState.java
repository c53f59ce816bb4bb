package io.ebmstream.ops.learner;

import io.ebmstream.ops.state.NamedState;
import java.util.List;

/** A learner's adjustments as a piece of its state, there once they were set. Not thread-safe. */
final class AdjustmentState implements NamedState {
    static final String PIECE = "adjustments";

    private LearnerAdjustments value = LearnerAdjustments.NONE;
    private long revision;

    LearnerAdjustments value() {
        return value;
    }

    void set(LearnerAdjustments next) {
        if (!next.equals(value)) {
            value = next;
            revision++;
        }
    }

    @Override
    public List<String> pieces() {
        return revision == 0 ? List.of() : List.of(PIECE);
    }

    @Override
    public boolean knows(String piece) {
        return piece.equals(PIECE);
    }

    @Override
    public long revision(String piece) {
        return revision;
    }

    @Override
    public byte[] piece(String piece) {
        return value.toBytes();
    }

    @Override
    public void restore(String piece, byte[] state) {
        value = LearnerAdjustments.fromBytes(state);
        revision++;
    }

    @Override
    public void forget(String piece) {
        value = LearnerAdjustments.NONE;
        revision++;
    }
}
