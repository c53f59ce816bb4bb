package io.ebmstream.job;

import io.ebmstream.job.compute.ComputeChoice;
import io.ebmstream.job.decode.ImageEvent;
import io.ebmstream.job.feed.ImageRecords;
import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.reference.ReferenceExecutor;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.energy.Layer;
import io.ebmstream.ops.energy.Light32;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.hat.Generator;
import io.ebmstream.ops.image.ImageEncoding;
import io.ebmstream.schemas.WireFormat;
import java.util.List;

/** A model small enough for the reference executor, and images for it. */
public final class TestModels {
    /** Shape of the images. */
    public static final ImageShape SHAPE = new ImageShape(1, 16, 16);

    /** The reference executor: slow, and the same bits everywhere. */
    public static final ComputeChoice REFERENCE =
            context -> new Executors.Choice(new ReferenceExecutor(), Precision.FLOAT32, List.of());

    private TestModels() {}

    /** A light32 of two channels. */
    public static Network network() {
        return Light32.of(SHAPE, 2);
    }

    /** Latents of {@link #generator}. */
    public static final int LATENTS = 3;

    /** G(z) = tanh(A z + b). */
    public static Generator generator() {
        Network network =
                new Network(
                        "small-generator",
                        new ImageShape(LATENTS, 1, 1),
                        List.of(
                                new Network.Node(
                                        "dense",
                                        new Layer.Dense(LATENTS, SHAPE.size(), true),
                                        List.of(Network.IMAGE)),
                                new Network.Node("image", new Layer.Reshape(SHAPE), List.of(0)),
                                new Network.Node("tanh", new Layer.Tanh(), List.of(1))));
        return new Generator(network, Initializer.weights(network, 7));
    }

    /** An image that differs from every other. */
    public static ImageEvent image(int i, String stream) {
        return image(i, stream, null);
    }

    /** With latents. */
    public static ImageEvent image(int i, String stream, float[] latent) {
        byte[] pixels = new byte[SHAPE.size()];
        for (int j = 0; j < pixels.length; j++) {
            pixels[j] = (byte) (i * 37 + j * (i % 11 + 1));
        }
        return new ImageEvent(
                "image-" + i,
                stream,
                1_000L + i,
                SHAPE.channels(),
                SHAPE.height(),
                SHAPE.width(),
                pixels,
                -1,
                latent,
                "ebm.images",
                i % 2,
                i / 2);
    }

    /** {@link #image(int, String)} as a producer sends it. */
    public static byte[] imageRecord(int i, String stream) {
        ImageEvent image = image(i, stream);
        return WireFormat.IMAGE.encode(
                ImageRecords.record(
                        image.imageId(),
                        image.streamId(),
                        image.eventTime(),
                        SHAPE,
                        ImageEncoding.RAW_U8_PLANAR,
                        image.pixels(),
                        image.label(),
                        null));
    }
}
