package io.ebmstream.ops.image;

import io.ebmstream.ops.energy.ImageShape;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;
import javax.imageio.stream.MemoryCacheImageInputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * PNG and JPEG by the JDK's ImageIO, from memory only, guarded: the structure is scanned and the
 * header's size checked first, warnings are failures. A reader per call: thread-safe.
 */
final class ImageFiles {
    private static final float JPEG_QUALITY = 0.95f;

    static {
        if (System.getProperty("java.awt.headless") == null) {
            System.setProperty("java.awt.headless", "true");
        }
    }

    private static final ImageReaderSpi PNG = provider("png");
    private static final ImageReaderSpi JPEG = provider("jpeg");

    private ImageFiles() {}

    /**
     * The JDK's own reader: the guards here are made for it, not for plugins that may be around.
     */
    private static ImageReaderSpi provider(String format) {
        Iterator<ImageReaderSpi> all =
                IIORegistry.getDefaultInstance().getServiceProviders(ImageReaderSpi.class, true);
        while (all.hasNext()) {
            ImageReaderSpi spi = all.next();
            if (spi.getClass().getModule() == ImageIO.class.getModule()
                    && List.of(spi.getFormatNames()).contains(format)) {
                return spi;
            }
        }
        throw new IllegalStateException(
                "expected the JDK's reader for "
                        + format
                        + ", found none; run on a JDK with the module java.desktop");
    }

    /**
     * @param declared shape it must have, or null for any
     */
    static Image decode(
            ImageEncoding encoding, byte[] bytes, DecodeLimits limits, ImageShape declared)
            throws ImageFormatException {
        boolean png = encoding == ImageEncoding.PNG;
        byte[] essential = png ? PngScan.essential(bytes) : JpegScan.essential(bytes);
        ImageReader reader = null;
        try (var in = new MemoryCacheImageInputStream(new ByteArrayInputStream(essential))) {
            reader = (png ? PNG : JPEG).createReaderInstance();
            List<String> warnings = new ArrayList<>();
            reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
            reader.setInput(in, true, true);
            int height = reader.getHeight(0);
            int width = reader.getWidth(0);
            limits.checkSize(height, width);
            if (declared != null && (declared.height() != height || declared.width() != width)) {
                throw new ImageFormatException(
                        "an image of " + declared + " as declared",
                        encoding + " of " + height + "x" + width + " (height x width)",
                        "declare the size that the image has");
            }
            BufferedImage decoded = reader.read(0);
            if (!warnings.isEmpty()) {
                throw new ImageFormatException(
                        "a sound " + encoding + " file",
                        "damage (" + warnings.get(0) + ")",
                        "encode the image anew");
            }
            boolean gray = png ? PngScan.isGray(essential) : decoded.getRaster().getNumBands() == 1;
            ImageShape shape = new ImageShape(gray ? 1 : 3, height, width);
            if (declared != null && !declared.equals(shape)) {
                throw new ImageFormatException(
                        "an image of " + declared + " as declared",
                        encoding + " of " + shape,
                        "declare the channels that the image has (gray 1, colour 3)");
            }
            return new Image(shape, pixels(decoded, shape));
        } catch (ImageFormatException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // the JDK's readers fail on hostile bytes with whatever they trip over
            throw new ImageFormatException(
                    "a readable " + encoding + " file",
                    "damage (" + (e.getMessage() == null ? e : e.getMessage()) + ")",
                    "encode the image anew",
                    e);
        } finally {
            if (reader != null) {
                reader.dispose();
            }
        }
    }

    private static byte[] pixels(BufferedImage from, ImageShape shape) throws ImageFormatException {
        ColorModel model = from.getColorModel();
        if (!(model instanceof ComponentColorModel)) {
            return palettePixels(from, shape);
        }
        // Not getRGB: it would turn gray, taken as linear, into sRGB.
        Raster raster = from.getRaster();
        int bands = raster.getNumBands();
        int alpha = model.hasAlpha() ? bands - 1 : -1;
        if (bands - (alpha < 0 ? 0 : 1) != shape.channels()) {
            throw new ImageFormatException(
                    shape.channels() + " colour channels",
                    bands + " bands",
                    "encode the image as gray or RGB");
        }
        int max = (1 << model.getComponentSize(0)) - 1;
        int plane = shape.height() * shape.width();
        byte[] out = new byte[shape.size()];
        int[] row = new int[shape.width()];
        for (int y = 0; y < shape.height(); y++) {
            for (int band = 0; band < bands; band++) {
                raster.getSamples(0, y, row.length, 1, band, row);
                for (int x = 0; x < row.length; x++) {
                    if (band == alpha) {
                        checkOpaque(row[x] == max);
                    } else {
                        out[band * plane + y * row.length + x] =
                                (byte) (max == 255 ? row[x] : (row[x] * 255 + max / 2) / max);
                    }
                }
            }
        }
        return out;
    }

    /** Palettes, among them gray with fewer than 8 bits: the palette holds 8-bit sRGB. */
    private static byte[] palettePixels(BufferedImage from, ImageShape shape)
            throws ImageFormatException {
        int plane = shape.height() * shape.width();
        byte[] out = new byte[shape.size()];
        int[] row = new int[shape.width()];
        for (int y = 0; y < shape.height(); y++) {
            from.getRGB(0, y, row.length, 1, row, 0, row.length);
            for (int x = 0; x < row.length; x++) {
                checkOpaque(row[x] >>> 24 == 255);
                for (int c = 0; c < shape.channels(); c++) {
                    out[c * plane + y * row.length + x] = (byte) (row[x] >> 16 - 8 * c);
                }
            }
        }
        return out;
    }

    private static void checkOpaque(boolean opaque) throws ImageFormatException {
        if (!opaque) {
            throw new ImageFormatException(
                    "an opaque image",
                    "a transparent pixel",
                    "flatten the image onto a background before sending it");
        }
    }

    static byte[] encode(Image image, ImageEncoding encoding) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageWriter writer =
                ImageIO.getImageWritersByFormatName(encoding == ImageEncoding.PNG ? "png" : "jpeg")
                        .next();
        try (var stream = new MemoryCacheImageOutputStream(out)) {
            writer.setOutput(stream);
            ImageWriteParam param = writer.getDefaultWriteParam();
            if (encoding == ImageEncoding.JPEG) {
                param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
                param.setCompressionQuality(JPEG_QUALITY);
            }
            writer.write(null, new IIOImage(buffered(image), null, null), param);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        } finally {
            writer.dispose();
        }
        return out.toByteArray();
    }

    /** The image as the JDK's type, gray or RGB. */
    static BufferedImage buffered(Image image) {
        ImageShape shape = image.shape();
        if (shape.channels() != 1 && shape.channels() != 3) {
            throw new IllegalArgumentException(
                    "expected an image of 1 or 3 channels, found "
                            + shape
                            + "; choose the channels to show");
        }
        BufferedImage out =
                new BufferedImage(
                        shape.width(),
                        shape.height(),
                        shape.channels() == 1
                                ? BufferedImage.TYPE_BYTE_GRAY
                                : BufferedImage.TYPE_3BYTE_BGR);
        WritableRaster raster = out.getRaster();
        for (int c = 0; c < shape.channels(); c++) {
            for (int y = 0; y < shape.height(); y++) {
                for (int x = 0; x < shape.width(); x++) {
                    raster.setSample(x, y, c, image.pixel(c, y, x));
                }
            }
        }
        return out;
    }
}
