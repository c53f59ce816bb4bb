package io.ebmstream.ops.state;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Several states as one; their pieces have different names. Not thread-safe. */
public final class CompositeState implements NamedState {
    private final List<NamedState> parts;

    /**
     * @param parts in the order of their pieces; they stay the caller's
     */
    public CompositeState(List<? extends NamedState> parts) {
        this.parts = List.copyOf(parts);
    }

    @Override
    public List<String> pieces() {
        List<String> names = new ArrayList<>();
        parts.forEach(part -> names.addAll(part.pieces()));
        return names;
    }

    @Override
    public boolean knows(String piece) {
        return parts.stream().anyMatch(part -> part.knows(piece));
    }

    @Override
    public long revision(String piece) {
        return owner(piece).revision(piece);
    }

    @Override
    public byte[] piece(String piece) {
        return owner(piece).piece(piece);
    }

    @Override
    public void restore(String piece, byte[] state) {
        owner(piece).restore(piece, state);
    }

    @Override
    public void forget(String piece) {
        owner(piece).forget(piece);
    }

    /** All pieces by name, in their order. */
    public Map<String, byte[]> copy() {
        Map<String, byte[]> copy = new LinkedHashMap<>();
        pieces().forEach(piece -> copy.put(piece, piece(piece)));
        return copy;
    }

    /**
     * Becomes what it was when a copy was taken: takes over the copy's pieces and forgets all
     * others. If it fails, the state is neither the one nor the other.
     *
     * @param copy pieces by name, in any order
     * @param kept names of pieces that stay as they are now, whether the copy has them or not
     * @throws IllegalArgumentException if a piece is unknown, damaged, of another configuration, or
     *     missing
     */
    public void restoreAll(Map<String, byte[]> copy, Predicate<String> kept) {
        for (String piece : pieces()) {
            if (!copy.containsKey(piece) && !kept.test(piece)) {
                forget(piece);
            }
        }
        copy.forEach(
                (piece, bytes) -> {
                    if (!kept.test(piece)) {
                        restore(piece, bytes);
                    }
                });
    }

    private NamedState owner(String piece) {
        for (NamedState part : parts) {
            if (part.knows(piece)) {
                return part;
            }
        }
        throw new IllegalArgumentException(
                "expected a piece of state of "
                        + pieces().stream()
                                .map(name -> name.replaceAll("/.*", ""))
                                .distinct()
                                .toList()
                        + ", found "
                        + piece
                        + "; the state was written under another configuration");
    }
}
