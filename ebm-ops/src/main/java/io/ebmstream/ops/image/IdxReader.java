package io.ebmstream.ops.image;

import io.ebmstream.ops.energy.ImageShape;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * The IDX format of MNIST and its relatives, plain or gzipped: big-endian magic 0x00000803, count,
 * rows, columns, then one byte a pixel; labels with magic 0x00000801, count, then one byte each.
 * (Y. LeCun, C. Cortes, C. Burges, "The MNIST database", file formats.)
 *
 * <p>A header's claims are checked against the file's size before anything is allocated; images are
 * then read one at a time.
 */
final class IdxReader {
    static final int IMAGES_MAGIC = 0x803;
    static final int LABELS_MAGIC = 0x801;

    /** Deflate never makes less than one byte out of 1032. */
    private static final long MAX_DEFLATE_RATIO = 1032;

    private IdxReader() {}

    /**
     * Reads images, with labels if the file of labels lies next to them under the usual name.
     *
     * @param limits what one image may be
     */
    static void read(Path file, DecodeLimits limits, ImageCollector into) throws IOException {
        byte[] labels = labels(file);
        try (DataInputStream in = open(file)) {
            int magic = in.readInt();
            if (magic != IMAGES_MAGIC) {
                throw new ImageFormatException(
                        "IDX images (magic 0x00000803)",
                        String.format("magic 0x%08x", magic),
                        "give the file of images of unsigned bytes");
            }
            int count = in.readInt();
            int rows = in.readInt();
            int columns = in.readInt();
            limits.checkSize(rows, columns);
            checkCount(file, count, (long) rows * columns, 16);
            if (labels != null && labels.length != count) {
                throw new ImageFormatException(
                        count + " labels, one for each image",
                        labels.length + " in " + labelsFile(file),
                        "put the labels that belong to the images next to them");
            }
            ImageShape shape = new ImageShape(1, rows, columns);
            int read = 0;
            for (; read < count && !into.full(); read++) {
                byte[] pixels = in.readNBytes(shape.size());
                if (pixels.length < shape.size()) {
                    throw new EOFException();
                }
                int label = labels == null ? Image.NO_LABEL : labels[read] & 0xFF;
                into.add(new Image(shape, pixels, label), file);
            }
            if (read == count) {
                checkEnd(in, count + " images");
            }
        } catch (EOFException e) {
            throw truncated(e).at(file.toString());
        } catch (ZipException e) {
            throw broken(e).at(file.toString());
        } catch (ImageFormatException e) {
            throw e.at(file.toString());
        }
    }

    /** Labels next to a file of images, or null if there are none. */
    private static byte[] labels(Path images) throws IOException {
        Path file = labelsFile(images);
        if (file == null) {
            return null;
        }
        try (DataInputStream in = open(file)) {
            int magic = in.readInt();
            if (magic != LABELS_MAGIC) {
                throw new ImageFormatException(
                        "IDX labels (magic 0x00000801)",
                        String.format("magic 0x%08x", magic),
                        "remove the file, or put the labels there");
            }
            int count = in.readInt();
            checkCount(file, count, 1, 8);
            byte[] labels = in.readNBytes(count);
            if (labels.length < count) {
                throw new EOFException();
            }
            checkEnd(in, count + " labels");
            return labels;
        } catch (EOFException e) {
            throw truncated(e).at(file.toString());
        } catch (ZipException e) {
            throw broken(e).at(file.toString());
        } catch (ImageFormatException e) {
            throw e.at(file.toString());
        }
    }

    private static Path labelsFile(Path images) {
        String name = images.getFileName().toString();
        if (!name.contains("images")) {
            return null;
        }
        String labels = name.replace("images", "labels").replace("idx3", "idx1");
        String other = labels.endsWith(".gz") ? labels.replaceAll("\\.gz$", "") : labels + ".gz";
        for (String candidate : new String[] {labels, other}) {
            Path file = images.resolveSibling(candidate);
            if (Files.isRegularFile(file)) {
                return file;
            }
        }
        return null;
    }

    private static void checkCount(Path file, int count, long itemBytes, int header)
            throws IOException {
        long size = Files.size(file);
        long largest = isGzip(file) ? size * MAX_DEFLATE_RATIO : size;
        // count and item are ints: the product fits in a long
        if (count < 1 || header + count * itemBytes > largest) {
            throw new ImageFormatException(
                    "a count from 1 to what " + size + " bytes can hold",
                    count + " items of " + itemBytes + " bytes",
                    "get the file again: it is damaged or cut short");
        }
    }

    private static void checkEnd(InputStream in, String expected) throws IOException {
        if (in.read() >= 0) {
            throw new ImageFormatException(
                    "the end of the file after " + expected,
                    "more bytes",
                    "get the file again: its header does not fit its content");
        }
    }

    private static ImageFormatException truncated(EOFException e) {
        return new ImageFormatException(
                "as much data as the header says", "the end of the file", "get it again", e);
    }

    private static ImageFormatException broken(ZipException e) {
        return new ImageFormatException(
                "a sound gzip file", "damage (" + e.getMessage() + ")", "get it again", e);
    }

    static boolean isGzip(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return in.read() == 0x1F && in.read() == 0x8B;
        }
    }

    /** The first four bytes, unzipped if need be, as a big-endian number; -1 if there are fewer. */
    static int magic(Path file) throws IOException {
        try (DataInputStream in = open(file)) {
            return in.readInt();
        } catch (EOFException | ZipException e) {
            return -1;
        }
    }

    private static DataInputStream open(Path file) throws IOException {
        boolean zipped = isGzip(file);
        InputStream in = new FileInputStream(file.toFile());
        try {
            InputStream plain = zipped ? new GZIPInputStream(in, 1 << 16) : in;
            return new DataInputStream(new BufferedInputStream(plain, 1 << 16));
        } catch (IOException e) {
            in.close();
            throw e;
        }
    }
}
