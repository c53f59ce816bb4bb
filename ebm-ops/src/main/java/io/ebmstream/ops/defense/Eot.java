package io.ebmstream.ops.defense;

import io.ebmstream.ops.classifier.Classifier;
import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.energy.ImageShape;
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
    private final int size;

    /**
     * @param classifier of the purifier's images
     * @throws IllegalArgumentException if they take other images
     */
    public Eot(Purification purifier, Classifier classifier, EotMean how) {
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
