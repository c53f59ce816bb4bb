package io.ebmstream.ops.image;

import io.ebmstream.ops.energy.ImageShape;
import java.util.Arrays;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.concurrency.AffinityManager;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * One image: unsigned bytes, planar [c, h, w], each 0 to 255 (black 0), and maybe a class label.
 *
 * <p>A value by agreement: the array is not copied, neither in nor out, and nobody changes it once
 * it is in an image. Under that agreement thread-safe.
 *
 * @param shape [c, h, w]
 * @param pixels c * h * w unsigned bytes
 * @param label class, or {@link #NO_LABEL}
 */
public record Image(ImageShape shape, byte[] pixels, int label) {
    /** Label of an image whose class is not known. */
    public static final int NO_LABEL = -1;

    /**
     * @throws IllegalArgumentException if the number of pixels is not the shape's, or the label is
     *     below {@link #NO_LABEL}
     */
    public Image {
        if (pixels.length != shape.size()) {
            throw new IllegalArgumentException(
                    "expected "
                            + shape.size()
                            + " pixel bytes for an image of "
                            + shape
                            + ", found "
                            + pixels.length);
        }
        if (label < NO_LABEL) {
            throw new IllegalArgumentException(
                    "expected a label of at least 0, or -1 for none, found " + label);
        }
    }

    /** An image without label. */
    public Image(ImageShape shape, byte[] pixels) {
        this(shape, pixels, NO_LABEL);
    }

    /**
     * An image from network pixels, rounded to bytes and clipped to [-1, 1].
     *
     * @param in holds the image's c * h * w values from {@code offset} on
     * @throws IllegalArgumentException if a value is not finite
     */
    public static Image fromFloat(ImageShape shape, float[] in, int offset) {
        byte[] pixels = new byte[shape.size()];
        Pixels.toBytes(in, offset, pixels, 0, pixels.length);
        return new Image(shape, pixels);
    }

    /**
     * The image in one slot of a batch, rounded to bytes and clipped to [-1, 1].
     *
     * @param batch [n, c, h, w] float32, c order, contiguous
     * @param slot 0 to n - 1
     * @throws IllegalArgumentException if the batch is of another type or order, or a value is not
     *     finite
     */
    public static Image fromBatch(INDArray batch, int slot) {
        if (batch.rank() != 4) {
            throw new IllegalArgumentException(
                    "expected a batch [n, c, h, w], found " + batch.shapeInfoToString());
        }
        ImageShape shape =
                new ImageShape((int) batch.size(1), (int) batch.size(2), (int) batch.size(3));
        FloatPointer in = values(batch, slot, shape);
        byte[] pixels = new byte[shape.size()];
        long from = (long) slot * pixels.length;
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = Pixels.toByte(in.get(from + i));
        }
        return new Image(shape, pixels);
    }

    /** Whether the class is known. */
    public boolean hasLabel() {
        return label != NO_LABEL;
    }

    /** The same pixels with another label. */
    public Image withLabel(int newLabel) {
        return new Image(shape, pixels, newLabel);
    }

    /** Stored pixel, 0 to 255. */
    public int pixel(int channel, int row, int column) {
        return pixels[(channel * shape.height() + row) * shape.width() + column] & 0xFF;
    }

    /** Network pixels in [-1, 1], in a new array. */
    public float[] toFloat() {
        float[] out = new float[pixels.length];
        toFloat(out, 0);
        return out;
    }

    /** Writes the network pixels in [-1, 1] into {@code out} from {@code offset} on. */
    public void toFloat(float[] out, int offset) {
        Pixels.toFloat(pixels, 0, out, offset, pixels.length);
    }

    /**
     * Writes the network pixels in [-1, 1] into one slot of a batch, in place.
     *
     * @param batch [n, c, h, w] float32, c order, contiguous
     * @param slot 0 to n - 1
     * @throws IllegalArgumentException if the batch's shape, type or order is another
     */
    public void copyInto(INDArray batch, int slot) {
        FloatPointer out = values(batch, slot, shape);
        long from = (long) slot * pixels.length;
        for (int i = 0; i < pixels.length; i++) {
            out.put(from + i, Pixels.toFloat(pixels[i]));
        }
        Nd4j.getAffinityManager().tagLocation(batch, AffinityManager.Location.HOST);
    }

    /**
     * The image in the middle of a larger one, black (0) around it; an odd row or column more goes
     * below and to the right.
     *
     * @throws IllegalArgumentException if the size asked for is smaller than the image
     */
    public Image padded(int height, int width) {
        if (height < shape.height() || width < shape.width()) {
            throw new IllegalArgumentException(
                    "expected a padded size of at least "
                            + shape.height()
                            + "x"
                            + shape.width()
                            + " (height x width), found "
                            + height
                            + "x"
                            + width);
        }
        if (height == shape.height() && width == shape.width()) {
            return this;
        }
        ImageShape larger = new ImageShape(shape.channels(), height, width);
        byte[] out = new byte[larger.size()];
        int top = (height - shape.height()) / 2;
        int left = (width - shape.width()) / 2;
        for (int c = 0; c < shape.channels(); c++) {
            for (int row = 0; row < shape.height(); row++) {
                System.arraycopy(
                        pixels,
                        (c * shape.height() + row) * shape.width(),
                        out,
                        (c * height + top + row) * width + left,
                        shape.width());
            }
        }
        return new Image(larger, out, label);
    }

    /** The batch's values as one run of memory, once it is sure that they are. */
    private static FloatPointer values(INDArray batch, int slot, ImageShape shape) {
        boolean fits =
                batch.dataType() == DataType.FLOAT
                        && batch.rank() == 4
                        && runs(batch, 0, batch.size(0), shape.size())
                        && runs(batch, 1, shape.channels(), shape.height() * shape.width())
                        && runs(batch, 2, shape.height(), shape.width())
                        && runs(batch, 3, shape.width(), 1);
        if (!fits) {
            throw new IllegalArgumentException(
                    "expected a contiguous float32 batch [n, c, h, w] of images of "
                            + shape
                            + ", found "
                            + batch.shapeInfoToString());
        }
        if (slot < 0 || slot >= batch.size(0)) {
            throw new IllegalArgumentException(
                    "expected a slot from 0 to " + (batch.size(0) - 1) + ", found " + slot);
        }
        // with ND4J's backend for GPUs the newest values may be on the device
        Nd4j.getAffinityManager().ensureLocation(batch, AffinityManager.Location.HOST);
        return (FloatPointer) batch.data().addressPointer();
    }

    private static boolean runs(INDArray batch, int axis, long size, long stride) {
        // the stride of an axis of size 1 means nothing
        return batch.size(axis) == size && (size == 1 || batch.stride(axis) == stride);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Image image
                && label == image.label
                && shape.equals(image.shape)
                && Arrays.equals(pixels, image.pixels);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * shape.hashCode() + Arrays.hashCode(pixels)) + label;
    }

    @Override
    public String toString() {
        return "image " + shape + (hasLabel() ? " label " + label : "");
    }
}
