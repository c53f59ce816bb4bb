package io.ebmstream.job.state;

import io.ebmstream.job.decode.ImageEvent;
import io.ebmstream.job.learn.PublishedModel;
import io.ebmstream.job.purify.Purified;
import io.ebmstream.ops.state.Sha256;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.TreeMap;

/** Results in a line each, with every bit of what must not differ. */
public final class Bits {
    private Bits() {}

    /** Of bytes. */
    public static String of(byte[] bytes) {
        return bytes == null ? "none" : bytes.length + ":" + Sha256.hex(bytes);
    }

    /** Of numbers. */
    public static String of(double... numbers) {
        ByteBuffer bytes = ByteBuffer.allocate(8 * numbers.length);
        for (double number : numbers) {
            bytes.putDouble(number);
        }
        return of(bytes.array());
    }

    /** Of a version with its weights. */
    public static String of(PublishedModel model) {
        return String.join(
                " ",
                model.version() + " of " + model.parent(),
                "updates " + model.updates(),
                "images " + model.imagesSeen(),
                "offsets " + new TreeMap<>(model.offsets()),
                "weights " + of(model.weights()),
                "anchors " + of(model.anchorEnergies()),
                "chains " + of(model.bankEnergies()));
    }

    /** Of a purified image. */
    public static String of(Purified image) {
        return String.join(
                " ",
                image.image().imageId(),
                "version " + image.version(),
                "steps " + image.steps(),
                "pixels " + of(image.pixels()),
                "energies " + of(image.energyBefore(), image.energyAfter()));
    }

    /** Of an image, where it comes from and what it is to be purified by. */
    public static String of(ImageEvent image) {
        return String.join(
                " ",
                image.imageId() + " in " + image.streamId(),
                "at " + image.eventTime(),
                image.channels() + "x" + image.height() + "x" + image.width(),
                "pixels " + of(image.pixels()),
                "label " + image.label(),
                "latent " + Arrays.toString(image.latent()),
                "from " + image.topic() + "-" + image.partition() + "@" + image.offset(),
                "version " + image.version());
    }
}
