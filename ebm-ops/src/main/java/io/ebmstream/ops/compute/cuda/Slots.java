package io.ebmstream.ops.compute.cuda;

import java.util.ArrayList;
import java.util.List;

/**
 * Scratch tensors that programs share: a program's commands run one after the other, so what one
 * has done with serves a later one. Used while programs are built, not while they run.
 */
final class Slots {
    private final OwnedMemory memory;
    private final List<Slot> all = new ArrayList<>();

    /** One scratch tensor; free when nobody uses it. */
    static final class Slot {
        final long address;
        final long bytes;
        private int users;

        private Slot(long address, long bytes) {
            this.address = address;
            this.bytes = bytes;
        }

        /** One more user. */
        Slot share() {
            users++;
            return this;
        }

        /** One user less. */
        void release() {
            users--;
        }
    }

    Slots(OwnedMemory memory) {
        this.memory = memory;
    }

    /** A scratch tensor of at least so many bytes: the smallest free one, or a new one. */
    Slot acquire(long bytes) {
        Slot best = null;
        for (Slot slot : all) {
            if (slot.users == 0
                    && slot.bytes >= bytes
                    && (best == null || slot.bytes < best.bytes)) {
                best = slot;
            }
        }
        if (best == null) {
            best = new Slot(memory.allocate(bytes), bytes);
            all.add(best);
        }
        return best.share();
    }

    /** Makes all free, for the next program. */
    void reset() {
        all.forEach(slot -> slot.users = 0);
    }
}
