package io.ebmstream.ops.image;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import java.util.zip.CRC32;

/**
 * The outer structure of a PNG file, checked before the JDK's reader sees it: that reader neither
 * checks checksums nor bounds what compressed text and profiles inflate to. (PNG specification,
 * third edition, sections 5 and 11.)
 */
final class PngScan {
    private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};

    /** What decoding needs: all else (text, profiles, times) is left out. */
    private static final Set<String> KEPT = Set.of("IHDR", "PLTE", "tRNS", "IDAT", "IEND");

    private static final String ADVICE = "send a whole PNG file, nothing before or after it";

    private PngScan() {}

    static boolean isPng(byte[] bytes) {
        return bytes.length >= SIGNATURE.length
                && Arrays.equals(bytes, 0, SIGNATURE.length, SIGNATURE, 0, SIGNATURE.length);
    }

    /** Whether the header says gray, with or without alpha. Only after {@link #essential}. */
    static boolean isGray(byte[] png) {
        return (png[25] & 2) == 0;
    }

    /**
     * The file with only the chunks that decoding needs.
     *
     * @throws ImageFormatException if it is no PNG, cut short, damaged, or something follows it
     */
    static byte[] essential(byte[] bytes) throws ImageFormatException {
        if (!isPng(bytes)) {
            throw new ImageFormatException("a PNG file", ImageCodec.looksLike(bytes), ADVICE);
        }
        ByteArrayOutputStream kept = new ByteArrayOutputStream(bytes.length);
        kept.write(bytes, 0, SIGNATURE.length);
        ByteBuffer in = ByteBuffer.wrap(bytes).position(SIGNATURE.length);
        boolean first = true;
        while (true) {
            if (in.remaining() < 12) {
                throw truncated(bytes);
            }
            int start = in.position();
            int length = in.getInt();
            byte[] name = new byte[4];
            in.get(name);
            String type = new String(name, StandardCharsets.ISO_8859_1);
            if (length < 0 || length > in.remaining() - 4) {
                throw truncated(bytes);
            }
            if (first != type.equals("IHDR") || (first && length != 13)) {
                throw new ImageFormatException(
                        "a PNG file with one header, first",
                        "chunk " + ImageCodec.printable(name) + " of " + length + " bytes",
                        ADVICE);
            }
            first = false;
            CRC32 crc = new CRC32();
            crc.update(bytes, start + 4, 4 + length);
            in.position(start + 8 + length);
            if ((int) crc.getValue() != in.getInt()) {
                throw new ImageFormatException(
                        "PNG chunks with right checksums",
                        "a wrong one in chunk " + ImageCodec.printable(name),
                        "the file was damaged on its way: send it again");
            }
            if (type.equals("tRNS") && (bytes[25] & 1) == 0) {
                // one colour that stands for transparent: the JDK's reader heeds it only sometimes
                throw new ImageFormatException(
                        "an opaque image",
                        "a transparent colour",
                        "flatten the image onto a background before sending it");
            }
            if (KEPT.contains(type)) {
                kept.write(bytes, start, 12 + length);
            } else if ((name[0] & 0x20) == 0) {
                throw new ImageFormatException(
                        "only known critical PNG chunks",
                        "chunk " + ImageCodec.printable(name),
                        "encode the image as a plain PNG");
            }
            if (type.equals("IEND")) {
                if (in.hasRemaining()) {
                    throw new ImageFormatException(
                            "nothing after the end of the PNG",
                            in.remaining() + " bytes more",
                            ADVICE);
                }
                return kept.toByteArray();
            }
        }
    }

    private static ImageFormatException truncated(byte[] bytes) {
        return new ImageFormatException(
                "a whole PNG file", "one cut short after " + bytes.length + " bytes", ADVICE);
    }
}
