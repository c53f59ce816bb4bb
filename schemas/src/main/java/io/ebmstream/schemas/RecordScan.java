package io.ebmstream.schemas;

import io.ebmstream.schemas.WireFormatException.Reason;
import java.util.Locale;
import org.apache.avro.Schema;

/**
 * Walks over one Avro-binary record without building it, and refuses every length that points past
 * the end, every index out of range and every overlong number.
 *
 * <p>Avro's own decoder allocates what a length field asks for before it looks whether the bytes
 * are there. After this walk the sum of all lengths is at most the number of bytes, so decoding
 * allocates in proportion to the input, whatever it is.
 *
 * <p>Not thread-safe; one instance for one record.
 */
final class RecordScan {
    private final byte[] bytes;
    private int position;

    RecordScan(byte[] bytes, int offset) {
        this.bytes = bytes;
        this.position = offset;
    }

    /**
     * Walks over one value.
     *
     * @param schema the writer's; must not be recursive
     * @param path where the value is, for messages
     * @return position after it
     */
    int skip(Schema schema, String path) throws WireFormatException {
        switch (schema.getType()) {
            case NULL -> {}
            case BOOLEAN -> skipBoolean(path);
            case INT -> readInt(path);
            case LONG -> readLong(path);
            case FLOAT -> advance(Float.BYTES, path);
            case DOUBLE -> advance(Double.BYTES, path);
            case BYTES, STRING -> advance(readLong(path), path);
            case FIXED -> advance(schema.getFixedSize(), path);
            case ENUM -> readIndex(schema.getEnumSymbols().size(), path);
            case UNION ->
                    skip(schema.getTypes().get(readIndex(schema.getTypes().size(), path)), path);
            case RECORD -> {
                for (Schema.Field field : schema.getFields()) {
                    skip(field.schema(), path + "." + field.name());
                }
            }
            case ARRAY -> skipBlocks(null, schema.getElementType(), path);
            case MAP -> skipBlocks(Schema.create(Schema.Type.STRING), schema.getValueType(), path);
            default -> throw new IllegalStateException("no rule for " + schema.getType());
        }
        return position;
    }

    private void skipBlocks(Schema key, Schema value, String path) throws WireFormatException {
        for (long count = readLong(path); count != 0; count = readLong(path)) {
            long items = count;
            if (count < 0) {
                // a negative count stands for its absolute value, followed by the block's size
                items = -count;
                long size = readLong(path);
                if (size < 0 || size > remaining()) {
                    throw truncated(path, size);
                }
            }
            // every item of our schemas takes a byte or more
            if (items < 0 || items > remaining()) {
                throw truncated(path, items);
            }
            for (long i = 0; i < items; i++) {
                if (key != null) {
                    skip(key, path + " key");
                }
                skip(value, path + "[]");
            }
        }
    }

    private void skipBoolean(String path) throws WireFormatException {
        int at = position;
        advance(1, path);
        if (bytes[at] != 0 && bytes[at] != 1) {
            throw malformed(path, "0 or 1 for a boolean", Integer.toString(bytes[at]));
        }
    }

    private int readIndex(int size, String path) throws WireFormatException {
        int index = readInt(path);
        if (index < 0 || index >= size) {
            throw malformed(path, "an index from 0 to " + (size - 1), Integer.toString(index));
        }
        return index;
    }

    private int readInt(String path) throws WireFormatException {
        long value = readLong(path);
        if ((int) value != value) {
            throw malformed(path, "a 32-bit number", Long.toString(value));
        }
        return (int) value;
    }

    /** Zigzag variable-length number, at most 10 bytes of which the last holds a single bit. */
    private long readLong(String path) throws WireFormatException {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            int at = position;
            advance(1, path);
            int b = bytes[at];
            if (shift == 63 && (b & 0xfe) != 0) {
                break;
            }
            value |= (b & 0x7fL) << shift;
            if (b >= 0) {
                return (value >>> 1) ^ -(value & 1);
            }
        }
        throw malformed(path, "a number of at most 64 bits", "a longer one");
    }

    private void advance(long length, String path) throws WireFormatException {
        if (length < 0 || length > remaining()) {
            throw truncated(path, length);
        }
        position += (int) length;
    }

    private int remaining() {
        return bytes.length - position;
    }

    private WireFormatException truncated(String path, long asked) {
        return new WireFormatException(
                Reason.TRUNCATED,
                String.format(
                        Locale.ROOT,
                        "%s: expected %,d more bytes or items at byte %,d, found %,d bytes left",
                        path,
                        asked,
                        position,
                        remaining()));
    }

    private WireFormatException malformed(String path, String expected, String found) {
        return new WireFormatException(
                Reason.MALFORMED,
                path + ": expected " + expected + " before byte " + position + ", found " + found);
    }
}
