package io.ebmstream.ops.image;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The outer structure of a JPEG file, checked before the JDK's reader sees it: that reader fills up
 * a file that was cut short with gray, and runs any number of passes over the image. (ITU-T T.81,
 * annex B.)
 */
final class JpegScan {
    /** Passes over the image; progressive files of real encoders have about ten. */
    static final int MAX_SCANS = 100;

    private static final String ADVICE = "send a whole JPEG file, nothing before or after it";

    private static final int SOI = 0xD8;
    private static final int EOI = 0xD9;
    private static final int SOS = 0xDA;
    private static final int APP0 = 0xE0;
    private static final int APP14 = 0xEE;
    private static final int APP15 = 0xEF;
    private static final int COM = 0xFE;

    private JpegScan() {}

    static boolean isJpeg(byte[] bytes) {
        return bytes.length >= 3
                && bytes[0] == (byte) 0xFF
                && bytes[1] == (byte) SOI
                && bytes[2] == (byte) 0xFF;
    }

    /**
     * The file without what decoding does not need: comments and application data, but for the two
     * markers that say how colours are stored (JFIF, Adobe).
     *
     * @throws ImageFormatException if it is no JPEG, cut short, damaged, or something follows it
     */
    static byte[] essential(byte[] bytes) throws ImageFormatException {
        if (!isJpeg(bytes)) {
            throw new ImageFormatException("a JPEG file", ImageCodec.looksLike(bytes), ADVICE);
        }
        ByteArrayOutputStream kept = new ByteArrayOutputStream(bytes.length);
        kept.write(bytes, 0, 2);
        int scans = 0;
        int at = 2;
        while (true) {
            int start = at;
            if (at + 1 >= bytes.length) {
                throw truncated(bytes);
            }
            if (bytes[at] != (byte) 0xFF) {
                throw new ImageFormatException(
                        "a JPEG marker at byte " + at,
                        String.format("0x%02X", bytes[at]),
                        "the file was damaged on its way: send it again");
            }
            int marker = bytes[at + 1] & 0xFF;
            if (marker == 0xFF) {
                at++; // fill byte
                continue;
            }
            if (marker == EOI) {
                kept.write(bytes, start, 2);
                if (at + 2 < bytes.length) {
                    throw new ImageFormatException(
                            "nothing after the end of the JPEG",
                            (bytes.length - at - 2) + " bytes more",
                            ADVICE);
                }
                return kept.toByteArray();
            }
            if (at + 3 >= bytes.length) {
                throw truncated(bytes);
            }
            int length = (bytes[at + 2] & 0xFF) << 8 | bytes[at + 3] & 0xFF;
            at += 2 + length;
            if (length < 2 || at > bytes.length) {
                throw truncated(bytes);
            }
            if (marker == SOS) {
                if (++scans > MAX_SCANS) {
                    throw new ImageFormatException(
                            "at most " + MAX_SCANS + " scans in a JPEG",
                            "more",
                            "encode the image as a plain JPEG");
                }
                at = endOfScan(bytes, at);
            }
            boolean other = marker >= APP0 && marker <= APP15 || marker == COM;
            if (!other || marker == APP0 && has(bytes, start, "JFIF\0") || marker == APP14) {
                kept.write(bytes, start, at - start);
            }
        }
    }

    /** Index of the first marker after a scan's data. */
    private static int endOfScan(byte[] bytes, int from) throws ImageFormatException {
        for (int i = from; i + 1 < bytes.length; i++) {
            if (bytes[i] == (byte) 0xFF) {
                int next = bytes[i + 1] & 0xFF;
                boolean restart = next >= 0xD0 && next <= 0xD7;
                if (next != 0 && next != 0xFF && !restart) {
                    return i;
                }
            }
        }
        throw truncated(bytes);
    }

    private static boolean has(byte[] bytes, int start, String identifier) {
        byte[] wanted = identifier.getBytes(StandardCharsets.ISO_8859_1);
        int from = start + 4;
        return from + wanted.length <= bytes.length
                && Arrays.equals(bytes, from, from + wanted.length, wanted, 0, wanted.length);
    }

    private static ImageFormatException truncated(byte[] bytes) {
        return new ImageFormatException(
                "a whole JPEG file", "one cut short after " + bytes.length + " bytes", ADVICE);
    }
}
