package io.ebmstream.job.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.job.TestModels;
import io.ebmstream.job.classify.Classified;
import io.ebmstream.job.control.ControlOrder;
import io.ebmstream.job.control.JobEvent;
import io.ebmstream.job.control.StandingOrders;
import io.ebmstream.job.decode.DeadLetter;
import io.ebmstream.job.decode.ImageEvent;
import io.ebmstream.job.density.EnergyPoint;
import io.ebmstream.job.density.RecentImages;
import io.ebmstream.job.kafka.KafkaRecord;
import io.ebmstream.job.kafka.OutgoingRecord;
import io.ebmstream.job.learn.PublishedModel;
import io.ebmstream.job.learn.UpdateReport;
import io.ebmstream.job.lockstep.NumberFunction;
import io.ebmstream.job.lockstep.Numbered;
import io.ebmstream.job.purify.ModelDelivery;
import io.ebmstream.job.purify.PendingImage;
import io.ebmstream.job.purify.Purified;
import io.ebmstream.job.shards.Average;
import io.ebmstream.job.shards.Contribution;
import io.ebmstream.job.snapshot.KeptSnapshot;
import io.ebmstream.ops.density.EnergyCalibration;
import io.ebmstream.ops.density.EnergyRange;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.schemas.avro.ControlEventKind;
import io.ebmstream.schemas.avro.ControlKind;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.java.typeutils.PojoTypeInfo;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every type that crosses the network or lies in state has Flink's own serializer. */
class StateTypesTest {
    @ParameterizedTest
    @MethodSource("values")
    void goesThroughItsSerializerUnchanged(Object value) throws Exception {
        roundTrip(value);
    }

    private static <T> void roundTrip(T value) throws Exception {
        @SuppressWarnings("unchecked")
        Class<T> type = (Class<T>) value.getClass();
        TypeInformation<T> information = TypeInformation.of(type);
        assertThat(information).isInstanceOf(PojoTypeInfo.class);
        SerializerConfigImpl config = new SerializerConfigImpl();
        config.setGenericTypes(false);
        TypeSerializer<T> serializer = information.createSerializer(config);
        DataOutputSerializer out = new DataOutputSerializer(64);
        serializer.serialize(value, out);
        T copy = serializer.deserialize(new DataInputDeserializer(out.getCopyOfBuffer()));
        assertThat(copy)
                .usingRecursiveComparison()
                .withEqualsForType(Double::equals, Double.class)
                .isEqualTo(value);
    }

    static Stream<Object> values() {
        ImageEvent image = TestModels.image(1, "stream");
        ModelVersion version = new ModelVersion(1, 2);
        KafkaRecord record =
                new KafkaRecord(
                        "t", 1, 2, 3, null, null, new String[] {"h"}, new byte[][] {{1, 2}});
        StandingOrders standing = new StandingOrders(2, version, 7);
        UpdateReport report =
                new UpdateReport(
                        "m", 0, 1, 2, 3, null, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, "e", "p", 13,
                        14, null, null);
        return Stream.of(
                record,
                new DeadLetter(record, "stage", "class", "message"),
                OutgoingRecord.of("t", new byte[] {1}, null),
                image,
                TestModels.image(1, "stream", new float[] {1, -2}),
                version,
                report,
                new PublishedModel(
                        "m",
                        version,
                        new ModelVersion(1, 1),
                        new byte[] {1, 2, 3, 4},
                        Map.of("generator", new byte[] {5, 6, 7, 8}, "prior", new byte[4]),
                        1,
                        2,
                        3,
                        Map.of("t-0", 5L),
                        new double[] {2.5, -1},
                        1.5,
                        new double[] {-3, 4.5},
                        new double[] {6},
                        null,
                        "e"),
                new ModelDelivery(
                        3,
                        version,
                        new byte[4],
                        new double[] {1, 2},
                        EnergyRange.UNKNOWN,
                        new EnergyCalibration(1, 2),
                        null),
                new ModelDelivery(3, version, new byte[4], null, null, null, standing),
                ModelDelivery.of(standing),
                standing,
                StandingOrders.NONE,
                new ControlOrder("i", "m", ControlKind.PIN, version, null, "why"),
                new ControlOrder("i", "m", ControlKind.SET_STEPS, null, 7, ""),
                new JobEvent(
                        ControlEventKind.VERSION_REFUSED,
                        "m",
                        1,
                        "",
                        null,
                        version,
                        version,
                        2,
                        3,
                        "check",
                        1.5,
                        null,
                        "message"),
                new Contribution(
                        "m",
                        1,
                        2,
                        version,
                        new byte[4],
                        new byte[4],
                        new byte[0],
                        3,
                        4,
                        5,
                        6,
                        Map.of("t-0", 7L)),
                new Average(
                        "m",
                        1,
                        version,
                        new ModelVersion(1, 1),
                        new byte[4],
                        new byte[4],
                        new byte[8],
                        2,
                        3,
                        4,
                        5,
                        Map.of("t-0", 6L),
                        Map.of(0, "hash")),
                ImageEvent.endOfRound(1),
                image.withVersion(version),
                new Numbered(1, 2, image),
                new Numbered(1, 3, null),
                new NumberFunction.Count(1, 5),
                PendingImage.waiting(image),
                new PendingImage(image, version, 9, 7, new float[] {1, 2}, -3.5, "hash"),
                new Purified(
                        image,
                        new byte[] {1},
                        version,
                        "hash",
                        1,
                        2,
                        3,
                        4,
                        null,
                        5,
                        "d",
                        null,
                        -9.5,
                        1.5,
                        -2.5),
                new Purified(
                        image,
                        new byte[] {1},
                        version,
                        "hash",
                        1,
                        2,
                        3,
                        4,
                        4.5,
                        5,
                        "d",
                        new Classified(1, null, new float[] {1, 2}, 0.5, 4, "c"),
                        null,
                        null,
                        null),
                new KeptSnapshot("m", 1, 2, 3),
                new EnergyPoint("i", "s", 1, version, 2.5, null, null),
                new EnergyPoint("i", "s", 1, version, 2.5, -0.5, 3.5),
                RecentImages.none(true)
                        .with(new EnergyPoint("i", "s", 1, version, 2.5, -0.5, 3.5), -0.5));
    }
}
