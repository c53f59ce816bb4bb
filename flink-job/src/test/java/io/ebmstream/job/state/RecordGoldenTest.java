package io.ebmstream.job.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.job.TestModels;
import io.ebmstream.job.control.ControlOrder;
import io.ebmstream.job.control.StandingOrders;
import io.ebmstream.job.decode.ImageEvent;
import io.ebmstream.job.density.RecentImages;
import io.ebmstream.job.learn.GateSaved;
import io.ebmstream.job.learn.KeptModel;
import io.ebmstream.job.learn.OrdersSaved;
import io.ebmstream.job.lockstep.NumberFunction;
import io.ebmstream.job.lockstep.Numbered;
import io.ebmstream.job.purify.PendingImage;
import io.ebmstream.job.shards.Average;
import io.ebmstream.job.shards.Contribution;
import io.ebmstream.job.snapshot.KeptSnapshot;
import io.ebmstream.ops.density.EnergyCalibration;
import io.ebmstream.ops.density.EnergyRange;
import io.ebmstream.ops.gate.GateReference;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.schemas.avro.ControlKind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Golden bytes of every record in state: {@code golden/records/NAME-N.bin} has what a savepoint of
 * format N says about the record, and one record. Files are never changed; a record whose fields
 * change gets one more. With {@code -Debm.golden=FOLDER} a test writes the missing next one.
 */
class RecordGoldenTest {
    static Stream<Object> records() throws ReflectiveOperationException {
        ModelVersion version = new ModelVersion(1, 7);
        ImageEvent image =
                TestModels.image(5, "Bäche", new float[] {0.5f, -2}).withVersion(version);
        Contribution contribution =
                new Contribution(
                        "default",
                        0,
                        3,
                        version,
                        new byte[] {0, 0, -128, 63},
                        new byte[] {0, 0, 0, 64},
                        new byte[0],
                        12,
                        4,
                        96,
                        5,
                        Map.of("ebm.images-0", 48L));
        StandingOrders standing = new StandingOrders(4, version, 100);
        return Stream.of(
                image,
                version,
                new PendingImage(image, version, 9, 4, new float[] {1, -0f}, -3.5, "hash"),
                new Numbered(2, 40, image),
                new NumberFunction.Count(3, 1L << 40),
                new KeptSnapshot("default", 1, 7, 2),
                contribution,
                Average.of(List.of(contribution)),
                new ControlOrder("id", "default", ControlKind.PIN, version, null, "why"),
                standing,
                new KeptModel(
                        version,
                        new byte[] {0, 0, -128, 63},
                        Map.of("generator", new byte[] {1, 2}),
                        new double[] {-1.5, 2},
                        new EnergyCalibration(-2, 0.5)),
                new OrdersSaved(
                        OrdersSaved.Learning.PAUSED, standing, new String[] {"first", "second"}),
                new GateSaved(2, new GateReference(325, 1.5)),
                hidden("learn.ShardRounds$Saved", 2, 5L, 3, true, false, "hash"),
                hidden(
                        "learn.LearnerShard$Progress",
                        version,
                        12L,
                        1_700_000_000_000L,
                        new EnergyRange(-3, 2.5),
                        4),
                hidden(
                        "purify.ModelStore$Model",
                        version,
                        new byte[] {0, 0, -128, 63},
                        new double[] {-1.5, 2},
                        new EnergyRange(-3, 2.5),
                        new EnergyCalibration(-2, 0.5)),
                new RecentImages(
                        true,
                        new String[] {"image"},
                        new long[] {1_700_000_000_000L},
                        new double[] {-3.5},
                        new double[] {0.25}));
    }

    /** A record of a class that only its package sees. */
    private static Object hidden(String name, Object... values)
            throws ReflectiveOperationException {
        return Class.forName("io.ebmstream.job." + name).getConstructors()[0].newInstance(values);
    }

    @ParameterizedTest
    @MethodSource("records")
    void recordsAreWrittenAsReleasedAndReadFromEveryRelease(Object record) throws IOException {
        check(record);
    }

    private static <T> void check(T record) throws IOException {
        @SuppressWarnings("unchecked")
        Class<T> type = (Class<T>) record.getClass();
        TypeSerializer<T> today = StateRecords.of(type);
        DataOutputSerializer out = new DataOutputSerializer(256);
        TypeSerializerSnapshot.writeVersionedSnapshot(out, today.snapshotConfiguration());
        today.serialize(record, out);
        byte[] written = out.getCopyOfBuffer();

        byte[] newest = null;
        int version = 1;
        for (byte[] golden = golden(type, 1); golden != null; golden = golden(type, ++version)) {
            newest = golden;
            DataInputDeserializer in = new DataInputDeserializer(golden);
            TypeSerializerSnapshot<T> then =
                    TypeSerializerSnapshot.readVersionedSnapshot(in, type.getClassLoader());
            int start = in.getPosition();
            assertThat(today.snapshotConfiguration().resolveSchemaCompatibility(then))
                    .matches(found -> !found.isIncompatible());
            T read = then.restoreSerializer().deserialize(in);
            assertThat(in.available()).isZero();
            DataOutputSerializer again = new DataOutputSerializer(256);
            then.restoreSerializer().serialize(read, again);
            assertThat(again.getCopyOfBuffer())
                    .isEqualTo(Arrays.copyOfRange(golden, start, golden.length));
            if (Arrays.equals(golden, written)) {
                assertThat(read).usingRecursiveComparison().isEqualTo(record);
            }
        }
        String folder = System.getProperty("ebm.golden", "");
        if (!Arrays.equals(newest, written) && !folder.isEmpty()) {
            Path file = Path.of(folder + name(type, version));
            Files.createDirectories(file.getParent());
            Files.write(file, written);
        }
        assertThat(newest)
                .as("released bytes of " + type.getSimpleName() + "; were its fields changed?")
                .isEqualTo(written);
    }

    private static String name(Class<?> type, int version) {
        return "/golden/records/" + type.getSimpleName() + "-" + version + ".bin";
    }

    private static byte[] golden(Class<?> type, int version) throws IOException {
        try (InputStream in = RecordGoldenTest.class.getResourceAsStream(name(type, version))) {
            return in == null ? null : in.readAllBytes();
        }
    }
}
