package io.ebmstream.ops.defense;

import io.ebmstream.ops.classifier.Classifier;
import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.energy.ImageShape;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The purified classifier: an image is purified R times with noise of its own each time, every end
 * is classified, and the ends vote (Hill, Mitchell, Zhu 2021, equation 5):
 *
 * <pre>label(x) = argmax mean_r z(purify_r(x))</pre>
 *
 * Images are float32, planar, pixels in [-1, 1]. One caller at a time. Uses purifier and
 * classifier, which stay the caller's.
 */
public final class Eot {
    /** Chains in memory at a time. */
    private static final int AT_ONCE = 512;

    private final Purification purifier;
    private final Classifier classifier;
    private final EotMean how;
    private final VoteStop stop;
    private final int size;

    /**
     * @param classifier of the purifier's images
     * @throws IllegalArgumentException if they take other images
     */
    public Eot(Purification purifier, Classifier classifier, EotMean how) {
        this(purifier, classifier, how, null);
    }

    /**
     * @param classifier of the purifier's images
     * @param stop when an answer's vote ends early, or null for never
     * @throws IllegalArgumentException if they take other images, or the vote could never end early
     */
    public Eot(Purification purifier, Classifier classifier, EotMean how, VoteStop stop) {
        if (stop != null) {
            stop.check(how);
        }
        if (!classifier.input().equals(purifier.shape())) {
            throw new IllegalArgumentException(
                    "expected a classifier of "
                            + purifier.shape()
                            + ", found one of "
                            + classifier.input());
        }
        this.purifier = purifier;
        this.classifier = classifier;
        this.how = how;
        this.stop = stop;
        size = purifier.shape().size();
    }

    public Purification purifier() {
        return purifier;
    }

    public Classifier classifier() {
        return classifier;
    }

    public EotMean mean() {
        return how;
    }

    /**
     * Purifies every image R times and lets the ends vote.
     *
     * @param images planar [n, c, h, w]
     * @param imageChains an id for each image and occasion: the same gives the same noise; n of
     *     them
     * @param replicates R, at least 1
     * @return a vote for each image
     */
    public EotVote[] classify(float[] images, long[] imageChains, int replicates) {
        int n = imageChains.length;
        EotVote[] votes = new EotVote[n];
        int atOnce = Math.max(1, AT_ONCE / replicates);
        for (int from = 0; from < n; from += atOnce) {
            int count = Math.min(atOnce, n - from);
            float[][] logits = new float[count * replicates][classifier.classes()];
            int[] steps = new int[count * replicates];
            float[] ends = ends(images, imageChains, from, count, replicates, steps);
            logits(ends, logits);
            for (int i = 0; i < count; i++) {
                int first = i * replicates;
                votes[from + i] =
                        EotVote.of(logits, first, replicates, how)
                                .withSteps(steps, first, replicates);
            }
        }
        return votes;
    }

    /**
     * What the defense answers: the vote of R purifications, or of fewer where it is decided
     * before. An image's vote ends by itself alone.
     *
     * @param images planar [n, c, h, w]
     * @param imageChains an id for each image and occasion; n of them
     * @param replicates R, at least 1
     * @return a vote for each image
     */
    public EotVote[] answer(float[] images, long[] imageChains, int replicates) {
        if (stop == null) {
            return classify(images, imageChains, replicates);
        }
        int n = imageChains.length;
        EotVote[] votes = new EotVote[n];
        float[][][] logits = new float[n][replicates][];
        int[][] steps = new int[n][replicates];
        int[] open = IntStream.range(0, n).toArray();
        int taken = 0;
        while (open.length > 0) {
            int count = Math.min(stop.round(), replicates - taken);
            int atOnce = Math.max(1, AT_ONCE / count);
            for (int from = 0; from < open.length; from += atOnce) {
                int[] some = Arrays.copyOfRange(open, from, Math.min(from + atOnce, open.length));
                round(images, imageChains, some, taken, count, logits, steps);
            }
            taken += count;
            for (int i : open) {
                if (taken == replicates || stop.decides(logits[i], taken, taken, replicates, how)) {
                    votes[i] = EotVote.of(logits[i], 0, taken, how).withSteps(steps[i], 0, taken);
                }
            }
            open = Arrays.stream(open).filter(i -> votes[i] == null).toArray();
        }
        return votes;
    }

    /** Purifications {@code first .. first + count - 1} of some images. */
    private void round(
            float[] images,
            long[] imageChains,
            int[] some,
            int first,
            int count,
            float[][][] logits,
            int[][] steps) {
        int[] of = new int[some.length * count];
        long[] chains = new long[of.length];
        for (int j = 0; j < of.length; j++) {
            of[j] = some[j / count];
            chains[j] = EotVote.chain(imageChains[of[j]], first + j % count);
        }
        float[] ends = new float[of.length * size];
        int[] took = new int[of.length];
        float[][] rows = new float[of.length][classifier.classes()];
        purifier.purify(images, of, chains, ends, took);
        logits(ends, rows);
        for (int j = 0; j < of.length; j++) {
            logits[of[j]][first + j % count] = rows[j];
            steps[of[j]][first + j % count] = took[j];
        }
    }

    /**
     * Ends of the chains of some images: those of image {@code from}, then the next one's.
     *
     * @param steps receives the steps that each chain took
     * @return planar [count * replicates, c, h, w]
     */
    public float[] ends(
            float[] images, long[] imageChains, int from, int count, int replicates, int[] steps) {
        int[] of = new int[count * replicates];
        long[] chains = new long[count * replicates];
        for (int j = 0; j < of.length; j++) {
            of[j] = from + j / replicates;
            chains[j] = EotVote.chain(imageChains[of[j]], j % replicates);
        }
        float[] ends = new float[of.length * size];
        purifier.purify(images, of, chains, ends, steps);
        return ends;
    }

    /** Logits of images in planar floats. */
    public void logits(float[] images, float[][] logits) {
        try (INDArray array = array(images)) {
            classifier.logits(array, logits);
        }
    }

    /** Images as an array [n, c, h, w] that the caller closes. */
    public INDArray array(float[] images) {
        ImageShape shape = purifier.shape();
        INDArray array =
                Nd4j.createUninitialized(
                        DataType.FLOAT,
                        images.length / size,
                        shape.channels(),
                        shape.height(),
                        shape.width());
        FloatArrays.write(images, 0, array, 0, images.length);
        return array;
    }
}
