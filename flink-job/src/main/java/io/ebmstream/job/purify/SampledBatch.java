package io.ebmstream.job.purify;

import io.ebmstream.job.decode.ImageEvent;
import io.ebmstream.ops.defense.EarlyStop;
import io.ebmstream.ops.defense.PurificationBatch;
import io.ebmstream.ops.defense.PurificationImage;
import io.ebmstream.ops.defense.PurifiedImage;
import io.ebmstream.ops.hat.RefinedImage;
import io.ebmstream.ops.hat.RefinementBatch;
import io.ebmstream.ops.hat.RefinementImage;
import io.ebmstream.ops.snapshot.ModelVersion;
import java.util.ArrayList;
import java.util.List;

/**
 * A micro-batch on its way under one model version: images are purified, then those with latents
 * refined. Made by {@link ImageSampler#start}. Not thread-safe. Close it.
 */
final class SampledBatch implements AutoCloseable {
    private final ImageSampler sampler;
    private final List<PendingImage> images;
    private final ModelVersion version;
    private final PurificationBatch purification;
    private final RefinementBatch refinement;

    /** Position in the batch of its kind: purified from 0 on, refined from -1 down. */
    private final int[] places;

    SampledBatch(ImageSampler sampler, List<PendingImage> images, ModelVersion version) {
        this.sampler = sampler;
        this.images = List.copyOf(images);
        this.version = version;
        places = new int[images.size()];
        List<PurificationImage> purified = new ArrayList<>();
        List<RefinementImage> refined = new ArrayList<>();
        for (int i = 0; i < places.length; i++) {
            PendingImage image = sampler.resumable(images.get(i));
            if (sampler.refines(image.image())) {
                refined.add(refinement(image));
                places[i] = -refined.size();
            } else {
                places[i] = purified.size();
                purified.add(purification(image));
            }
        }
        purification = purified.isEmpty() ? null : sampler.purifier().start(purified);
        refinement = refined.isEmpty() ? null : sampler.refiner().start(refined);
    }

    private static PurificationImage purification(PendingImage image) {
        PurificationImage fresh =
                PurificationImage.of(image.image().imageId(), image.image().pixels());
        return image.step() == 0
                ? fresh
                : new PurificationImage(
                        fresh.chain(),
                        fresh.input(),
                        image.chain(),
                        image.step(),
                        image.energyBefore());
    }

    private static RefinementImage refinement(PendingImage image) {
        ImageEvent event = image.image();
        RefinementImage fresh = RefinementImage.of(event.imageId(), event.latent(), event.pixels());
        return image.step() == 0
                ? fresh
                : new RefinementImage(
                        fresh.chain(),
                        fresh.latents(),
                        fresh.input(),
                        image.chain(),
                        image.step(),
                        image.energyBefore());
    }

    /** Number of images. */
    int size() {
        return images.size();
    }

    ImageEvent image(int index) {
        return images.get(index).image();
    }

    boolean refined(int index) {
        return places[index] < 0;
    }

    /**
     * Works for about the given time.
     *
     * @return true when all is done
     */
    boolean advance(long budgetNanos) {
        if (purification != null
                && !purification.done()
                && !sampler.purifier().advance(purification, budgetNanos)) {
            return false;
        }
        return refinement == null || sampler.refiner().advance(refinement, budgetNanos);
    }

    /** Where an image is, as state: a copy. */
    PendingImage progress(int index) {
        if (refined(index)) {
            RefinementImage at = refinement.progress(-1 - places[index]);
            return new PendingImage(
                    image(index),
                    version,
                    sampler.purifier().config().steps(),
                    at.step(),
                    at.state(),
                    at.energyBefore(),
                    sampler.refiner().samplerHash());
        }
        PurificationImage at = purification.progress(places[index]);
        return new PendingImage(
                image(index),
                version,
                sampler.purifier().config().steps(),
                at.step(),
                at.pixels(),
                at.energyBefore(),
                sampler.purifierHash());
    }

    /**
     * The result for an image.
     *
     * @throws IllegalStateException if it is not ready, or its chain is no longer finite
     */
    Purified result(int index) {
        if (refined(index)) {
            RefinedImage result = refinement.result(-1 - places[index]);
            return new Purified(
                    image(index),
                    result.pixels(),
                    version,
                    sampler.refiner().samplerHash(),
                    sampler.refiner().config().seed(),
                    sampler.refiner().config().steps(),
                    result.energyBefore(),
                    result.energyAfter(),
                    null,
                    result.displacement(),
                    sampler.device(),
                    null,
                    null,
                    null,
                    null);
        }
        PurifiedImage result = purification.result(places[index]);
        EarlyStop stop = sampler.purifier().config().earlyStop();
        return new Purified(
                image(index),
                result.pixels(),
                version,
                sampler.purifierHash(),
                sampler.purifier().config().seed(),
                result.steps(),
                result.energyBefore(),
                result.energyAfter(),
                stop == null ? null : stop.level(),
                result.displacement(),
                sampler.device(),
                null,
                null,
                null,
                null);
    }

    @Override
    public void close() {
        if (purification != null) {
            purification.close();
        }
        if (refinement != null) {
            refinement.close();
        }
    }
}
