package io.ebmstream.ops.bank;

import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.sampler.Threefry;
import io.ebmstream.ops.state.ChunkedState;
import io.ebmstream.ops.state.StateKind;
import io.ebmstream.ops.state.StateReader;
import io.ebmstream.ops.state.StateWriter;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * Persistent chains (ALGORITHMS section 4): float32 images [c, h, w] off heap, one per slot.
 *
 * <p>Each slot has a number of Langevin steps, which is the counter of its noise and never goes
 * back, not even when the chain restarts, and an age: the updates since the chain started. The
 * slot's index is the chain id of its noise. A slot is empty until an update first draws it, so
 * that a large bank costs memory and state only as it fills.
 *
 * <p>State is written in chunks of {@link #CHUNK} slots, {@code bank/0} and on; only those that
 * changed need writing. Not thread-safe. Close it to free its memory.
 */
public final class PersistentBank extends ChunkedState implements AutoCloseable {
    /** Name of the pieces of a bank that is given no other. */
    public static final String NAME = "bank";

    /** Slots in one piece of state: 384 KiB at 3x32x32. */
    public static final int CHUNK = 32;

    /** Purposes: each has its own random numbers. */
    private static final long DRAW = 1;

    private static final long RESTART = 2;

    private final int capacity;
    private final ImageShape shape;
    private final int size;
    private final FloatPointer[] chunks;
    private final long[] steps;
    private final int[] ages;
    private int started;
    private boolean closed;

    /**
     * An empty bank.
     *
     * @param capacity number of slots, at least 1
     * @param shape shape of one image
     */
    public PersistentBank(int capacity, ImageShape shape) {
        this(NAME, capacity, shape);
    }

    /**
     * An empty bank among others.
     *
     * @param name of its pieces of state
     * @param capacity number of slots, at least 1
     * @param shape shape of what a slot holds: an image, or latents
     */
    public PersistentBank(String name, int capacity, ImageShape shape) {
        super(name, chunks(capacity));
        this.capacity = capacity;
        this.shape = shape;
        this.size = shape.size();
        this.chunks = new FloatPointer[chunkCount()];
        this.steps = new long[capacity];
        this.ages = new int[capacity];
        Arrays.fill(ages, -1);
    }

    public int capacity() {
        return capacity;
    }

    public ImageShape shape() {
        return shape;
    }

    /** Number of slots that hold a chain. */
    public int started() {
        return started;
    }

    public boolean isStarted(int slot) {
        return ages[slot] >= 0;
    }

    /** Langevin steps the slot has behind it: the step of its next noise. */
    public long steps(int slot) {
        return steps[slot];
    }

    /** Updates since the chain started, 0 for an empty slot. */
    public int age(int slot) {
        return Math.max(0, ages[slot]);
    }

    /**
     * Different slots for one update, a pure function of the arguments.
     *
     * @param count at most the capacity
     */
    public int[] draw(long seed, long round, int count) {
        return Draws.distinct(key(seed, DRAW, round), capacity, count);
    }

    /**
     * Whether the chain in a slot starts anew in this update: it is empty, or it has been through
     * more than {@code maxUpdates} updates, or it is rejuvenated by chance.
     *
     * @param probability of rejuvenation, in [0, 1]
     * @param maxUpdates 0 for no limit
     */
    public boolean restarts(long seed, long round, int slot, double probability, int maxUpdates) {
        return ages[slot] < 0
                || (maxUpdates > 0 && ages[slot] > maxUpdates)
                || Draws.uniform(key(seed, RESTART, round), slot) < probability;
    }

    /**
     * Copies a chain out.
     *
     * @throws IllegalStateException if the slot is empty
     */
    public void read(int slot, float[] out, int offset) {
        if (!isStarted(slot)) {
            throw new IllegalStateException("expected a chain in slot " + slot + ", found none");
        }
        at(slot).get(out, offset, size);
    }

    /**
     * Copies a chain in after an update.
     *
     * @param stepsDone Langevin steps of the update, added to the slot's
     * @param restarted whether the chain started in this update; its age is then 1
     */
    public void write(int slot, float[] pixels, int offset, int stepsDone, boolean restarted) {
        put(slot, pixels, offset, stepsDone, restarted ? 1 : ages[slot] + 1);
    }

    /**
     * Copies a chain in with an age of its own, for chains that come from elsewhere.
     *
     * @param stepsDone Langevin steps that used the slot's noise, added to the slot's
     * @param age updates since the chain started, at least 0
     */
    public void put(int slot, float[] pixels, int offset, int stepsDone, int age) {
        if (age < 0) {
            throw new IllegalArgumentException("expected an age of at least 0, found " + age);
        }
        allocate(slot / CHUNK);
        if (ages[slot] < 0) {
            started++;
        }
        at(slot).put(pixels, offset, size);
        steps[slot] += stepsDone;
        ages[slot] = age;
        changed(slot / CHUNK);
    }

    /** Gives a chain up: its slot is empty, and a chain starts there when it is next drawn. */
    public void empty(int slot) {
        if (ages[slot] >= 0) {
            ages[slot] = -1;
            started--;
            changed(slot / CHUNK);
        }
    }

    /** Slots with a chain, the oldest chains first, equal ages in the order of slots. */
    public int[] oldest(int count) {
        return IntStream.range(0, capacity)
                .filter(this::isStarted)
                .boxed()
                .sorted(Comparator.comparingInt(slot -> -ages[slot]))
                .limit(count)
                .mapToInt(Integer::intValue)
                .toArray();
    }

    @Override
    public byte[] chunk(int index) {
        int first = index * CHUNK;
        int count = slots(index);
        float[] pixels = new float[count * size];
        if (chunks[index] != null) {
            open();
            new FloatPointer(chunks[index]).get(pixels, 0, pixels.length);
        }
        return new StateWriter(StateKind.BANK_CHUNK, 4 * pixels.length + 12 * count + 128)
                .putInt(index)
                .putInts(Arrays.copyOfRange(ages, first, first + count), count)
                .putLongs(Arrays.copyOfRange(steps, first, first + count), count)
                .putFloats(pixels, count, shape.channels(), shape.height(), shape.width())
                .toBytes();
    }

    @Override
    protected int restoreChunk(byte[] state) {
        StateReader reader = new StateReader(StateKind.BANK_CHUNK, state);
        int index = reader.nextInt();
        if (index < 0 || index >= chunks.length) {
            throw new IllegalArgumentException(
                    "expected a bank chunk from 0 to "
                            + (chunks.length - 1)
                            + ", found "
                            + index
                            + "; was the bank's size changed?");
        }
        int first = index * CHUNK;
        int count = slots(index);
        int[] foundAges = reader.nextInts(count);
        long[] foundSteps = reader.nextLongs(count);
        float[] pixels = reader.nextFloats(count, shape.channels(), shape.height(), shape.width());
        reader.end();
        allocate(index);
        new FloatPointer(chunks[index]).put(pixels, 0, pixels.length);
        System.arraycopy(foundAges, 0, ages, first, count);
        System.arraycopy(foundSteps, 0, steps, first, count);
        started = (int) Arrays.stream(ages).filter(age -> age >= 0).count();
        return index;
    }

    @Override
    protected void clearChunk(int index) {
        int first = index * CHUNK;
        Arrays.fill(ages, first, first + slots(index), -1);
        Arrays.fill(steps, first, first + slots(index), 0);
        if (chunks[index] != null) {
            Pointer.memset(chunks[index], 0, 4L * slots(index) * size);
        }
        started = (int) Arrays.stream(ages).filter(age -> age >= 0).count();
    }

    /** Frees the chains. Closing twice is harmless. */
    @Override
    public void close() {
        closed = true;
        for (FloatPointer chunk : chunks) {
            if (chunk != null) {
                chunk.close();
            }
        }
    }

    private static long key(long seed, long purpose, long round) {
        return Threefry.derive(Threefry.derive(seed, purpose), round);
    }

    private static int chunks(int capacity) {
        if (capacity < 1) {
            throw new IllegalArgumentException(
                    "expected a bank of at least 1 chain, found " + capacity);
        }
        return (capacity + CHUNK - 1) / CHUNK;
    }

    private int slots(int chunk) {
        return Math.min(CHUNK, capacity - chunk * CHUNK);
    }

    private void open() {
        if (closed) {
            throw new IllegalStateException("the bank is closed");
        }
    }

    private void allocate(int chunk) {
        open();
        if (chunks[chunk] == null) {
            FloatPointer memory = new FloatPointer((long) slots(chunk) * size);
            Pointer.memset(memory, 0, 4L * slots(chunk) * size);
            chunks[chunk] = memory;
        }
    }

    private FloatPointer at(int slot) {
        open();
        return new FloatPointer(chunks[slot / CHUNK]).position((long) (slot % CHUNK) * size);
    }
}
