package io.ebmstream.job.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.job.broker.JobTopics;
import io.ebmstream.job.kafka.KafkaRecord;
import io.ebmstream.job.kafka.OutgoingRecord;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.image.DecodeLimits;
import io.ebmstream.ops.image.Image;
import io.ebmstream.ops.image.ImageCodec;
import io.ebmstream.schemas.Headers;
import io.ebmstream.schemas.WireFormat;
import io.ebmstream.schemas.avro.DensityReading;
import io.ebmstream.schemas.avro.ImageEncoding;
import io.ebmstream.schemas.avro.ImageRecord;
import io.ebmstream.schemas.avro.ImageReference;
import io.ebmstream.schemas.avro.ModelVersion;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.ProcessFunctionTestHarnesses;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

// the harness's close() throws Exception
@SuppressWarnings("try")
class DecodeFunctionTest {
    private static final ImageShape SHAPE = new ImageShape(3, 8, 8);
    private static final Image IMAGE = new Image(SHAPE, pixels());
    private static final byte[] KEY = {7, 8, 9};
    private static final int LATENTS = 3;

    @ParameterizedTest(name = "{0}")
    @MethodSource("broken")
    void aBrokenRecordBecomesADeadLetterAndTheNextIsDecoded(
            String kind, byte[] value, String message) throws Exception {
        KafkaRecord record = record(value);
        try (var harness = harness()) {
            harness.processElement(new StreamRecord<>(record));
            harness.processElement(new StreamRecord<>(record(good(ImageEncoding.PNG))));

            Queue<StreamRecord<DeadLetter>> letters =
                    harness.getSideOutput(DecodeFunction.DEAD_LETTERS);
            assertThat(letters).hasSize(1);
            DeadLetter letter = letters.peek().getValue();
            assertThat(letter.record()).usingRecursiveComparison().isEqualTo(record);
            assertThat(letter.record().value()).isEqualTo(value);
            assertThat(letter.stage()).isEqualTo("decode");
            assertThat(letter.message()).contains(message);
            assertThat(harness.extractOutputValues()).hasSize(1);
        }
    }

    static Stream<Arguments> broken() {
        byte[] png = ImageCodec.encode(IMAGE, io.ebmstream.ops.image.ImageEncoding.PNG);
        byte[] jpeg = ImageCodec.encode(IMAGE, io.ebmstream.ops.image.ImageEncoding.JPEG);
        byte[] whole = good(ImageEncoding.RAW_U8_PLANAR);
        byte[] unknownSchema = whole.clone();
        unknownSchema[5] ^= 1;
        return Stream.of(
                Arguments.of("tombstone", null, "found none"),
                Arguments.of("empty", new byte[0], "found 0"),
                Arguments.of(
                        "random bytes",
                        new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12},
                        "single-object"),
                Arguments.of("unknown schema", unknownSchema, "fingerprint"),
                Arguments.of("another record", otherRecord(), "fingerprint"),
                Arguments.of("cut short", Arrays.copyOf(whole, whole.length - 30), "bytes left"),
                Arguments.of("more bytes", Arrays.copyOf(whole, whole.length + 3), "to end at"),
                Arguments.of("no image id", with(b -> b.setImageId("")), "image_id of 1 to 256"),
                Arguments.of(
                        "long stream id",
                        with(b -> b.setStreamId("s".repeat(257))),
                        "stream_id of 1 to 256"),
                Arguments.of("wrong height", with(b -> b.setHeight(9)), "found 3x9x8"),
                Arguments.of("negative width", with(b -> b.setWidth(-8)), "found 3x8x-8"),
                Arguments.of("gray", with(b -> b.setChannels(1)), "found 1x8x8"),
                Arguments.of("no bytes", with(b -> b.setData(null)), "found none"),
                Arguments.of(
                        "by reference",
                        with(
                                b ->
                                        b.setData(null)
                                                .setReference(
                                                        ImageReference.newBuilder()
                                                                .setUri("file:/x")
                                                                .setSha256("0")
                                                                .setSize(1)
                                                                .build())),
                        "a reference to file:/x"),
                Arguments.of(
                        "unknown encoding",
                        with(b -> b.setEncoding(ImageEncoding.UNKNOWN)),
                        "UNKNOWN"),
                Arguments.of(
                        "too few raw bytes",
                        with(b -> b.setData(ByteBuffer.allocate(100))),
                        "192 bytes"),
                Arguments.of(
                        "too few latents",
                        with(b -> b.setLatent(List.of(1f, 2f))),
                        "latent of 3 finite values"),
                Arguments.of(
                        "no latents in the list", with(b -> b.setLatent(List.of())), "0 values"),
                Arguments.of(
                        "latents not finite",
                        with(b -> b.setLatent(List.of(1f, Float.NaN, 2f))),
                        "not finite"),
                Arguments.of("NaN floats", with(DecodeFunctionTest::nanFloats), "NaN"),
                Arguments.of(
                        "truncated PNG",
                        with(png(Arrays.copyOf(png, png.length - 20), ImageEncoding.PNG)),
                        ""),
                Arguments.of(
                        "truncated JPEG",
                        with(png(Arrays.copyOf(jpeg, jpeg.length - 20), ImageEncoding.JPEG)),
                        ""),
                Arguments.of("PNG called JPEG", with(png(png, ImageEncoding.JPEG)), ""),
                Arguments.of(
                        "decompression bomb", with(png(bomb(png), ImageEncoding.PNG)), "30000"),
                Arguments.of("huge record", hugeRecord(), "bytes"));
    }

    @ParameterizedTest
    @MethodSource("encodings")
    void decodesEveryEncoding(ImageEncoding encoding) throws Exception {
        try (var harness = harness()) {
            harness.processElement(new StreamRecord<>(record(good(encoding))));
            ImageEvent event = harness.extractOutputValues().get(0);
            assertThat(event.imageId()).isEqualTo("image");
            assertThat(event.streamId()).isEqualTo("stream");
            assertThat(event.eventTime()).isEqualTo(42);
            assertThat(event.label()).isEqualTo(3);
            assertThat(event.topic()).isEqualTo("in");
            assertThat(event.partition()).isEqualTo(4);
            assertThat(event.offset()).isEqualTo(5);
            if (encoding == ImageEncoding.JPEG) {
                assertThat(event.pixels()).hasSize(SHAPE.size());
            } else {
                assertThat(event.pixels()).isEqualTo(IMAGE.pixels());
            }
        }
    }

    static Stream<ImageEncoding> encodings() {
        return Arrays.stream(ImageEncoding.values()).filter(e -> e != ImageEncoding.UNKNOWN);
    }

    @Test
    void aDeadLetterKeepsKeyValueAndHeadersAndSaysWhatWasWrong() {
        DeadLetter letter =
                new DeadLetter(
                        record(new byte[] {1, 2}),
                        "decode",
                        "java.io.IOException",
                        "x".repeat(9_999));
        OutgoingRecord out = new DeadLetterEncoder("dlq").map(letter);
        assertThat(out.topic()).isEqualTo("dlq");
        assertThat(out.key()).isEqualTo(KEY);
        assertThat(out.value()).containsExactly(1, 2);
        assertThat(out.headerNames())
                .containsExactly(
                        "trace",
                        Headers.STAGE,
                        Headers.CLASS,
                        Headers.MESSAGE,
                        Headers.TOPIC,
                        Headers.PARTITION,
                        Headers.OFFSET,
                        Headers.TIMESTAMP);
        assertThat(out.headerValues()[0]).containsExactly(1);
        assertThat(out.headerValues()[3].length).isLessThan(2_100);
        assertThat(new String(out.headerValues()[5], StandardCharsets.UTF_8)).isEqualTo("4");
        assertThat(new String(out.headerValues()[6], StandardCharsets.UTF_8)).isEqualTo("5");
        assertThat(new String(out.headerValues()[7], StandardCharsets.UTF_8)).isEqualTo("6");
    }

    @Test
    void anOriginalThatCannotBeSentIsSaidToLieWhereItIs() {
        DeadLetter letter =
                new DeadLetter(
                        record(new byte[JobTopics.MAX_MESSAGE_BYTES]), "decode", "class", "large");
        OutgoingRecord out = new DeadLetterEncoder("dlq").map(letter);
        assertThat(out.key()).isNull();
        assertThat(out.value()).isNull();
        assertThat(out.headerNames())
                .startsWith(Headers.OMITTED_BYTES)
                .contains(Headers.TOPIC, Headers.PARTITION, Headers.OFFSET);
        assertThat(new String(out.headerValues()[0], StandardCharsets.UTF_8))
                .isEqualTo(String.valueOf(JobTopics.MAX_MESSAGE_BYTES + KEY.length + 6));
    }

    @Test
    void latentsComeAlongWhereTheJobHasAGeneratorAndAreIgnoredElsewhere() throws Exception {
        byte[] value = with(b -> b.setLatent(List.of(1f, -2f, 0.5f)));
        try (var harness = harness()) {
            harness.processElement(new StreamRecord<>(record(value)));
            harness.processElement(new StreamRecord<>(record(good(ImageEncoding.PNG))));
            assertThat(harness.extractOutputValues())
                    .extracting(ImageEvent::latent)
                    .containsExactly(new float[] {1, -2, 0.5f}, null);
        }
        try (var harness =
                ProcessFunctionTestHarnesses.forProcessFunction(
                        new DecodeFunction(SHAPE, DecodeLimits.DEFAULT, 0))) {
            harness.processElement(new StreamRecord<>(record(value)));
            harness.processElement(new StreamRecord<>(record(with(b -> b.setLatent(List.of(1f))))));
            assertThat(harness.extractOutputValues())
                    .extracting(ImageEvent::latent)
                    .containsExactly(null, null);
        }
    }

    private static OneInputStreamOperatorTestHarness<KafkaRecord, ImageEvent> harness()
            throws Exception {
        return ProcessFunctionTestHarnesses.forProcessFunction(
                new DecodeFunction(SHAPE, DecodeLimits.DEFAULT, LATENTS));
    }

    private static KafkaRecord record(byte[] value) {
        return new KafkaRecord(
                "in", 4, 5, 6, KEY, value, new String[] {"trace"}, new byte[][] {{1}});
    }

    private static byte[] good(ImageEncoding encoding) {
        byte[] data =
                ImageCodec.encode(
                        IMAGE, io.ebmstream.ops.image.ImageEncoding.valueOf(encoding.name()));
        return with(b -> b.setEncoding(encoding).setData(ByteBuffer.wrap(data)));
    }

    private static byte[] with(Consumer<ImageRecord.Builder> change) {
        ImageRecord.Builder builder =
                ImageRecord.newBuilder()
                        .setImageId("image")
                        .setStreamId("stream")
                        .setEventTime(42)
                        .setEncoding(ImageEncoding.RAW_U8_PLANAR)
                        .setHeight(8)
                        .setWidth(8)
                        .setChannels(3)
                        .setLabel(3)
                        .setData(ByteBuffer.wrap(IMAGE.pixels()));
        change.accept(builder);
        return WireFormat.IMAGE.encode(builder.build());
    }

    private static Consumer<ImageRecord.Builder> png(byte[] data, ImageEncoding encoding) {
        return b -> b.setEncoding(encoding).setData(ByteBuffer.wrap(data));
    }

    private static void nanFloats(ImageRecord.Builder builder) {
        ByteBuffer floats = ByteBuffer.allocate(4 * SHAPE.size()).order(ByteOrder.LITTLE_ENDIAN);
        floats.putFloat(40, Float.NaN);
        builder.setEncoding(ImageEncoding.RAW_F32_PLANAR).setData(floats);
    }

    /** A PNG whose header asks for 30000 x 30000 pixels. */
    private static byte[] bomb(byte[] png) {
        byte[] bytes = png.clone();
        ByteBuffer header = ByteBuffer.wrap(bytes);
        header.putInt(16, 30_000).putInt(20, 30_000);
        CRC32 crc = new CRC32();
        crc.update(bytes, 12, 17);
        header.putInt(29, (int) crc.getValue());
        return bytes;
    }

    /** An image record with a payload over the limit of encoded bytes. */
    private static byte[] hugeRecord() {
        return with(
                b ->
                        b.setEncoding(ImageEncoding.PNG)
                                .setData(
                                        ByteBuffer.allocate(
                                                DecodeLimits.DEFAULT.maxEncodedBytes() + 1)));
    }

    private static byte[] otherRecord() {
        return WireFormat.DENSITY.encode(
                DensityReading.newBuilder()
                        .setImageId("image")
                        .setStreamId("stream")
                        .setEventTime(1)
                        .setModelVersion(new ModelVersion(0L, 0L))
                        .setEnergy(1)
                        .setRank(1)
                        .setZScore(1)
                        .setWindowCount(1)
                        .build());
    }

    private static byte[] pixels() {
        byte[] pixels = new byte[SHAPE.size()];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) (i * 5);
        }
        return pixels;
    }
}
