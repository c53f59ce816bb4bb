package io.ebmstream.ops.guard;

import io.ebmstream.ops.state.NamedState;
import io.ebmstream.ops.state.StateKind;
import io.ebmstream.ops.state.StateReader;
import io.ebmstream.ops.state.StateWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * State of guard rails by named pieces: what they remember, and the learner's states that are kept
 * to roll back to, in a ring of places.
 *
 * <pre>
 * guard           {@link Guard}
 * points          which places hold what
 * point/i/PIECE   piece of the learner's state kept in place i
 * </pre>
 *
 * A place is written whole when a state is kept, and not again until it is taken for a later one:
 * an incremental checkpoint pays for a kept state once. Not thread-safe.
 */
final class GuardState implements NamedState {
    static final String GUARD = "guard";

    private static final String POINTS = "points";
    private static final String POINT = "point/";

    /** Piece of a kept state that holds the guard's memory of then. */
    private static final String THEN = "memory";

    private final Guard guard;
    private final List<Map<String, byte[]>> places = new ArrayList<>();
    private final long[] updates;
    private final long[] order;
    private final Map<String, Long> revisions = new TreeMap<>();
    private long kept;
    private long since;
    private long revision = 1;

    /**
     * @param guard whose state it is; it stays the caller's
     * @param count places
     */
    GuardState(Guard guard, int count) {
        this.guard = guard;
        for (int i = 0; i < count; i++) {
            places.add(new LinkedHashMap<>());
        }
        updates = new long[count];
        order = new long[count];
    }

    /** Says that the guard has observed something. */
    void observed() {
        revision++;
    }

    /**
     * Keeps a state in the place of the oldest.
     *
     * @param pieces of the learner, without its images
     */
    void keep(long atUpdate, Map<String, byte[]> pieces) {
        int place = 0;
        for (int i = 1; i < order.length; i++) {
            if (order[i] < order[place]) {
                place = i;
            }
        }
        places.set(place, new LinkedHashMap<>(pieces));
        places.get(place).put(THEN, guard.memory());
        order[place] = ++kept;
        updates[place] = atUpdate;
        since = atUpdate;
        revision++;
        for (String piece : places.get(place).keySet()) {
            revisions.put(POINT + place + "/" + piece, revision);
        }
    }

    /** Whether there is a state to roll back to. */
    boolean hasPoint() {
        return latest() >= 0;
    }

    /** Updates that the state had gone through that was last kept or gone back to. */
    long since() {
        return since;
    }

    /** Updates that the oldest kept state had gone through. */
    long oldestUpdates() {
        long oldest = Long.MAX_VALUE;
        for (int i = 0; i < order.length; i++) {
            oldest = order[i] > 0 ? Math.min(oldest, updates[i]) : oldest;
        }
        return oldest;
    }

    /** Pieces of the learner's state kept last. */
    Map<String, byte[]> latestPieces() {
        Map<String, byte[]> pieces = new LinkedHashMap<>(places.get(latest()));
        pieces.remove(THEN);
        return pieces;
    }

    /** The guard's memory of then. */
    byte[] latestMemory() {
        return places.get(latest()).get(THEN);
    }

    /**
     * Says that the learner went back to the latest kept state, which is given up if there is an
     * older one to go back to next time.
     */
    void rolledBack() {
        int latest = latest();
        long older = 0;
        since = updates[latest];
        for (int i = 0; i < order.length; i++) {
            older += i != latest && order[i] > 0 ? 1 : 0;
        }
        if (older > 0) {
            order[latest] = 0;
        }
        revision++;
    }

    /** Gives up all kept states. */
    void forget() {
        Arrays.fill(order, 0);
        revision++;
    }

    private int latest() {
        int latest = -1;
        for (int i = 0; i < order.length; i++) {
            if (order[i] > 0 && (latest < 0 || order[i] > order[latest])) {
                latest = i;
            }
        }
        return latest;
    }

    @Override
    public List<String> pieces() {
        List<String> names = new ArrayList<>(List.of(GUARD, POINTS));
        names.addAll(revisions.keySet());
        return names;
    }

    @Override
    public boolean knows(String piece) {
        return isPiece(piece);
    }

    /** Whether a name is that of a piece of any guard's state. */
    static boolean isPiece(String piece) {
        return piece.equals(GUARD) || piece.equals(POINTS) || piece.startsWith(POINT);
    }

    @Override
    public long revision(String piece) {
        return switch (piece) {
            case GUARD, POINTS -> revision;
            default -> revisions.getOrDefault(piece, 0L);
        };
    }

    @Override
    public byte[] piece(String piece) {
        return switch (piece) {
            case GUARD -> guard.toBytes();
            case POINTS -> points();
            default -> {
                byte[] bytes = places.get(place(piece)).get(rest(piece));
                if (bytes == null) {
                    throw new IllegalArgumentException(
                            "expected a piece of a kept state, found " + piece);
                }
                yield bytes;
            }
        };
    }

    private byte[] points() {
        return new StateWriter(StateKind.GUARD_POINTS, 64 + 32 * order.length)
                .putLong(kept)
                .putLong(since)
                .putInt(order.length)
                .putLongs(order, order.length)
                .putLongs(updates, updates.length)
                .toBytes();
    }

    @Override
    public void restore(String piece, byte[] state) {
        revision++;
        switch (piece) {
            case GUARD -> guard.restore(state);
            case POINTS -> restorePoints(state);
            default -> {
                int place = place(piece);
                if (place < places.size()) {
                    places.get(place).put(rest(piece), state);
                    revisions.put(piece, revision);
                }
            }
        }
    }

    /** Of another number of places those that are left are taken over. */
    private void restorePoints(byte[] state) {
        StateReader reader = new StateReader(StateKind.GUARD_POINTS, state);
        kept = reader.nextLong();
        since = reader.nextLong();
        int count = reader.nextInt();
        long[] foundOrder = reader.nextLongs(count);
        long[] foundUpdates = reader.nextLongs(count);
        reader.end();
        for (int i = 0; i < Math.min(count, order.length); i++) {
            order[i] = foundOrder[i];
            updates[i] = foundUpdates[i];
        }
    }

    @Override
    public void forget(String piece) {
        throw new IllegalArgumentException(
                "expected to keep " + piece + ": what guard rails know is not forgotten");
    }

    private static int place(String piece) {
        return Integer.parseInt(
                piece.substring(POINT.length(), piece.indexOf('/', POINT.length())));
    }

    private static String rest(String piece) {
        return piece.substring(piece.indexOf('/', POINT.length()) + 1);
    }
}
