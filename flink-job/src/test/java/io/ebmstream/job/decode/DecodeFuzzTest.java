package io.ebmstream.job.decode;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.ebmstream.job.kafka.KafkaRecord;
import io.ebmstream.ops.image.DecodeLimits;
import io.ebmstream.ops.image.ImageEncoding;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Queue;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.ProcessFunctionTestHarnesses;
import org.junit.jupiter.api.Test;

/**
 * Of whole, broken and damaged records ({@link FuzzedRecords}) each comes out exactly once, as its
 * image or as a dead letter with its bytes; none costs more memory than the limits allow, and
 * nothing is kept.
 */
class DecodeFuzzTest {
    /** More with {@code -Debm.fuzz.records=100000}, which takes half a minute. */
    private static final int RECORDS = Integer.getInteger("ebm.fuzz.records", 15_000);

    private static final DecodeLimits LIMITS = new DecodeLimits(1 << 16, 1 << 14, 1 << 10);

    /**
     * A record may cost: its bytes a few times over, and decoded pixels within the limit (3 bytes
     * each, once more in ImageIO's own raster, and 4 for each in floats).
     */
    private static final long MOST_BYTES = 8L * LIMITS.maxEncodedBytes() + 16L * LIMITS.maxPixels();

    private static final ThreadMXBean MEMORY = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final FuzzedRecords records = new FuzzedRecords();

    // the harness's close() throws Exception
    @SuppressWarnings("try")
    @Test
    void eachRecordComesOutOnceAndTheNextOnesAreFine() throws Exception {
        long whole = 0;
        long images = 0;
        long letters = 0;
        long broken = 0;
        long most = 0;
        try (var harness =
                ProcessFunctionTestHarnesses.forProcessFunction(
                        new DecodeFunction(FuzzedRecords.SHAPE, LIMITS, 0))) {
            for (int i = 0; i < RECORDS; i++) {
                byte[] value = records.next();
                long before = MEMORY.getCurrentThreadAllocatedBytes();
                harness.processElement(new StreamRecord<>(kafka(i, value)));
                long cost = MEMORY.getCurrentThreadAllocatedBytes() - before;
                // the first record of a kind loads classes
                most = i < 1000 ? 0 : Math.max(most, cost);

                DeadLetter letter = takeLetter(harness);
                ImageEvent event = takeImage(harness);
                assertThat(event == null)
                        .as("record %d comes out once", i)
                        .isEqualTo(letter != null);
                if (letter != null) {
                    letters++;
                    assertThat(Arrays.equals(letter.record().value(), value))
                            .as("bytes of broken record %d", i)
                            .isTrue();
                    assertThat(letter.message()).isNotEmpty();
                } else {
                    images++;
                }
                if (FuzzedRecords.kind(i) == FuzzedRecords.Kind.WHOLE) {
                    whole++;
                    assertThat(event).as("whole record %d", i).isNotNull();
                    assertThat(event.imageId()).isEqualTo(FuzzedRecords.id(i));
                    if (FuzzedRecords.encoding(i) != ImageEncoding.JPEG) {
                        assertThat(event.pixels()).isEqualTo(FuzzedRecords.image(i).pixels());
                    }
                } else if (FuzzedRecords.kind(i) == FuzzedRecords.Kind.BROKEN) {
                    broken++;
                    assertThat(letter).as("broken record %d", i).isNotNull();
                }
            }
        }
        assertThat(images + letters).isEqualTo(RECORDS);
        // damage at random hits pixels often, and then there is an image still
        assertThat(images).isGreaterThan(whole);
        assertThat(letters).isGreaterThan(broken);
        assertThat(most).as("bytes allocated for one record").isLessThan(MOST_BYTES);
    }

    private static DeadLetter takeLetter(
            OneInputStreamOperatorTestHarness<KafkaRecord, ImageEvent> harness) {
        Queue<StreamRecord<DeadLetter>> letters =
                harness.getSideOutput(DecodeFunction.DEAD_LETTERS);
        StreamRecord<DeadLetter> letter = letters == null ? null : letters.poll();
        return letter == null ? null : letter.getValue();
    }

    @SuppressWarnings("unchecked")
    private static ImageEvent takeImage(
            OneInputStreamOperatorTestHarness<KafkaRecord, ImageEvent> harness) {
        StreamRecord<ImageEvent> event = (StreamRecord<ImageEvent>) harness.getOutput().poll();
        return event == null ? null : event.getValue();
    }

    private static KafkaRecord kafka(int i, byte[] value) {
        return new KafkaRecord("in", 0, i, 0, new byte[] {1}, value, new String[0], new byte[0][]);
    }
}
