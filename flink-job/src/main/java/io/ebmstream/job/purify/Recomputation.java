package io.ebmstream.job.purify;

import io.ebmstream.job.decode.ImageEvent;
import io.ebmstream.ops.classifier.Classifier;
import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.snapshot.ModelVersion;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Does to images what the purifier of a job did, without a job: the same sampler, weights, noise
 * and votes, and so the same bits on the same device. Not thread-safe. Owns its plans: close it.
 */
public final class Recomputation implements AutoCloseable {
    private static final int MOST_STEPS_TRIED = 10_000;

    private final PurifierSetup setup;
    private final ImageSampler sampler;
    private final Classifier classifier;
    private final String classifierHash;
    private ModelVersion version;

    /** K by hash, under the model that was set. */
    private final Map<String, Integer> found = new HashMap<>();

    /**
     * @param setup of the job
     * @param compute what computes, in place of the setup's choice
     * @throws IllegalArgumentException if there is a classifier that cannot be read
     */
    public Recomputation(PurifierSetup setup, Executors.Choice compute) {
        this.setup = setup;
        Network network = setup.network().get();
        sampler = new ImageSampler(setup, network, compute);
        try {
            classifier =
                    setup.classify() == null
                            ? null
                            : setup.classify().source().open(network.input(), compute.executor());
            classifierHash = classifier == null ? null : setup.classify().source().hash();
        } catch (RuntimeException e) {
            sampler.close();
            throw e;
        }
    }

    /** What computes, as a purified image's record says it. */
    public String device() {
        return sampler.device();
    }

    /** Hash of the sampler that an image meets here, under the model that was set. */
    public String samplerHash(ImageEvent image) {
        return sampler.refines(image) ? sampler.refiner().samplerHash() : sampler.purifierHash();
    }

    /**
     * K of the run that a record came from, under the model that was set: the one that gives the
     * record's hash, as steps may have followed the load or an order. A run that ended early has at
     * most as many steps behind it as K says; then greater ones are tried too, up to 10,000.
     *
     * @param hash of the record's sampler
     * @param ran steps that the record says
     * @return the configured one where none fits
     */
    public int stepsOf(String hash, int ran) {
        return found.computeIfAbsent(
                hash,
                wanted -> {
                    int configured = setup.config().get().steps();
                    IntStream more =
                            setup.stop() == null
                                    ? IntStream.empty()
                                    : IntStream.rangeClosed(ran + 1, MOST_STEPS_TRIED);
                    return IntStream.concat(IntStream.of(configured, ran), more)
                            .filter(k -> sampler.hash(k).equals(wanted))
                            .findFirst()
                            .orElse(configured);
                });
    }

    /** Takes K of the images to come. */
    public void setSteps(int k) {
        sampler.setSteps(k);
    }

    /** Seed of the noise that an image meets here. */
    public long seed(ImageEvent image) {
        return sampler.refines(image)
                ? sampler.refiner().config().seed()
                : sampler.purifier().config().seed();
    }

    /**
     * Takes the weights of the images to come.
     *
     * @param stopEnergy energy at which their runs could end early, as their records say; null for
     *     none
     */
    public void setModel(ModelVersion of, float[] weights, Double stopEnergy) {
        sampler.setModel(weights, stopEnergy == null ? new double[0] : new double[] {stopEnergy});
        version = of;
        found.clear();
    }

    /**
     * Results in the order of the images; null for one whose chain did not stay finite.
     *
     * @param images at least 1
     */
    public List<Purified> of(List<ImageEvent> images) {
        List<Purified> results = new ArrayList<>();
        List<Integer> toClassify = new ArrayList<>();
        try (SampledBatch batch =
                sampler.start(images.stream().map(PendingImage::waiting).toList(), version)) {
            finish(batch::advance);
            for (int i = 0; i < batch.size(); i++) {
                try {
                    results.add(batch.result(i));
                    if (classifier != null && !batch.refined(i)) {
                        toClassify.add(i);
                    }
                } catch (IllegalStateException e) {
                    // of a finished batch only an image whose chain is not finite says so
                    results.add(null);
                }
            }
        }
        if (!toClassify.isEmpty()) {
            vote(results, toClassify);
        }
        return Collections.unmodifiableList(results);
    }

    private void vote(List<Purified> results, List<Integer> places) {
        try (ReplicateVotes votes =
                new ReplicateVotes(
                        sampler.purifier(),
                        classifier,
                        setup.classify(),
                        classifierHash,
                        places.stream().map(results::get).toList(),
                        setup.batch())) {
            finish(votes::advance);
            for (int i = 0; i < places.size(); i++) {
                results.set(places.get(i), votes.result(i));
            }
        }
    }

    /** Work that is done a little at a time. */
    @FunctionalInterface
    private interface Work {
        boolean advance(long budgetNanos);
    }

    private static void finish(Work work) {
        boolean done = false;
        while (!done) {
            done = work.advance(Long.MAX_VALUE / 2);
        }
    }

    @Override
    public void close() {
        if (classifier != null) {
            classifier.close();
        }
        sampler.close();
    }
}
