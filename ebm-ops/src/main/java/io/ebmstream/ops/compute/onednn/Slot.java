package io.ebmstream.ops.compute.onednn;

import org.bytedeco.dnnl.memory;
import org.bytedeco.javacpp.Pointer;

/**
 * A tensor of a {@link Program}: what it looks like, and where it lies. Several slots may be views
 * of one storage.
 */
final class Slot {

    /** Bytes that slots lie in, and the operations from the first to the last that need them. */
    static final class Storage {
        final long bytes;
        int first = Integer.MAX_VALUE;
        int last = -1;

        /** Values whose gradient this is; while there are several, none may change it in place. */
        int claims;

        /** Where it lies; null until the program lays out its arena. */
        Pointer address;

        Storage(long bytes, Pointer address) {
            this.bytes = bytes;
            this.address = address;
        }

        void touch(int operation) {
            first = Math.min(first, operation);
            last = Math.max(last, operation);
        }

        boolean overlaps(Storage other) {
            return first <= other.last && other.first <= last;
        }
    }

    private final memory.desc desc;
    private final Storage storage;
    private final boolean constant;
    private memory bound;

    Slot(memory.desc desc, Storage storage, boolean constant) {
        this.desc = desc;
        this.storage = storage;
        this.constant = constant;
    }

    memory.desc desc() {
        return desc;
    }

    Storage storage() {
        return storage;
    }

    /** Whether no operation of the program may write it. */
    boolean isConstant() {
        return constant;
    }

    /** The same bytes under another descriptor. */
    Slot as(memory.desc other) {
        return new Slot(other, storage, constant);
    }

    /** The memory, as soon as the storage has its address. */
    memory memory() {
        if (bound == null) {
            bound = new memory(desc, OneDnn.engine(), storage.address);
        }
        return bound;
    }
}
