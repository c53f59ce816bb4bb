package io.ebmstream.job.shards;

import static io.ebmstream.job.shards.Parts.part;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.job.TestModels;
import io.ebmstream.job.kafka.OutgoingRecord;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.schemas.WireFormatException;
import io.ebmstream.schemas.snapshot.SnapshotException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.common.functions.util.ListCollector;
import org.junit.jupiter.api.Test;

class AverageRecordsTest {
    private static final Average SMALL = Average.of(List.of(part(0, 1), part(1, 1)));

    /** More than one chunk. */
    private static Average large(long round) {
        byte[] weights = new byte[4 * 300_000];
        weights[5] = (byte) round;
        return new Average(
                "m",
                round,
                new ModelVersion(0, round),
                new ModelVersion(0, round - 1),
                weights,
                weights,
                new byte[0],
                5,
                6,
                7,
                8,
                Map.of("t-0", 9L),
                Map.of(0, "a", 1, "b"));
    }

    private static List<byte[]> encode(Average average) {
        List<OutgoingRecord> records = new ArrayList<>();
        new AverageRecords.Encoder("averages", TestModels.network().toJson())
                .flatMap(average, new ListCollector<>(records));
        assertThat(records).extracting(OutgoingRecord::topic).containsOnly("averages");
        return records.stream().map(OutgoingRecord::value).toList();
    }

    private static List<Average> decode(List<byte[]> values) throws Exception {
        AverageRecords.Decoder decoder = new AverageRecords.Decoder();
        List<Average> found = new ArrayList<>();
        for (byte[] value : values) {
            decoder.take(value).ifPresent(found::add);
        }
        return found;
    }

    @Test
    void anAverageComesBackAsItWas() throws Exception {
        List<byte[]> values = new ArrayList<>(encode(SMALL));
        values.addAll(encode(large(2)));
        values.addAll(encode(large(3)));
        assertThat(values).hasSizeGreaterThan(8);
        assertThat(decode(values))
                .usingRecursiveComparison()
                // else byte by byte, which takes long for some MB
                .withEqualsForType(Arrays::equals, byte[].class)
                .isEqualTo(List.of(SMALL, large(2), large(3)));
    }

    @Test
    void oneWhoseBeginningWasNotSeenIsPassedOver() throws Exception {
        List<byte[]> values = new ArrayList<>(encode(large(2)));
        values.remove(0);
        values.addAll(encode(SMALL));
        assertThat(decode(values)).usingRecursiveComparison().isEqualTo(List.of(SMALL));
    }

    @Test
    void damageIsFound() throws Exception {
        List<byte[]> values = encode(SMALL);
        byte[] chunk = values.get(0).clone();
        chunk[60] ^= 1;
        AverageRecords.Decoder decoder = new AverageRecords.Decoder();
        assertThatThrownBy(
                        () -> {
                            decoder.take(chunk);
                            decoder.take(values.get(1));
                        })
                .isInstanceOfAny(SnapshotException.class, WireFormatException.class);
        assertThatThrownBy(() -> decoder.take(new byte[] {1, 2, 3}))
                .isInstanceOf(WireFormatException.class);
        assertThat(decoder.take(values.get(0))).isEqualTo(Optional.empty());
    }
}
