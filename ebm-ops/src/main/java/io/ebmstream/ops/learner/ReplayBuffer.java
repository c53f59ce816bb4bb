package io.ebmstream.ops.learner;

import io.ebmstream.ops.bank.Draws;
import io.ebmstream.ops.image.Pixels;
import io.ebmstream.ops.state.ChunkedState;
import io.ebmstream.ops.state.StateKind;
import io.ebmstream.ops.state.StateReader;
import io.ebmstream.ops.state.StateWriter;
import java.util.Arrays;
import java.util.Objects;

/**
 * What stands for the data set on a stream: a sample of the images seen, recent ones more likely.
 *
 * <p>Until it is full each image takes the next slot; after that each replaces the one in a random
 * slot, so that the chance to be still there falls by 1/e with every {@code capacity} images
 * (Aggarwal 2006, "On biased reservoir sampling in the presence of stream evolution", with an
 * insertion probability of 1). The slot is a pure function of (seed, number of the image).
 *
 * <p>State is written in chunks of {@link #CHUNK} images, {@code replay/0} and on; only changed
 * ones need writing. The number of images seen is no part of them: keep {@link #seen()} apart. Not
 * thread-safe.
 */
public final class ReplayBuffer extends ChunkedState {
    /** Name of the pieces of state. */
    public static final String NAME = "replay";

    /** Images in one piece of state: 96 KiB at 3x32x32. */
    public static final int CHUNK = 32;

    private final int capacity;
    private final int imageBytes;
    private final long key;
    private final byte[][] chunks;
    private long seen;

    /**
     * An empty buffer.
     *
     * @param capacity most images, at least 1
     * @param imageBytes bytes of one image, c * h * w
     * @param seed seed of the slots' choice
     */
    public ReplayBuffer(int capacity, int imageBytes, long seed) {
        super(NAME, chunks(capacity, imageBytes));
        this.capacity = capacity;
        this.imageBytes = imageBytes;
        this.key = seed;
        this.chunks = new byte[chunkCount()][];
    }

    /** Images held. */
    public int size() {
        return (int) Math.min(seen, capacity);
    }

    /** Images taken in since the beginning. */
    public long seen() {
        return seen;
    }

    /**
     * Takes in a copy of an image.
     *
     * @param pixels u8 planar [c, h, w]
     * @throws IllegalArgumentException if it has another number of bytes
     */
    public void add(byte[] pixels) {
        if (pixels.length != imageBytes) {
            throw new IllegalArgumentException(
                    "expected an image of "
                            + imageBytes
                            + " bytes, found "
                            + pixels.length
                            + "; images of another shape belong to another model");
        }
        int slot = seen < capacity ? (int) seen : Draws.index(key, seen, capacity);
        int chunk = slot / CHUNK;
        if (chunks[chunk] == null) {
            chunks[chunk] = new byte[slots(chunk) * imageBytes];
        }
        System.arraycopy(pixels, 0, chunks[chunk], (slot % CHUNK) * imageBytes, imageBytes);
        changed(chunk);
        seen++;
    }

    /**
     * Copies an image out as pixels in [-1, 1].
     *
     * @param slot from 0 to {@link #size()} - 1
     * @param out receives c * h * w values from the offset on
     */
    public void read(int slot, float[] out, int offset) {
        Pixels.toFloat(array(slot), offset(slot), out, offset, imageBytes);
    }

    /** The chunk that holds an image; it starts there at {@link #offset}. Not to be changed. */
    private byte[] array(int slot) {
        return chunks[slot / CHUNK];
    }

    /** Where an image starts in its {@link #array}. */
    private int offset(int slot) {
        return (slot % CHUNK) * imageBytes;
    }

    @Override
    public byte[] chunk(int index) {
        byte[] pixels = chunks[index] == null ? new byte[slots(index) * imageBytes] : chunks[index];
        return new StateWriter(StateKind.REPLAY_CHUNK, pixels.length + 64)
                .putInt(index)
                .putBytes(pixels, slots(index), imageBytes)
                .toBytes();
    }

    @Override
    protected int restoreChunk(byte[] state) {
        StateReader reader = new StateReader(StateKind.REPLAY_CHUNK, state);
        int index = reader.nextInt();
        if (index < 0 || index >= chunks.length) {
            throw new IllegalArgumentException(
                    "expected a replay chunk from 0 to "
                            + (chunks.length - 1)
                            + ", found "
                            + index
                            + "; was the replay capacity changed?");
        }
        byte[] pixels = reader.nextBytes(slots(index), imageBytes);
        reader.end();
        chunks[index] = pixels;
        return index;
    }

    @Override
    protected void clearChunk(int index) {
        chunks[index] = null;
    }

    /**
     * Takes over the number of images seen, after the chunks.
     *
     * @throws IllegalArgumentException if a chunk that must hold images is missing
     */
    public void restoreSeen(long images) {
        seen = images;
        int filled = (size() + CHUNK - 1) / CHUNK;
        for (int i = 0; i < filled; i++) {
            if (chunks[i] == null) {
                throw new IllegalArgumentException(
                        "expected replay chunks 0 to "
                                + (filled - 1)
                                + " for "
                                + images
                                + " images seen, found none for "
                                + i
                                + "; restore every chunk that was written");
            }
        }
    }

    /** A copy of the image in a slot, u8 planar. */
    public byte[] image(int slot) {
        Objects.checkIndex(slot, size());
        return Arrays.copyOfRange(array(slot), offset(slot), offset(slot) + imageBytes);
    }

    private static int chunks(int capacity, int imageBytes) {
        if (capacity < 1 || imageBytes < 1) {
            throw new IllegalArgumentException(
                    "expected a replay buffer of at least 1 image and byte, found "
                            + capacity
                            + " images of "
                            + imageBytes
                            + " bytes");
        }
        return (capacity + CHUNK - 1) / CHUNK;
    }

    private int slots(int chunk) {
        return Math.min(CHUNK, capacity - chunk * CHUNK);
    }
}
