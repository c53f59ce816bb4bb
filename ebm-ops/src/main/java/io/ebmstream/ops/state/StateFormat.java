package io.ebmstream.ops.state;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The layout that {@link StateWriter} writes and {@link StateReader} reads, all little-endian:
 *
 * <pre>
 * int32   magic "EBMS"
 * uint16  format version
 * uint16  kind (StateKind)
 * tensor* uint8 dtype, uint8 rank, int32 sizes[rank], values; a scalar has rank 0
 * int32   CRC32C of everything before
 * </pre>
 */
final class StateFormat {
    /** "EBMS" when read as bytes. */
    static final int MAGIC = 0x534D4245;

    /** Version written; older ones stay readable, newer ones are refused. */
    static final short VERSION = 1;

    static final int HEADER_BYTES = 8;
    static final int CHECKSUM_BYTES = 4;

    /** Type of a tensor's values. Codes are part of the format. */
    enum DataType {
        UINT8(1, 1),
        INT32(2, 4),
        INT64(3, 8),
        FLOAT32(4, 4),
        FLOAT64(5, 8);

        final byte code;
        final int bytes;

        DataType(int code, int bytes) {
            this.code = (byte) code;
            this.bytes = bytes;
        }
    }

    private StateFormat() {}

    static int checksum(ByteBuffer bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate().position(0).limit(length));
        return (int) crc.getValue();
    }

    static int volume(int[] shape) {
        int size = 1;
        for (int s : shape) {
            size = Math.multiplyExact(size, s);
        }
        return size;
    }
}
