package io.ebmstream.job.replay;

import io.ebmstream.schemas.avro.PurifiedImage;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.avro.Schema;

/** Field by field comparison of two records of the same image. */
final class RecordDiff {
    private static final String PIXELS = "pixels";

    private RecordDiff() {}

    /**
     * What differs, one entry for each field; none where all are equal. Numbers are compared by
     * their bits.
     */
    static List<String> of(PurifiedImage recorded, PurifiedImage computed) {
        List<String> differences = new ArrayList<>();
        for (Schema.Field field : PurifiedImage.getClassSchema().getFields()) {
            Object before = recorded.get(field.pos());
            Object now = computed.get(field.pos());
            if (!Objects.equals(before, now)) {
                differences.add(
                        field.name().equals(PIXELS)
                                ? pixels((ByteBuffer) before, (ByteBuffer) now)
                                : field.name() + ": recorded " + before + ", computed " + now);
            }
        }
        return differences;
    }

    private static String pixels(ByteBuffer before, ByteBuffer now) {
        if (before.remaining() != now.remaining()) {
            return "pixels: recorded " + before.remaining() + ", computed " + now.remaining();
        }
        int first = before.mismatch(now);
        int count = 0;
        int most = 0;
        for (int i = 0; i < before.remaining(); i++) {
            int difference =
                    Math.abs(
                            Byte.toUnsignedInt(before.get(before.position() + i))
                                    - Byte.toUnsignedInt(now.get(now.position() + i)));
            count += difference == 0 ? 0 : 1;
            most = Math.max(most, difference);
        }
        return "pixels: "
                + count
                + " of "
                + before.remaining()
                + " differ, the first at "
                + first
                + " (recorded "
                + Byte.toUnsignedInt(before.get(before.position() + first))
                + ", computed "
                + Byte.toUnsignedInt(now.get(now.position() + first))
                + "), by at most "
                + most
                + " of 255";
    }
}
