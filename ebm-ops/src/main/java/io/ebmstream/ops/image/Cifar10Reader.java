package io.ebmstream.ops.image;

import io.ebmstream.ops.energy.ImageShape;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The CIFAR-10 data set's "binary version": records of 1 label byte (0 to 9) and 3072 pixel bytes,
 * planar red, green, blue, 32x32. (A. Krizhevsky, "Learning Multiple Layers of Features from Tiny
 * Images", 2009, and the data set's page.)
 */
final class Cifar10Reader {
    static final ImageShape SHAPE = new ImageShape(3, 32, 32);
    static final int RECORD = 1 + SHAPE.size();
    private static final int CLASSES = 10;

    private Cifar10Reader() {}

    /** Whether a file's name and size are those of a file of records. */
    static boolean recognises(Path file) throws IOException {
        return file.getFileName().toString().endsWith(".bin")
                && Files.size(file) > 0
                && Files.size(file) % RECORD == 0;
    }

    static void read(Path file, ImageCollector into) throws IOException {
        long size = Files.size(file);
        if (size == 0 || size % RECORD != 0) {
            throw new ImageFormatException(
                            "CIFAR-10 records of " + RECORD + " bytes each",
                            size + " bytes, no multiple of it",
                            "get the file again: it may be cut short")
                    .at(file.toString());
        }
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            byte[] record = new byte[RECORD];
            for (long i = 0; i < size / RECORD && !into.full(); i++) {
                if (in.readNBytes(record, 0, RECORD) != RECORD) {
                    throw new IOException(file + ": became shorter while it was read");
                }
                int label = record[0] & 0xFF;
                if (label >= CLASSES) {
                    throw new ImageFormatException(
                                    "a CIFAR-10 label from 0 to 9 in record " + i,
                                    String.valueOf(label),
                                    "check that this is the binary version of CIFAR-10")
                            .at(file.toString());
                }
                into.add(new Image(SHAPE, Arrays.copyOfRange(record, 1, RECORD), label), file);
            }
        }
    }
}
