package io.ebmstream.job.decode;

import io.ebmstream.job.feed.BrokenInput;
import io.ebmstream.job.feed.BrokenInputs;
import io.ebmstream.job.feed.ImageRecords;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.image.Image;
import io.ebmstream.ops.image.ImageCodec;
import io.ebmstream.ops.image.ImageEncoding;
import io.ebmstream.ops.image.ShapesDataset;
import io.ebmstream.schemas.WireFormat;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Records, a third of them whole, a third broken in a known way, a third damaged at random, in
 * turns. The same ones in every run.
 */
public final class FuzzedRecords {
    /** Shape of the whole ones. */
    public static final ImageShape SHAPE = new ImageShape(3, 16, 16);

    private static final ShapesDataset IMAGES = new ShapesDataset(SHAPE, 5, 64);

    private final SplittableRandom random = new SplittableRandom(20221022);
    private int next;

    /** What a record is. */
    public enum Kind {
        WHOLE,
        BROKEN,
        DAMAGED
    }

    /** What record i is. */
    public static Kind kind(int i) {
        return Kind.values()[i % 3];
    }

    /** Image that whole record i has. */
    public static Image image(int i) {
        return IMAGES.image(i % IMAGES.size());
    }

    /** Id of the image of whole record i. */
    public static String id(int i) {
        return "image-" + i;
    }

    /** The next record's value. */
    public byte[] next() {
        int i = next++;
        return switch (kind(i)) {
            case WHOLE -> whole(i);
            case BROKEN -> broken(i);
            case DAMAGED -> damaged(whole(i));
        };
    }

    /** Encoding of whole record i. */
    public static ImageEncoding encoding(int i) {
        return ImageEncoding.values()[i / 3 % ImageEncoding.values().length];
    }

    private static byte[] whole(int i) {
        Image image = image(i);
        return WireFormat.IMAGE.encode(
                ImageRecords.record(
                        id(i),
                        "stream",
                        42,
                        SHAPE,
                        encoding(i),
                        ImageCodec.encode(image, encoding(i)),
                        image.label(),
                        null));
    }

    private static byte[] broken(int i) {
        BrokenInput kind = BrokenInput.values()[i / 3 % BrokenInput.values().length];
        return BrokenInputs.value(kind, image(i), "broken-" + i, "stream", 42, 7, i);
    }

    /**
     * Bits flipped, a piece cut out, put in, doubled or overwritten, an end cut off; up to thrice.
     */
    private byte[] damaged(byte[] good) {
        byte[] bytes = good;
        for (int edits = 1 + random.nextInt(3); edits > 0 && bytes.length > 0; edits--) {
            // lengths and counts stand at the begin, where damage does most
            int from =
                    random.nextInt(
                            random.nextBoolean() ? bytes.length : Math.min(64, bytes.length));
            int to = Math.min(bytes.length, from + 1 + random.nextInt(16));
            byte[] noise = new byte[to - from];
            random.nextBytes(noise);
            bytes =
                    switch (random.nextInt(6)) {
                        case 0 -> flipped(bytes, from);
                        case 1 -> joined(bytes, from, new byte[0], to);
                        case 2 -> joined(bytes, from, noise, from);
                        case 3 -> joined(bytes, to, Arrays.copyOfRange(bytes, from, to), to);
                        case 4 -> joined(bytes, from, noise, to);
                        default -> Arrays.copyOf(bytes, from);
                    };
        }
        return bytes;
    }

    private byte[] flipped(byte[] bytes, int at) {
        byte[] copy = bytes.clone();
        copy[at] ^= (byte) (1 << random.nextInt(8));
        return copy;
    }

    private static byte[] joined(byte[] bytes, int head, byte[] middle, int tail) {
        byte[] out = Arrays.copyOf(bytes, head + middle.length + bytes.length - tail);
        System.arraycopy(middle, 0, out, head, middle.length);
        System.arraycopy(bytes, tail, out, head + middle.length, bytes.length - tail);
        return out;
    }
}
