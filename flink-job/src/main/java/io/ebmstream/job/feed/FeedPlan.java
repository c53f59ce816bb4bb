package io.ebmstream.job.feed;

import io.ebmstream.ops.image.Corruption;
import io.ebmstream.ops.image.Image;
import io.ebmstream.ops.image.ImageDataset;
import io.ebmstream.ops.sampler.Threefry;
import java.util.List;
import java.util.Optional;

/**
 * Which image comes at which place of a stream, and what is done to it: a pure function of (data
 * set, seed, place) and of where other images begin. Whoever knows the plan can tell from an
 * image's id what the clean image was.
 *
 * <p>Thread-safe.
 */
public final class FeedPlan {
    /** Damages that are dealt out in turn: strong noise, and a square over a tenth of the image. */
    public static final List<Corruption> CORRUPTIONS =
            List.of(new Corruption.Noise(0.25), new Corruption.Occlusion(0.1));

    private static final long SHUFFLE = 0x73687566L;
    private static final long OTHERS = 0x6f74686572L;
    private static final long DAMAGE = 0x64616d61L;
    private static final String ID_PREFIX = "img-";

    private final ImageDataset images;
    private final long seed;
    private final double corrupted;
    private final int[] order;

    /** What the feed has changed to; null before. */
    private volatile Change change;

    /** Other images from a place on. */
    private record Change(ImageDataset images, long from) {}

    /**
     * @param images what is fed, over and over
     * @param seed of order and damage
     * @param corrupted share of images that are damaged, 0 to 1
     * @param shuffled whether the order is drawn or the data set's
     */
    public FeedPlan(ImageDataset images, long seed, double corrupted, boolean shuffled) {
        if (!(corrupted >= 0 && corrupted <= 1)) {
            throw new IllegalArgumentException(
                    "expected a share of corrupted images from 0 to 1, found " + corrupted);
        }
        this.images = images;
        this.seed = seed;
        this.corrupted = corrupted;
        this.order = new int[images.size()];
        long key = Threefry.derive(seed, SHUFFLE);
        for (int i = 0; i < order.length; i++) {
            int other = shuffled ? (int) Long.remainderUnsigned(Threefry.block(key, i), i + 1) : i;
            order[i] = order[other];
            order[other] = i;
        }
    }

    /**
     * Lets other images come from a place on, in drawn order: a feed that drifts. Once at most, and
     * before anyone asks for that place.
     *
     * @param other images of the same shape
     * @param from first place of another image
     * @throws IllegalArgumentException if the shapes differ
     */
    public void changeTo(ImageDataset other, long from) {
        if (!other.shape().equals(images.shape())) {
            throw new IllegalArgumentException(
                    "expected other images of the shape "
                            + images.shape()
                            + ", found "
                            + other.shape());
        }
        change = new Change(other, from);
    }

    /** The undamaged image at a place, 0 or more. */
    public Image clean(long place) {
        Change now = change;
        if (now != null && place >= now.from()) {
            long bits = Threefry.block(Threefry.derive(seed, OTHERS), place);
            return now.images().image((int) Long.remainderUnsigned(bits, now.images().size()));
        }
        return images.image(order[(int) (place % order.length)]);
    }

    /** What is done to the image at a place. */
    public Optional<Corruption> corruption(long place) {
        long bits = Threefry.block(Threefry.derive(seed, DAMAGE), place);
        double u = (bits >>> 11) * 0x1p-53;
        return u >= corrupted
                ? Optional.empty()
                : Optional.of(CORRUPTIONS.get((int) (bits & 1023) % CORRUPTIONS.size()));
    }

    /** The image at a place as it is sent. */
    public Image sent(long place) {
        Image clean = clean(place);
        return corruption(place).map(c -> c.apply(clean, seed, place)).orElse(clean);
    }

    /** Id of the image at a place. */
    public static String id(long place) {
        return ID_PREFIX + String.format("%08d", place);
    }

    /**
     * Place of an image by its id.
     *
     * @throws IllegalArgumentException if no plan gave the id
     */
    public static long place(String id) {
        if (!id.matches(ID_PREFIX + "\\d{8,18}")) {
            throw new IllegalArgumentException(
                    "expected an image id such as " + id(17) + ", found " + id);
        }
        return Long.parseLong(id.substring(ID_PREFIX.length()));
    }
}
