package io.ebmstream.ops.image;

import io.ebmstream.ops.energy.ImageShape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/**
 * Images from bytes and back.
 *
 * <p>Policy: whatever is not exactly one image is refused, nothing is repaired or guessed.
 *
 * <ul>
 *   <li>Raw bytes must have exactly the length that the declared shape asks for.
 *   <li>Raw floats must be finite and in [-1, 1], give or take {@link #FLOAT_TOLERANCE} (then
 *       clipped); they are rounded to bytes.
 *   <li>PNG and JPEG: the header is checked against the limits and the declared shape before
 *       anything is decoded; a file that is cut short, damaged or followed by other bytes is
 *       refused, and so is one whose reader only warns.
 *   <li>Gray files give 1 channel, all others (palettes too) 3. An alpha channel is dropped if
 *       every pixel is opaque and refused otherwise: there is no right background to put behind it.
 *       A colour that stands for transparent (tRNS in gray and RGB files) is refused.
 *   <li>16-bit PNGs are rounded to 8 bits. Colour profiles, gamma and orientation are ignored.
 * </ul>
 *
 * <p>Thread-safe.
 */
public final class ImageCodec {
    /** How far outside [-1, 1] a raw float may lie, for rounding on the sender's side. */
    public static final float FLOAT_TOLERANCE = 1e-3f;

    private final DecodeLimits limits;

    public ImageCodec(DecodeLimits limits) {
        this.limits = limits;
    }

    public DecodeLimits limits() {
        return limits;
    }

    /**
     * Decodes one image.
     *
     * @param declared the shape that the sender states
     * @param bytes not changed, not kept
     * @throws ImageFormatException if the bytes are not an image of that shape and encoding, or
     *     beyond the limits
     */
    public Image decode(ImageEncoding encoding, ImageShape declared, byte[] bytes)
            throws ImageFormatException {
        limits.checkEncoded(bytes.length);
        limits.checkShape(declared);
        return switch (encoding) {
            case RAW_U8_PLANAR -> {
                checkLength(declared, bytes, declared.size());
                yield new Image(declared, bytes.clone());
            }
            case RAW_U8_INTERLEAVED -> {
                checkLength(declared, bytes, declared.size());
                yield new Image(declared, planar(declared, bytes));
            }
            case RAW_F32_PLANAR -> {
                checkLength(declared, bytes, (long) Float.BYTES * declared.size());
                yield new Image(declared, quantised(bytes));
            }
            case PNG, JPEG -> ImageFiles.decode(encoding, bytes, limits, declared);
        };
    }

    /**
     * Decodes a PNG or JPEG, whichever it is, in the shape it has.
     *
     * @throws ImageFormatException if the bytes are neither, broken, or beyond the limits
     */
    public Image decode(byte[] bytes) throws ImageFormatException {
        limits.checkEncoded(bytes.length);
        if (PngScan.isPng(bytes)) {
            return ImageFiles.decode(ImageEncoding.PNG, bytes, limits, null);
        }
        if (JpegScan.isJpeg(bytes)) {
            return ImageFiles.decode(ImageEncoding.JPEG, bytes, limits, null);
        }
        throw new ImageFormatException(
                "a PNG or JPEG file", looksLike(bytes), "convert the image to PNG or JPEG");
    }

    /**
     * Encodes one image. All encodings but JPEG (quality 0.95) lose nothing.
     *
     * @throws IllegalArgumentException if the image is to be PNG or JPEG and has neither 1 nor 3
     *     channels
     */
    public static byte[] encode(Image image, ImageEncoding encoding) {
        return switch (encoding) {
            case RAW_U8_PLANAR -> image.pixels().clone();
            case RAW_U8_INTERLEAVED -> interleaved(image);
            case RAW_F32_PLANAR -> {
                ByteBuffer out =
                        ByteBuffer.allocate(Float.BYTES * image.pixels().length)
                                .order(ByteOrder.LITTLE_ENDIAN);
                for (byte u : image.pixels()) {
                    out.putFloat(Pixels.toFloat(u));
                }
                yield out.array();
            }
            case PNG, JPEG -> ImageFiles.encode(image, encoding);
        };
    }

    private static void checkLength(ImageShape shape, byte[] bytes, long expected)
            throws ImageFormatException {
        if (bytes.length != expected) {
            throw new ImageFormatException(
                    expected + " bytes for an image of " + shape,
                    bytes.length + " bytes",
                    "check the declared shape and encoding");
        }
    }

    private static byte[] planar(ImageShape shape, byte[] interleaved) {
        int plane = shape.height() * shape.width();
        byte[] out = new byte[interleaved.length];
        for (int i = 0, from = 0; i < plane; i++) {
            for (int c = 0; c < shape.channels(); c++) {
                out[c * plane + i] = interleaved[from++];
            }
        }
        return out;
    }

    private static byte[] interleaved(Image image) {
        int plane = image.shape().height() * image.shape().width();
        byte[] out = new byte[image.pixels().length];
        for (int i = 0, to = 0; i < plane; i++) {
            for (int c = 0; c < image.shape().channels(); c++) {
                out[to++] = image.pixels()[c * plane + i];
            }
        }
        return out;
    }

    private static byte[] quantised(byte[] bytes) throws ImageFormatException {
        FloatBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        byte[] out = new byte[in.remaining()];
        for (int i = 0; i < out.length; i++) {
            float x = in.get(i);
            if (!(Math.abs(x) <= 1 + FLOAT_TOLERANCE)) {
                throw new ImageFormatException(
                        "finite float32 pixels in [-1, 1]",
                        x + " at index " + i,
                        "scale pixels by 2u/255 - 1 and send them little-endian");
            }
            out[i] = Pixels.toByte(x);
        }
        return out;
    }

    /** What the bytes seem to be, for messages. */
    static String looksLike(byte[] bytes) {
        if (PngScan.isPng(bytes)) {
            return "a PNG file";
        }
        if (JpegScan.isJpeg(bytes)) {
            return "a JPEG file";
        }
        if (bytes.length == 0) {
            return "no bytes";
        }
        StringBuilder hex = new StringBuilder(bytes.length + " bytes that begin with");
        for (int i = 0; i < Math.min(8, bytes.length); i++) {
            hex.append(String.format(" %02x", bytes[i]));
        }
        return hex.toString();
    }

    /** A chunk's name for messages: bytes from outside never reach a log as they are. */
    static String printable(byte[] name) {
        StringBuilder out = new StringBuilder();
        for (byte b : name) {
            out.append(b >= 0x20 && b < 0x7F ? (char) b : '?');
        }
        return out.toString();
    }
}
