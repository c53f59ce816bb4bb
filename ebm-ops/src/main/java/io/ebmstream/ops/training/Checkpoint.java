package io.ebmstream.ops.training;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;

/**
 * A learner's state in a file: magic, version, settings as pairs of texts, pieces by name, CRC-32
 * of all before it; big-endian. The replay buffer is left out, since the images are at hand.
 *
 * @param settings what the run began with
 * @param pieces the learner's pieces of state by name
 */
record Checkpoint(Settings settings, Map<String, byte[]> pieces) {
    private static final int MAGIC = 0x45424D43;
    private static final int VERSION = 1;

    /** Writes the file in one piece: after a crash the old or the new one is there, whole. */
    void write(Path file) throws IOException {
        Path whole = file.resolveSibling(file.getFileName() + ".tmp");
        try (FileOutputStream raw = new FileOutputStream(whole.toFile())) {
            CheckedOutputStream sum =
                    new CheckedOutputStream(new BufferedOutputStream(raw, 1 << 16), new CRC32());
            DataOutputStream out = new DataOutputStream(sum);
            out.writeInt(MAGIC);
            out.writeInt(VERSION);
            out.writeInt(settings.values().size());
            for (Map.Entry<String, String> setting : settings.values().entrySet()) {
                text(out, setting.getKey());
                text(out, setting.getValue());
            }
            out.writeInt(pieces.size());
            for (Map.Entry<String, byte[]> piece : pieces.entrySet()) {
                text(out, piece.getKey());
                out.writeInt(piece.getValue().length);
                out.write(piece.getValue());
            }
            out.writeLong(sum.getChecksum().getValue());
            out.flush();
            // the name must not point to what a power failure could still lose
            raw.getFD().sync();
        }
        Files.move(
                whole, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    /**
     * Reads a file.
     *
     * @throws IOException if it is no checkpoint, of another version, or damaged
     */
    static Checkpoint read(Path file) throws IOException {
        try (CheckedInputStream sum =
                        new CheckedInputStream(
                                new BufferedInputStream(Files.newInputStream(file), 1 << 16),
                                new CRC32());
                DataInputStream in = new DataInputStream(sum)) {
            int magic = in.readInt();
            int version = in.readInt();
            if (magic != MAGIC || version != VERSION) {
                throw new IOException(
                        file
                                + ": expected a checkpoint of version "
                                + VERSION
                                + ", found "
                                + (magic == MAGIC ? "version " + version : "another kind of file"));
            }
            long left = Files.size(file);
            Map<String, String> settings = new LinkedHashMap<>();
            for (int i = in.readInt(); i > 0; i--) {
                String name = text(in, left);
                settings.put(name, text(in, left));
            }
            Map<String, byte[]> pieces = new LinkedHashMap<>();
            for (int i = in.readInt(); i > 0; i--) {
                String name = text(in, left);
                pieces.put(name, bytes(in, left));
            }
            long expected = sum.getChecksum().getValue();
            if (in.readLong() != expected) {
                throw new IOException(file + ": expected a whole file, found a wrong checksum");
            }
            return new Checkpoint(new Settings(settings), pieces);
        } catch (EOFException e) {
            throw new IOException(file + ": expected a whole file, found its end too early", e);
        }
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static String text(DataInputStream in, long most) throws IOException {
        return new String(bytes(in, most), StandardCharsets.UTF_8);
    }

    /** A damaged length must not ask for more memory than the file could fill. */
    private static byte[] bytes(DataInputStream in, long most) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > most) {
            throw new IOException(
                    "expected a length of at most " + most + " bytes, found " + length);
        }
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return bytes;
    }
}
