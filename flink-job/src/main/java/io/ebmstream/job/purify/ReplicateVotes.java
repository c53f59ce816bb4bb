package io.ebmstream.job.purify;

import io.ebmstream.job.classify.Classified;
import io.ebmstream.job.classify.ClassifySetup;
import io.ebmstream.ops.classifier.Classifier;
import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.defense.EotVote;
import io.ebmstream.ops.defense.PurificationBatch;
import io.ebmstream.ops.defense.PurificationImage;
import io.ebmstream.ops.defense.Purifier;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.image.Pixels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The vote of a micro-batch's images: each is purified R times more, with chains of its own ({@link
 * EotVote#chain}), every end is classified, and the logits are averaged when all are there. An
 * image's vote is a function of its id, pixels, the weights and the configuration, never of the
 * images beside it; so what a failure interrupts is simply done again. Replicates are taken in
 * rounds where votes may end early ({@link ClassifySetup#stop}), else all at once.
 *
 * <p>At most {@code atOnce} chains are in memory at a time. Not thread-safe. Close it.
 */
final class ReplicateVotes implements AutoCloseable {
    private final Purifier purifier;
    private final Classifier classifier;
    private final ClassifySetup setup;
    private final String hash;
    private final List<Purified> images;
    private final int atOnce;
    private final float[][][] logits;
    private final int[] voted;
    private final float[] pixels;
    private PurificationBatch batch;

    /** Images whose vote goes on, how many replicates of each are done, and of the round after. */
    private int[] open;

    private int taken;
    private int begun;

    /**
     * @param purifier with the images' weights; no batch of it may be open
     * @param hash of the classifier's file
     * @param atOnce most chains at a time, at least 1
     */
    ReplicateVotes(
            Purifier purifier,
            Classifier classifier,
            ClassifySetup setup,
            String hash,
            List<Purified> images,
            int atOnce) {
        this.purifier = purifier;
        this.classifier = classifier;
        this.setup = setup;
        this.hash = hash;
        this.images = List.copyOf(images);
        this.atOnce = atOnce;
        logits = new float[images.size()][setup.replicates()][classifier.classes()];
        voted = new int[images.size()];
        open = IntStream.range(0, images.size()).toArray();
        pixels = new float[classifier.input().size()];
    }

    /**
     * Works for about the given time, at least one piece.
     *
     * @return true when all have voted
     */
    boolean advance(long budgetNanos) {
        if (batch == null) {
            batch = purifier.start(chains());
        }
        if (purifier.advance(batch, budgetNanos)) {
            classify();
            begun += batch.size();
            batch.close();
            batch = null;
            if (begun == open.length * round()) {
                endRound();
            }
        }
        return open.length == 0;
    }

    /** Replicates of each image in this round. */
    private int round() {
        int left = setup.replicates() - taken;
        return setup.stop() == null ? left : Math.min(setup.stop().round(), left);
    }

    private void endRound() {
        taken += round();
        begun = 0;
        open =
                Arrays.stream(open)
                        .filter(image -> taken < setup.replicates() && !decided(image))
                        .toArray();
    }

    private boolean decided(int image) {
        return setup.stop()
                .decides(logits[image], voted[image], taken, setup.replicates(), setup.mean());
    }

    /** The next chains: replicates of the first image, then of the second, and so on. */
    private List<PurificationImage> chains() {
        List<PurificationImage> chains = new ArrayList<>();
        int end = Math.min(begun + atOnce, open.length * round());
        for (int j = begun; j < end; j++) {
            Purified image = images.get(open[j / round()]);
            long own = PurificationImage.chain(image.image().imageId());
            chains.add(
                    new PurificationImage(
                            EotVote.chain(own, taken + j % round()),
                            image.image().pixels(),
                            null,
                            0,
                            Double.NaN));
        }
        return chains;
    }

    private void classify() {
        ImageShape shape = classifier.input();
        int n = batch.size();
        boolean[] finite = new boolean[n];
        float[][] found = new float[n][classifier.classes()];
        try (INDArray ends =
                Nd4j.zeros(DataType.FLOAT, n, shape.channels(), shape.height(), shape.width())) {
            for (int i = 0; i < n; i++) {
                finite[i] = end(i);
                FloatArrays.write(pixels, 0, ends, (long) i * pixels.length, pixels.length);
            }
            classifier.logits(ends, found);
        }
        for (int i = 0; i < n; i++) {
            int image = open[(begun + i) / round()];
            if (finite[i]) {
                logits[image][voted[image]++] = found[i];
            }
        }
    }

    /** Reads a chain's end; of one that did not stay finite zeros, and it does not vote. */
    private boolean end(int i) {
        PurificationImage at = batch.progress(i);
        if (at.pixels() == null) {
            Pixels.toFloat(at.input(), 0, pixels, 0, pixels.length);
            return true;
        }
        boolean finite = FloatArrays.within(at.pixels(), pixels.length, Float.MAX_VALUE);
        if (finite) {
            System.arraycopy(at.pixels(), 0, pixels, 0, pixels.length);
        } else {
            Arrays.fill(pixels, 0);
        }
        return finite;
    }

    /** Number of images. */
    int size() {
        return images.size();
    }

    /** An image with its vote; without one if none of its replicates stayed finite. */
    Purified result(int index) {
        Purified image = images.get(index);
        if (voted[index] == 0) {
            return image;
        }
        EotVote vote = EotVote.of(logits[index], 0, voted[index], setup.mean());
        return image.withClass(
                new Classified(
                        vote.label(),
                        setup.name(vote.label()),
                        vote.mean(),
                        vote.margin(),
                        voted[index],
                        hash));
    }

    @Override
    public void close() {
        if (batch != null) {
            batch.close();
            batch = null;
        }
    }
}
