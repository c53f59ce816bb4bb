package io.ebmstream.ops.compute.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_FROM;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_TO;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/**
 * Operations in the order in which they run, and the tensors between them. First operations are
 * added; then {@link #build} lays the tensors out in one arena, where those that are never needed
 * at the same time share their place; then parts of the program run.
 *
 * <p>Native memory belongs to the scope that is open at construction and building. Not thread-safe.
 */
final class Program {
    /** Tensors begin at cache lines, as oneDNN's own allocations do. */
    private static final long ALIGNMENT = 64;

    /** An operand: oneDNN's index of the argument, and the tensor. */
    record Argument(int index, Slot slot) {}

    private record Entry(String name, primitive primitive, Argument[] arguments) {}

    private final List<Entry> entries = new ArrayList<>();
    private final List<Slot.Storage> shared = new ArrayList<>();
    private Operation[] operations;
    private long arenaBytes;

    /** A tensor in the arena: only alive from the first to the last operation that has it. */
    Slot slot(memory.desc desc) {
        Slot.Storage storage = new Slot.Storage(desc.get_size(), null);
        shared.add(storage);
        return new Slot(desc, storage, false);
    }

    /** A zeroed tensor outside the arena, for what is read or written between runs. */
    Slot kept(memory.desc desc) {
        return view(OneDnn.allocate(desc), false);
    }

    /** Memory that the program reads but does not change. */
    static Slot constant(memory memory) {
        return view(memory, true);
    }

    private static Slot view(memory memory, boolean constant) {
        memory.desc desc = memory.get_desc();
        Pointer address = memory.get_data_handle();
        return new Slot(desc, new Slot.Storage(desc.get_size(), address), constant);
    }

    /** Adds an operation. */
    void add(String name, primitive primitive, Argument... arguments) {
        for (Argument argument : arguments) {
            argument.slot().storage().touch(entries.size());
        }
        entries.add(new Entry(name, primitive, arguments));
    }

    /**
     * A tensor's values in another order or format: the same bytes where they lie so already. They
     * get the new descriptor all the same: with one channel two layouts count as equal, but oneDNN
     * chooses its code by the strides, which are not.
     */
    Slot convert(Slot from, memory.desc desc, String name) {
        return from.desc().equals(desc) ? from.as(desc) : copy(from, slot(desc), name);
    }

    /** Adds the copy of a tensor into another order or format. */
    Slot copy(Slot from, Slot to, String name) {
        reorder.primitive_desc desc =
                new reorder.primitive_desc(
                        OneDnn.engine(), from.desc(), OneDnn.engine(), to.desc());
        add(
                "reorder of " + name,
                new reorder(desc),
                new Argument(DNNL_ARG_FROM, from),
                new Argument(DNNL_ARG_TO, to));
        return to;
    }

    /** Number of operations so far: where a part ends and the next one begins. */
    int position() {
        return entries.size();
    }

    /** Lays out the arena and binds all operations. Nothing can be added afterwards. */
    void build(stream stream) {
        layOut();
        operations = new Operation[entries.size()];
        for (int i = 0; i < operations.length; i++) {
            Entry entry = entries.get(i);
            operations[i] =
                    new Operation(
                            entry.name(),
                            entry.primitive(),
                            stream,
                            Arrays.stream(entry.arguments())
                                    .map(a -> new Operation.Argument(a.index(), a.slot().memory()))
                                    .toArray(Operation.Argument[]::new));
        }
        entries.clear();
    }

    /** Runs the operations from one position up to another. */
    void run(int from, int to) {
        for (int i = from; i < to; i++) {
            operations[i].run();
        }
    }

    /** Bytes of the arena. */
    long arenaBytes() {
        return arenaBytes;
    }

    /** Largest first, each at the lowest place that is free for as long as it lives. */
    private void layOut() {
        shared.removeIf(storage -> storage.last < 0);
        shared.sort(Comparator.comparingLong((Slot.Storage s) -> -s.bytes));
        long[] offsets = new long[shared.size()];
        List<Integer> placed = new ArrayList<>();
        for (int i = 0; i < offsets.length; i++) {
            Slot.Storage storage = shared.get(i);
            placed.sort(Comparator.comparingLong(j -> offsets[j]));
            long at = 0;
            for (int j : placed) {
                Slot.Storage other = shared.get(j);
                if (storage.overlaps(other)) {
                    if (at + storage.bytes <= offsets[j]) {
                        break;
                    }
                    at = Math.max(at, align(offsets[j] + other.bytes));
                }
            }
            offsets[i] = at;
            placed.add(i);
            arenaBytes = Math.max(arenaBytes, at + storage.bytes);
        }
        if (arenaBytes == 0) {
            return;
        }
        memory arena =
                OneDnn.allocate(
                        new memory.desc(
                                new long[] {arenaBytes}, memory.data_type.u8, memory.format_tag.a));
        BytePointer start = new BytePointer(arena.get_data_handle());
        for (int i = 0; i < offsets.length; i++) {
            shared.get(i).address = start.getPointer(offsets[i]);
        }
    }

    private static long align(long bytes) {
        return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
}
