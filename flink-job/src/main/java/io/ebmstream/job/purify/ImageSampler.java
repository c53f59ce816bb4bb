package io.ebmstream.job.purify;

import io.ebmstream.job.compute.ComputeChoice;
import io.ebmstream.job.decode.ImageEvent;
import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.defense.Purifier;
import io.ebmstream.ops.defense.StopRule;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.hat.HatRefiner;
import io.ebmstream.ops.snapshot.ModelVersion;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is done to images at fixed weights: those with latents are refined where the job has a
 * generator, all others purified. Not thread-safe. Owns its plans: close it.
 */
final class ImageSampler implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ImageSampler.class);

    private final Purifier purifier;
    private final StopRule stop;
    private final Precision precision;
    private final HatRefiner refiner;
    private final String device;
    private String purifierHash;

    ImageSampler(PurifierSetup setup, Network network, Executors.Choice compute) {
        device = ComputeChoice.device(compute);
        int part =
                compute.executor().isParallel()
                        ? setup.batch()
                        : Math.min(setup.part(), setup.batch());
        purifier =
                new Purifier(
                        network,
                        compute.executor(),
                        compute.precision(),
                        setup.config().get(),
                        part);
        stop = setup.stop();
        precision = compute.precision();
        try {
            refiner =
                    setup.refiner() == null
                            ? null
                            : new HatRefiner(
                                    network,
                                    setup.refiner().generator().get(),
                                    compute.executor(),
                                    compute.precision(),
                                    setup.refiner().config().get(),
                                    part);
        } catch (RuntimeException e) {
            purifier.close();
            throw e;
        }
    }

    Purifier purifier() {
        return purifier;
    }

    /** Of the weights in use: they may have a level at which runs end early. */
    String purifierHash() {
        return purifierHash;
    }

    /** The same for another K. */
    String hash(int k) {
        return purifier.config().withSteps(k).hash(precision);
    }

    /** What computes, in words that promise the same bits. */
    String device() {
        return device;
    }

    /** Null where the job has no generator. */
    HatRefiner refiner() {
        return refiner;
    }

    /** Whether an image is refined rather than purified. */
    boolean refines(ImageEvent image) {
        return refiner != null
                && image.latent() != null
                && image.latent().length == refiner.latentSize();
    }

    /**
     * The image, from its begin on if its chain was another sampler's: the configuration changed
     * since the state was written, and a record must not claim what only a part of its run did.
     */
    PendingImage resumable(PendingImage image) {
        String expected = refines(image.image()) ? refiner.samplerHash() : purifierHash;
        if (image.step() == 0 || expected.equals(image.samplerHash())) {
            return image;
        }
        LOG.warn(
                "image {} of stream {} begins anew: expected a chain of sampler {}, found {}; was"
                        + " the configuration changed?",
                image.image().imageId(),
                image.image().streamId(),
                expected,
                image.samplerHash());
        return new PendingImage(
                image.image(), image.version(), image.steps(), 0, null, Double.NaN, null);
    }

    /**
     * Takes new weights, for the batches to come; none may be open.
     *
     * @param bankEnergies of the weights' own chains, ascending; may be none
     */
    void setModel(float[] weights, double[] bankEnergies) {
        purifier.setModel(weights, stop == null ? null : stop.stop(bankEnergies));
        purifierHash = purifier.config().hash(precision);
        if (refiner != null) {
            refiner.setModel(weights);
        }
    }

    /** Takes another K for images that are purified, in the batches to come; none may be open. */
    void setSteps(int k) {
        if (k != purifier.config().steps()) {
            purifier.setSteps(k);
            purifierHash = purifier.config().hash(precision);
        }
    }

    /** Opens a batch; one at a time. */
    SampledBatch start(List<PendingImage> images, ModelVersion version) {
        return new SampledBatch(this, images, version);
    }

    /** Frees native memory, also that of an open batch. */
    @Override
    public void close() {
        purifier.close();
        if (refiner != null) {
            refiner.close();
        }
    }
}
