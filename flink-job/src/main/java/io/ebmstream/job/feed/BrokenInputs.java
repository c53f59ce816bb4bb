package io.ebmstream.job.feed;

import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.image.Image;
import io.ebmstream.ops.image.ImageCodec;
import io.ebmstream.ops.image.ImageEncoding;
import io.ebmstream.ops.sampler.Threefry;
import io.ebmstream.schemas.WireFormat;
import io.ebmstream.schemas.avro.ImageRecord;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/**
 * Makes broken records for the image topic: a pure function of (kind, image, seed, index), so that
 * the very bytes are known that must arrive as dead letters. Stateless, thread-safe.
 */
public final class BrokenInputs {
    /** Rows and columns that the bomb claims: 268 million pixels in 33 KB. */
    static final int BOMB_SIDE = 16_384;

    private static final int RANDOM_LENGTH = 700;

    /** The bomb is the same each time and costs 0.1 s. */
    private static final byte[] BOMB = bomb();

    private BrokenInputs() {}

    /**
     * A record's value.
     *
     * @param image a good image of the model's shape, to be broken
     * @param imageId id of the record, where it has one
     * @param streamId stream of the record, where it has one
     * @param eventTime milliseconds since 1970-01-01 UTC
     * @param seed of the run
     * @param index of the broken record in the run
     */
    public static byte[] value(
            BrokenInput kind,
            Image image,
            String imageId,
            String streamId,
            long eventTime,
            long seed,
            long index) {
        ImageShape shape = image.shape();
        return switch (kind) {
            case TRUNCATED_JPEG -> {
                byte[] whole = ImageCodec.encode(image, ImageEncoding.JPEG);
                yield record(
                        imageId,
                        streamId,
                        eventTime,
                        shape,
                        ImageEncoding.JPEG,
                        Arrays.copyOf(whole, whole.length * 2 / 3));
            }
            case WRONG_DIMENSIONS -> {
                Image larger = image.padded(shape.height() + 3, shape.width() + 5);
                yield record(
                        imageId,
                        streamId,
                        eventTime,
                        larger.shape(),
                        ImageEncoding.RAW_U8_PLANAR,
                        larger.pixels());
            }
            case NOT_A_NUMBER -> {
                byte[] floats = ImageCodec.encode(image, ImageEncoding.RAW_F32_PLANAR);
                ByteBuffer view = ByteBuffer.wrap(floats).order(ByteOrder.LITTLE_ENDIAN);
                view.putFloat(0, Float.NaN);
                view.putFloat(floats.length - Float.BYTES, Float.POSITIVE_INFINITY);
                yield record(
                        imageId, streamId, eventTime, shape, ImageEncoding.RAW_F32_PLANAR, floats);
            }
            case DECOMPRESSION_BOMB ->
                    record(imageId, streamId, eventTime, shape, ImageEncoding.PNG, BOMB);
            case RANDOM_BYTES -> random(seed, index);
            case UNKNOWN_SCHEMA -> {
                byte[] good =
                        record(
                                imageId,
                                streamId,
                                eventTime,
                                shape,
                                ImageEncoding.RAW_U8_PLANAR,
                                image.pixels());
                // behind the two marker bytes stands the schema's fingerprint
                ByteBuffer.wrap(good).putLong(2, Threefry.derive(seed, index));
                yield good;
            }
        };
    }

    private static byte[] record(
            String imageId,
            String streamId,
            long eventTime,
            ImageShape shape,
            ImageEncoding encoding,
            byte[] bytes) {
        ImageRecord record =
                ImageRecords.record(
                        imageId, streamId, eventTime, shape, encoding, bytes, Image.NO_LABEL, null);
        return WireFormat.IMAGE.encode(record);
    }

    private static byte[] random(long seed, long index) {
        byte[] bytes = new byte[RANDOM_LENGTH];
        ByteBuffer view = ByteBuffer.wrap(bytes);
        long key = Threefry.derive(seed, ~index);
        for (int i = 0; view.remaining() >= Long.BYTES; i++) {
            view.putLong(Threefry.block(key, i));
        }
        return bytes;
    }

    /** A valid PNG, 1 bit a pixel, all black, that claims {@value #BOMB_SIDE} rows and columns. */
    private static byte[] bomb() {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(file)) {
            out.write(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'});
            byte[] header =
                    ByteBuffer.allocate(13)
                            .putInt(BOMB_SIDE)
                            .putInt(BOMB_SIDE)
                            .put(new byte[] {1, 0, 0, 0, 0})
                            .array();
            chunk(out, "IHDR", header);
            ByteArrayOutputStream packed = new ByteArrayOutputStream();
            Deflater best = new Deflater(Deflater.BEST_COMPRESSION);
            try (DeflaterOutputStream deflate = new DeflaterOutputStream(packed, best)) {
                byte[] row = new byte[1 + BOMB_SIDE / 8];
                for (int y = 0; y < BOMB_SIDE; y++) {
                    deflate.write(row);
                }
            } finally {
                best.end();
            }
            chunk(out, "IDAT", packed.toByteArray());
            chunk(out, "IEND", new byte[0]);
        } catch (IOException e) {
            throw new UncheckedIOException("memory does not fail", e);
        }
        return file.toByteArray();
    }

    private static void chunk(DataOutputStream out, String type, byte[] data) throws IOException {
        byte[] name = type.getBytes(StandardCharsets.US_ASCII);
        CRC32 crc = new CRC32();
        crc.update(name);
        crc.update(data);
        out.writeInt(data.length);
        out.write(name);
        out.write(data);
        out.writeInt((int) crc.getValue());
    }
}
