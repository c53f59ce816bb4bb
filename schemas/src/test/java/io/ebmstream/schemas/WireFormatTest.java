package io.ebmstream.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.ebmstream.schemas.GoldenRecords.Golden;
import io.ebmstream.schemas.WireFormatException.Reason;
import io.ebmstream.schemas.avro.ImageRecord;
import io.ebmstream.schemas.avro.ModelVersion;
import io.ebmstream.schemas.avro.PurifiedImage;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.apache.avro.specific.SpecificRecordBase;
import org.junit.jupiter.api.Test;

class WireFormatTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** For records of some hundred bytes; the first decoding of a type builds Avro's grammar. */
    private static final long MAX_ALLOCATED = 8 << 20;

    private static final byte[] IMAGE = WireFormat.IMAGE.encode(GoldenRecords.image());

    @Provide
    Arbitrary<Golden<?>> records() {
        return Arbitraries.of(GoldenRecords.all());
    }

    @Provide
    Arbitrary<PurifiedImage> purified() {
        return Combinators.combine(
                        Arbitraries.strings().ofMaxLength(40),
                        Arbitraries.longs(),
                        Arbitraries.bytes().array(byte[].class).ofMaxSize(300),
                        Arbitraries.doubles(),
                        Arbitraries.integers().injectNull(0.3))
                .as(
                        (text, number, pixels, real, label) ->
                                PurifiedImage.newBuilder()
                                        .setImageId(text)
                                        .setStreamId("s")
                                        .setEventTime(number)
                                        .setHeight(1)
                                        .setWidth(pixels.length)
                                        .setChannels(1)
                                        .setPixels(ByteBuffer.wrap(pixels))
                                        .setModelVersion(new ModelVersion(number, -number))
                                        .setSamplerHash(text)
                                        .setSeed(number)
                                        .setSteps(0)
                                        .setEnergyBefore(real)
                                        .setEnergyAfter(-real)
                                        .setDisplacement(real)
                                        .setLabel(label)
                                        .build());
    }

    @Property(tries = 300)
    void anyRecordComesBack(@ForAll("purified") PurifiedImage image) throws WireFormatException {
        byte[] bytes = WireFormat.PURIFIED.encode(image);
        PurifiedImage read = WireFormat.PURIFIED.decode(bytes);
        assertThat(read).isEqualTo(image);
        assertThat(WireFormat.PURIFIED.encode(read)).isEqualTo(bytes);
    }

    @Test
    void encodingLeavesTheRecordAsItWas() throws WireFormatException {
        for (Golden<?> golden : GoldenRecords.all()) {
            byte[] first = golden.encode();
            assertThat(golden.encode()).isEqualTo(first);
            assertThat(golden.reread().value()).isEqualTo(golden.value());
        }
    }

    @Property(tries = 2000)
    void randomBytesGiveOnlyTheOneException(
            @ForAll("records") Golden<?> golden, @ForAll byte[] bytes) {
        refusedOrRead(golden.format(), bytes);
    }

    /** Random bytes behind a valid header get past the fingerprint. */
    @Property(tries = 3000)
    void randomBodiesGiveOnlyTheOneException(
            @ForAll("records") Golden<?> golden, @ForAll byte[] body) {
        byte[] bytes = Arrays.copyOf(golden.encode(), 10 + body.length);
        System.arraycopy(body, 0, bytes, 10, body.length);
        refusedOrRead(golden.format(), bytes);
    }

    @Property(tries = 3000)
    void mutatedRecordsGiveOnlyTheOneException(
            @ForAll("records") Golden<?> golden, @ForAll("mutations") List<int[]> mutations) {
        byte[] bytes = golden.encode();
        for (int[] mutation : mutations) {
            bytes[Math.floorMod(mutation[0], bytes.length)] = (byte) mutation[1];
        }
        refusedOrRead(golden.format(), bytes);
    }

    @Provide
    Arbitrary<List<int[]>> mutations() {
        // the values that make lengths huge or negative come often
        Arbitrary<Integer> value =
                Arbitraries.oneOf(
                        Arbitraries.of(0xff, 0x80, 0x7f, 0x01, 0x00),
                        Arbitraries.integers().between(0, 255));
        return Combinators.combine(Arbitraries.integers(), value)
                .as((at, v) -> new int[] {at, v})
                .list()
                .ofMinSize(1)
                .ofMaxSize(12);
    }

    private static <T extends SpecificRecordBase> void refusedOrRead(
            WireFormat<T> format, byte[] bytes) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        T read = null;
        WireFormatException refusal = null;
        try {
            read = format.decode(bytes);
        } catch (WireFormatException e) {
            refusal = e;
        }
        long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
        assertThat(allocated).as("bytes allocated").isLessThan(MAX_ALLOCATED);
        if (refusal != null) {
            assertThat(refusal.getMessage()).isNotBlank();
            assertThat(refusal.reason()).isNotNull();
            return;
        }
        // what was let in is a whole record, so it can be written
        assertThat(format.encode(read)).isNotEmpty();
    }

    @Test
    void everyPrefixIsTruncated() {
        for (Golden<?> golden : GoldenRecords.all()) {
            byte[] bytes = golden.encode();
            for (int length = 1; length < bytes.length; length++) {
                expect(golden.format(), Arrays.copyOf(bytes, length), Reason.TRUNCATED);
            }
        }
    }

    @Test
    void everyReasonIsTold() {
        expect(WireFormat.IMAGE, null, Reason.SIZE);
        expect(WireFormat.IMAGE, new byte[0], Reason.SIZE);
        expect(WireFormat.IMAGE, new byte[WireFormat.IMAGE.maxBytes() + 1], Reason.SIZE);
        expect(WireFormat.IMAGE, "{\"image_id\":1}".getBytes(), Reason.NOT_SINGLE_OBJECT);
        expect(
                WireFormat.IMAGE,
                WireFormat.ALARM.encode(GoldenRecords.alarm()),
                Reason.UNKNOWN_SCHEMA);
        expect(WireFormat.IMAGE, Arrays.copyOf(IMAGE, IMAGE.length + 1), Reason.TRAILING_BYTES);
    }

    /** A length of 2^31 - 1, or a count of 2^62 items, in a few bytes: refused before any array. */
    @Test
    void hugeLengthsAreRefusedByTheirNumberAlone() {
        byte[] header = Arrays.copyOf(IMAGE, 10);
        byte[] hugeString = {(byte) 0xfe, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x0f};
        assertThatThrownBy(() -> WireFormat.IMAGE.decode(join(header, hugeString)))
                .hasMessageContaining(
                        "ImageRecord.image_id: expected 2,147,483,647 more bytes or items");

        ImageRecord image = GoldenRecords.image();
        image.setLatent(List.of());
        byte[] empty = WireFormat.IMAGE.encode(image);
        byte[] withoutCount = Arrays.copyOf(empty, empty.length - 1);
        byte[] hugeCount = new byte[10];
        Arrays.fill(hugeCount, 0, 9, (byte) 0x80);
        hugeCount[8] = (byte) 0xc0;
        hugeCount[9] = 0x00;
        assertThatThrownBy(() -> WireFormat.IMAGE.decode(join(withoutCount, hugeCount)))
                .hasMessageContaining(
                        "ImageRecord.latent: expected 2,305,843,009,213,693,952 more");

        byte[] overlong = new byte[11];
        Arrays.fill(overlong, (byte) 0x80);
        assertThatThrownBy(() -> WireFormat.IMAGE.decode(join(header, overlong)))
                .hasMessageContaining("a number of at most 64 bits");
    }

    private static byte[] join(byte[] head, byte[] tail) {
        byte[] joined = Arrays.copyOf(head, head.length + tail.length);
        System.arraycopy(tail, 0, joined, head.length, tail.length);
        return joined;
    }

    @Test
    void anIncompleteRecordIsNotWritten() {
        ImageRecord incomplete = new ImageRecord();
        assertThatThrownBy(() -> WireFormat.IMAGE.encode(incomplete))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected a complete ImageRecord");
    }

    @Test
    void aRecordBeyondTheLimitIsNotWritten() {
        WireFormat<ImageRecord> small = WireFormat.of(ImageRecord.class, 64);
        assertThatThrownBy(() -> small.encode(GoldenRecords.image()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected a ImageRecord of at most 64 bytes");
    }

    private static void expect(WireFormat<?> format, byte[] bytes, Reason reason) {
        assertThatThrownBy(() -> format.decode(bytes))
                .isInstanceOfSatisfying(
                        WireFormatException.class,
                        e -> assertThat(e.reason()).as(e.getMessage()).isEqualTo(reason));
    }
}
