package io.ebmstream.job.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.job.TestModels;
import io.ebmstream.job.decode.ImageEvent;
import io.ebmstream.job.lockstep.Numbered;
import io.ebmstream.ops.snapshot.ModelVersion;
import java.io.IOException;
import java.util.Arrays;
import java.util.BitSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;

class RecordSerializerTest {
    private static final RecordSerializer<ImageEvent> IMAGES =
            (RecordSerializer<ImageEvent>) StateRecords.of(ImageEvent.class);

    private static byte[] bytes() throws IOException {
        return IMAGES.toBytes(TestModels.image(3, "stream"));
    }

    @Property(tries = 100)
    void everyImageComesBack(
            @ForAll int id,
            @ForAll @Size(max = 40) byte[] pixels,
            @ForAll @Size(max = 5) float[] latent,
            @ForAll @LongRange(min = 0) long counter)
            throws IOException {
        ImageEvent image =
                new ImageEvent(
                        "image-" + id,
                        "Fluß",
                        id,
                        1,
                        2,
                        3,
                        pixels,
                        id % 10,
                        latent.length == 0 ? null : latent,
                        "topic",
                        1,
                        counter,
                        id % 2 == 0 ? null : new ModelVersion(0, counter));
        assertThat(IMAGES.fromBytes(IMAGES.toBytes(image)))
                .usingRecursiveComparison()
                .isEqualTo(image);
    }

    @Property(tries = 200)
    void everyFlippedBitIsFound(
            @ForAll @IntRange(max = 10_000) int place, @ForAll @IntRange(max = 7) int bit)
            throws IOException {
        byte[] bytes = bytes();
        bytes[place % bytes.length] ^= (byte) (1 << bit);
        assertThatThrownBy(() -> IMAGES.fromBytes(bytes))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("ImageEvent")
                .hasMessageContaining("expected")
                .hasMessageContaining("found");
    }

    @Test
    void truncatedBytesAreRefused() throws IOException {
        byte[] bytes = bytes();
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> IMAGES.fromBytes(cut)).isInstanceOf(IOException.class);
        }
        DataOutputSerializer out = new DataOutputSerializer(64);
        IMAGES.serialize(TestModels.image(3, "stream"), out);
        byte[] framed = out.getCopyOfBuffer();
        assertThatThrownBy(
                        () ->
                                IMAGES.deserialize(
                                        new DataInputDeserializer(framed, 0, framed.length - 1)))
                .isInstanceOf(IOException.class);
    }

    @Test
    void anotherRecordIsNamed() throws IOException {
        byte[] bytes =
                ((RecordSerializer<Numbered>) StateRecords.of(Numbered.class))
                        .toBytes(new Numbered(1, 2, null));
        assertThatThrownBy(() -> IMAGES.fromBytes(bytes))
                .hasMessageContaining("expected a ImageEvent, found a Numbered");
    }

    @Test
    void aNewerFormatIsNamed() throws IOException {
        byte[] bytes = bytes();
        bytes[4] = 9;
        assertThatThrownBy(() -> IMAGES.fromBytes(bytes))
                .hasMessageContaining("format version 1")
                .hasMessageContaining("found version 9");
    }

    @Test
    void whatNeedsKryoIsRefused() {
        assertThatThrownBy(() -> StateRecords.of(BitSet.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("java.util.BitSet")
                .hasMessageContaining("Kryo");
        assertThatThrownBy(() -> StateRecords.of(WithBits.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("WithBits");
    }

    @Test
    void savepointsSayWhatARecordWasWrittenWith() throws IOException {
        DataOutputSerializer out = new DataOutputSerializer(64);
        TypeSerializerSnapshot.writeVersionedSnapshot(out, IMAGES.snapshotConfiguration());
        TypeSerializerSnapshot<ImageEvent> then =
                TypeSerializerSnapshot.readVersionedSnapshot(
                        new DataInputDeserializer(out.getCopyOfBuffer()),
                        getClass().getClassLoader());
        assertThat(then.restoreSerializer()).isEqualTo(IMAGES);
        assertThat(IMAGES.snapshotConfiguration().resolveSchemaCompatibility(then))
                .matches(found -> found.isCompatibleAsIs());
    }

    @Test
    void aBareRecordIsMovedAndAnotherIsNot() {
        TypeSerializerSnapshot<ImageEvent> today = IMAGES.snapshotConfiguration();
        assertThat(today.resolveSchemaCompatibility(bare(ImageEvent.class)))
                .matches(found -> found.isCompatibleAfterMigration());
        @SuppressWarnings("unchecked")
        TypeSerializerSnapshot<ImageEvent> other =
                (TypeSerializerSnapshot<ImageEvent>)
                        (TypeSerializerSnapshot<?>) bare(Numbered.class);
        assertThat(today.resolveSchemaCompatibility(other))
                .matches(found -> found.isIncompatible());
        @SuppressWarnings("unchecked")
        TypeSerializerSnapshot<ImageEvent> renamed =
                (TypeSerializerSnapshot<ImageEvent>)
                        (TypeSerializerSnapshot<?>)
                                StateRecords.of(Numbered.class).snapshotConfiguration();
        assertThat(today.resolveSchemaCompatibility(renamed))
                .matches(found -> found.isIncompatible());
    }

    private static <T> TypeSerializerSnapshot<T> bare(Class<T> type) {
        TypeSerializer<T> serializer =
                TypeInformation.of(type)
                        .createSerializer(
                                new org.apache.flink.api.common.serialization
                                        .SerializerConfigImpl());
        return serializer.snapshotConfiguration();
    }

    /** A record with a field that only Kryo could write. */
    public record WithBits(BitSet bits) {}
}
