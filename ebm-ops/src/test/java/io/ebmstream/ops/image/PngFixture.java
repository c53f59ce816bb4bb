package io.ebmstream.ops.image;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/** Builds PNG files chunk by chunk, also ones that no encoder would write. */
final class PngFixture {
    static final int GRAY = 0;
    static final int RGB = 2;
    static final int PALETTE = 3;
    static final int GRAY_ALPHA = 4;
    static final int RGBA = 6;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    PngFixture(int width, int height, int bitDepth, int colourType) {
        out.writeBytes(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'});
        chunk(
                "IHDR",
                bytes(
                        data -> {
                            data.writeInt(width);
                            data.writeInt(height);
                            data.write(new byte[] {(byte) bitDepth, (byte) colourType, 0, 0, 0});
                        }));
    }

    PngFixture chunk(String type, byte[] content) {
        byte[] name = type.getBytes(StandardCharsets.ISO_8859_1);
        CRC32 crc = new CRC32();
        crc.update(name);
        crc.update(content);
        out.writeBytes(
                bytes(
                        data -> {
                            data.writeInt(content.length);
                            data.write(name);
                            data.write(content);
                            data.writeInt((int) crc.getValue());
                        }));
        return this;
    }

    /** The rows, each with its filter byte in front. */
    PngFixture rows(int... values) {
        byte[] raw = new byte[values.length];
        for (int i = 0; i < raw.length; i++) {
            raw[i] = (byte) values[i];
        }
        return chunk("IDAT", deflated(raw));
    }

    byte[] end() {
        chunk("IEND", new byte[0]);
        return out.toByteArray();
    }

    static byte[] deflated(byte[] raw) {
        return bytes(
                data -> {
                    Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION);
                    try (var zip = new DeflaterOutputStream(data, deflater)) {
                        zip.write(raw);
                    } finally {
                        deflater.end();
                    }
                });
    }

    private interface Writer {
        void write(DataOutputStream data) throws IOException;
    }

    private static byte[] bytes(Writer writer) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        try (var data = new DataOutputStream(content)) {
            writer.write(data);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return content.toByteArray();
    }
}
