package io.ebmstream.ops.state;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What one keeper of a {@link NamedState} has yet to write. Not thread-safe.
 *
 * <pre>
 * for (String piece : changes.in(state)) { store(piece, state.piece(piece)); }
 * changes.written(state);
 * </pre>
 */
public final class StateChanges {
    private final Map<String, Long> written = new HashMap<>();

    /** Names of the pieces that changed since the last {@link #written}, in the state's order. */
    public List<String> in(NamedState state) {
        return state.pieces().stream()
                .filter(piece -> !Long.valueOf(state.revision(piece)).equals(written.get(piece)))
                .toList();
    }

    /** Says that all pieces are kept as they are now: after writing, or just after restoring. */
    public void written(NamedState state) {
        for (String piece : state.pieces()) {
            written.put(piece, state.revision(piece));
        }
    }
}
