package io.ebmstream.job.decode;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.ebmstream.job.feed.BrokenInput;
import io.ebmstream.job.feed.BrokenInputs;
import io.ebmstream.job.feed.ImageRecords;
import io.ebmstream.job.kafka.KafkaRecord;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.image.DecodeLimits;
import io.ebmstream.ops.image.Image;
import io.ebmstream.ops.image.ImageCodec;
import io.ebmstream.ops.image.ImageEncoding;
import io.ebmstream.ops.image.ShapesDataset;
import io.ebmstream.schemas.WireFormat;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Queue;
import java.util.SplittableRandom;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.ProcessFunctionTestHarnesses;
import org.junit.jupiter.api.Test;

/**
 * Records, a third of them whole, a third broken in a known way, a third damaged at random: each
 * comes out exactly once, as its image or as a dead letter with its bytes; none costs more memory
 * than the limits allow, and nothing is kept.
 */
class DecodeFuzzTest {
    /** More with {@code -Debm.fuzz.records=100000}, which takes half a minute. */
    private static final int RECORDS = Integer.getInteger("ebm.fuzz.records", 15_000);

    private static final ImageShape SHAPE = new ImageShape(3, 16, 16);
    private static final ShapesDataset IMAGES = new ShapesDataset(SHAPE, 5, 64);
    private static final DecodeLimits LIMITS = new DecodeLimits(1 << 16, 1 << 14, 1 << 10);

    /**
     * A record may cost: its bytes a few times over, and decoded pixels within the limit (3 bytes
     * each, once more in ImageIO's own raster, and 4 for each in floats).
     */
    private static final long MOST_BYTES = 8L * LIMITS.maxEncodedBytes() + 16L * LIMITS.maxPixels();

    private static final ThreadMXBean MEMORY = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final SplittableRandom random = new SplittableRandom(20221022);

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
                        new DecodeFunction(SHAPE, LIMITS, 0))) {
            for (int i = 0; i < RECORDS; i++) {
                Image image = IMAGES.image(i % IMAGES.size());
                ImageEncoding encoding = encoding(i);
                byte[] good = record(i, image, encoding);
                byte[] value =
                        switch (i % 3) {
                            case 0 -> good;
                            case 1 -> broken(i, image);
                            default -> damaged(good);
                        };
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
                if (i % 3 == 0) {
                    whole++;
                    assertThat(event).as("whole record %d", i).isNotNull();
                    assertThat(event.imageId()).isEqualTo("image-" + i);
                    if (encoding != ImageEncoding.JPEG) {
                        assertThat(event.pixels()).isEqualTo(image.pixels());
                    }
                } else if (i % 3 == 1) {
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

    private static ImageEncoding encoding(int i) {
        return ImageEncoding.values()[i / 3 % ImageEncoding.values().length];
    }

    private static byte[] record(int i, Image image, ImageEncoding encoding) {
        return WireFormat.IMAGE.encode(
                ImageRecords.record(
                        "image-" + i,
                        "stream",
                        42,
                        SHAPE,
                        encoding,
                        ImageCodec.encode(image, encoding),
                        image.label(),
                        null));
    }

    private static byte[] broken(int i, Image image) {
        BrokenInput kind = BrokenInput.values()[i / 3 % BrokenInput.values().length];
        return BrokenInputs.value(kind, image, "broken-" + i, "stream", 42, 7, i);
    }

    /**
     * Bits flipped, a piece cut out, put in, doubled or overwritten, an end cut off; up to thrice.
     */
    private byte[] damaged(byte[] good) {
        byte[] bytes = good;
        for (int edits = 1 + random.nextInt(3); edits > 0 && bytes.length > 0; edits--) {
            // lengths and counts stand at the begin, where damage does most
            int from =
                    random.nextInt(
                            random.nextBoolean() ? bytes.length : Math.min(64, bytes.length));
            int to = Math.min(bytes.length, from + 1 + random.nextInt(16));
            byte[] noise = new byte[to - from];
            random.nextBytes(noise);
            bytes =
                    switch (random.nextInt(6)) {
                        case 0 -> flipped(bytes, from);
                        case 1 -> joined(bytes, from, new byte[0], to);
                        case 2 -> joined(bytes, from, noise, from);
                        case 3 -> joined(bytes, to, Arrays.copyOfRange(bytes, from, to), to);
                        case 4 -> joined(bytes, from, noise, to);
                        default -> Arrays.copyOf(bytes, from);
                    };
        }
        return bytes;
    }

    private byte[] flipped(byte[] bytes, int at) {
        byte[] copy = bytes.clone();
        copy[at] ^= (byte) (1 << random.nextInt(8));
        return copy;
    }

    private static byte[] joined(byte[] bytes, int head, byte[] middle, int tail) {
        byte[] out = Arrays.copyOf(bytes, head + middle.length + bytes.length - tail);
        System.arraycopy(middle, 0, out, head, middle.length);
        System.arraycopy(bytes, tail, out, head + middle.length, bytes.length - tail);
        return out;
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
