package io.ebmstream.job.purify;

import io.ebmstream.job.decode.ImageEvent;
import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.defense.Purifier;
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
    private final String purifierHash;
    private final HatRefiner refiner;

    ImageSampler(PurifierSetup setup, Network network, Executors.Choice compute) {
        int part = Math.min(setup.part(), setup.batch());
        purifier =
                new Purifier(
                        network,
                        compute.executor(),
                        compute.precision(),
                        setup.config().get(),
                        part);
        purifierHash = purifier.config().hash(compute.precision());
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

    String purifierHash() {
        return purifierHash;
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
     * The image, from its begin on if its chain was one of the other kind: the job got or lost its
     * generator since the state was written.
     */
    PendingImage resumable(PendingImage image) {
        int expected =
                refines(image.image())
                        ? image.image().latent().length + image.image().pixels().length
                        : image.image().pixels().length;
        if (image.step() == 0 || image.chain().length == expected) {
            return image;
        }
        LOG.warn(
                "image {} of stream {} begins anew: expected a chain of {} values, found {}; was"
                        + " the generator changed?",
                image.image().imageId(),
                image.image().streamId(),
                expected,
                image.chain().length);
        return new PendingImage(image.image(), image.version(), 0, null, Double.NaN);
    }

    /** Takes new weights, for the batches to come; none may be open. */
    void setModel(float[] weights) {
        purifier.setModel(weights);
        if (refiner != null) {
            refiner.setModel(weights);
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
