package io.ebmstream.job.board;

import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.image.Image;
import io.ebmstream.ops.image.ImageGrid;
import io.ebmstream.schemas.avro.Alarm;
import io.ebmstream.schemas.avro.AlarmExample;
import io.ebmstream.schemas.avro.AlarmKind;
import io.ebmstream.schemas.avro.ControlEvent;
import io.ebmstream.schemas.avro.ControlEventKind;
import io.ebmstream.schemas.avro.ControlKind;
import io.ebmstream.schemas.avro.DensityReading;
import io.ebmstream.schemas.avro.LearnerDiagnostics;
import io.ebmstream.schemas.avro.ModelVersion;
import io.ebmstream.schemas.avro.Provenance;
import io.ebmstream.schemas.avro.PurifiedImage;
import io.ebmstream.schemas.avro.SamplerConfig;
import io.ebmstream.schemas.avro.SnapshotManifest;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.Stream;

/** Records as a job writes them. */
final class Records {
    static final ImageShape SHAPE = new ImageShape(1, 4, 4);

    /** Window of an alarm: 40 seconds. */
    static final long WINDOW_START = 1_800_000_000_000L;

    static final long WINDOW_END = WINDOW_START + 40_000;

    private Records() {}

    static PurifiedImage purified(String stream, String image, long counter, long eventTime) {
        return PurifiedImage.newBuilder()
                .setImageId(image)
                .setStreamId(stream)
                .setEventTime(eventTime)
                .setHeight(SHAPE.height())
                .setWidth(SHAPE.width())
                .setChannels(SHAPE.channels())
                .setPixels(ByteBuffer.wrap(new byte[SHAPE.size()]))
                .setModelVersion(version(counter))
                .setSamplerHash("0")
                .setSeed(1)
                .setSteps(5)
                .setEnergyBefore(-10.5)
                .setEnergyAfter(-20.25)
                .setDisplacement(0.5)
                .setSourcePartition(0)
                .setSourceOffset(0)
                .build();
    }

    static DensityReading reading(String stream, double energy, double z) {
        return DensityReading.newBuilder()
                .setImageId("i")
                .setStreamId(stream)
                .setEventTime(0)
                .setModelVersion(version(1))
                .setEnergy(energy)
                .setRank(0.5)
                .setZScore(z)
                .setWindowCount(10)
                .build();
    }

    static LearnerDiagnostics update(int shard, long update, double d) {
        return LearnerDiagnostics.newBuilder()
                .setModel("default")
                .setShard(shard)
                .setUpdate(update)
                .setImagesSeen(32 * update)
                .setEnergyDifference(d)
                .setGradientMagnitude(0.25)
                .setRho(0.125)
                .setEnergyData(1)
                .setEnergyChains(1 - d)
                .setLearningRate(1e-4)
                .setExecutor("onednn")
                .setPrecision("bf16")
                .build();
    }

    static SnapshotManifest manifest(long counter) {
        byte[] grid =
                new ImageGrid(1).row("", List.of(new Image(SHAPE, new byte[SHAPE.size()]))).png();
        return SnapshotManifest.newBuilder()
                .setModel("default")
                .setVersion(version(counter))
                .setParent(counter == 0 ? null : version(counter - 1))
                .setNetwork("{}")
                .setSampler(
                        SamplerConfig.newBuilder()
                                .setStepSize(0.01)
                                .setTemperature(1e-4)
                                .setSteps(5)
                                .build())
                .setTensors(List.of())
                .setChunkBytes(4)
                .setChunkCount(1)
                .setChunkSha256(List.of("0"))
                .setTotalBytes(4)
                .setSha256("0")
                .setProvenance(
                        Provenance.newBuilder()
                                .setUpdateCount(10 * counter)
                                .setImagesSeen(320 * counter)
                                .build())
                .setSampleGridPng(ByteBuffer.wrap(grid))
                .build();
    }

    /**
     * @param images ids of its examples
     */
    static Alarm alarm(String stream, String message, String... images) {
        return Alarm.newBuilder()
                .setAlarmId("alarm-" + stream)
                .setStreamId(stream)
                .setKind(AlarmKind.DRIFT_UP)
                .setEventTime(WINDOW_END)
                .setModelVersion(version(1))
                .setWindowStart(WINDOW_START)
                .setWindowEnd(WINDOW_END)
                .setWindowCount(128)
                .setStatistic(7.5)
                .setThreshold(6.25)
                .setRunLength(1e6)
                .setPValue(1.25e-5)
                .setExamples(Stream.of(images).map(Records::example).toList())
                .setMessage(message)
                .build();
    }

    private static AlarmExample example(String image) {
        return AlarmExample.newBuilder()
                .setImageId(image)
                .setEventTime(WINDOW_END)
                .setEnergy(3.5)
                .setCalibratedEnergy(2.25)
                .build();
    }

    static ControlEvent answer(String id, ControlKind order, ControlEventKind kind) {
        return ControlEvent.newBuilder()
                .setKind(kind)
                .setCommandId(id)
                .setCommandKind(order)
                .setVersionBefore(version(3))
                .setVersionAfter(version(3))
                .setUpdate(30)
                .setEventTime(0)
                .setMessage("so it is")
                .build();
    }

    static ModelVersion version(long counter) {
        return new ModelVersion(0L, counter);
    }
}
