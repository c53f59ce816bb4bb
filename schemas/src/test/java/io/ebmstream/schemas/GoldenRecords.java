package io.ebmstream.schemas;

import io.ebmstream.schemas.avro.Alarm;
import io.ebmstream.schemas.avro.AlarmExample;
import io.ebmstream.schemas.avro.AlarmKind;
import io.ebmstream.schemas.avro.ControlCommand;
import io.ebmstream.schemas.avro.ControlEvent;
import io.ebmstream.schemas.avro.ControlEventKind;
import io.ebmstream.schemas.avro.ControlKind;
import io.ebmstream.schemas.avro.DensityReading;
import io.ebmstream.schemas.avro.ImageEncoding;
import io.ebmstream.schemas.avro.ImageRecord;
import io.ebmstream.schemas.avro.ImageReference;
import io.ebmstream.schemas.avro.LearnerDiagnostics;
import io.ebmstream.schemas.avro.ModelVersion;
import io.ebmstream.schemas.avro.Provenance;
import io.ebmstream.schemas.avro.PurifiedImage;
import io.ebmstream.schemas.avro.SamplerConfig;
import io.ebmstream.schemas.avro.SnapshotChunk;
import io.ebmstream.schemas.avro.SnapshotManifest;
import io.ebmstream.schemas.avro.TensorInfo;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.specific.SpecificRecordBase;

/** One fixed record of every type, each with every nullable field set. */
public final class GoldenRecords {
    /** A record and its format. */
    public record Golden<T extends SpecificRecordBase>(WireFormat<T> format, T value) {
        /** Name of the record and of its files. */
        public String name() {
            return format.type().getSimpleName();
        }

        byte[] encode() {
            return format.encode(value);
        }

        /** The record as a version had it: what it did not know yet has its default. */
        SpecificRecordBase of(int version) throws WireFormatException {
            Schema then = ReleasedSchemas.of(name()).get(version - 1);
            T copy = reread().value();
            for (Schema.Field field : value.getSchema().getFields()) {
                if (then.getField(field.name()) == null) {
                    copy.put(field.pos(), GenericData.get().getDefaultValue(field));
                }
            }
            return copy;
        }

        /** The same record, built from its own bytes. */
        Golden<T> reread() throws WireFormatException {
            return new Golden<>(format, format.decode(encode()));
        }

        @Override
        public String toString() {
            return name();
        }
    }

    private static final String HASH =
            "0f1e2d3c4b5a69788796a5b4c3d2e1f00123456789abcdeffedcba9876543210";

    private GoldenRecords() {}

    static List<Golden<?>> all() {
        return List.of(
                new Golden<>(WireFormat.IMAGE, image()),
                new Golden<>(WireFormat.PURIFIED, purified()),
                new Golden<>(WireFormat.DENSITY, density()),
                new Golden<>(WireFormat.ALARM, alarm()),
                new Golden<>(WireFormat.DIAGNOSTICS, diagnostics()),
                new Golden<>(WireFormat.SNAPSHOT_MANIFEST, manifest()),
                new Golden<>(WireFormat.SNAPSHOT_CHUNK, chunk()),
                new Golden<>(WireFormat.CONTROL, command()),
                new Golden<>(WireFormat.EVENT, event()));
    }

    static ModelVersion version(long epoch, long counter) {
        return ModelVersion.newBuilder().setEpoch(epoch).setCounter(counter).build();
    }

    private static ByteBuffer bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return ByteBuffer.wrap(bytes);
    }

    static ImageRecord image() {
        return ImageRecord.newBuilder()
                .setImageId("camera-7/000042")
                .setStreamId("camera-7")
                .setEventTime(1_790_000_000_123L)
                .setEncoding(ImageEncoding.RAW_U8_PLANAR)
                .setHeight(2)
                .setWidth(3)
                .setChannels(1)
                .setData(bytes(0, 1, 127, 128, 254, 255))
                .setReference(
                        ImageReference.newBuilder()
                                .setUri("s3://images/camera-7/000042.png")
                                .setSha256(HASH)
                                .setSize(2_345_678L)
                                .build())
                .setLabel(9)
                .setLatent(List.of(-1.5f, 0f, 0.25f))
                .build();
    }

    static PurifiedImage purified() {
        return PurifiedImage.newBuilder()
                .setImageId("camera-7/000042")
                .setStreamId("camera-7")
                .setEventTime(1_790_000_000_123L)
                .setHeight(2)
                .setWidth(3)
                .setChannels(1)
                .setPixels(bytes(3, 2, 126, 129, 250, 255))
                .setModel("default")
                .setModelVersion(version(1, 17))
                .setSamplerHash(HASH)
                .setSeed(-5_000_000_000L)
                .setSteps(200)
                .setEnergyBefore(-1234.5)
                .setEnergyAfter(-1300.25)
                .setDisplacement(2.75)
                .setLabel(9)
                .setSourcePartition(3)
                .setSourceOffset(77_000L)
                .setPredictedLabel(2)
                .setPredictedName("bag")
                .setLogits(List.of(-1.5f, 0f, 4.25f))
                .setMargin(0.75)
                .setReplicates(16)
                .setClassifierHash(HASH)
                .setStopEnergy(-1299.5)
                .build();
    }

    static DensityReading density() {
        return DensityReading.newBuilder()
                .setImageId("camera-7/000042")
                .setStreamId("camera-7")
                .setEventTime(1_790_000_000_123L)
                .setModel("default")
                .setModelVersion(version(1, 17))
                .setEnergy(-1234.5)
                .setRank(0.875)
                .setZScore(1.25)
                .setWindowCount(512)
                .setChainGap(33.5)
                .setCalibratedEnergy(0.75)
                .build();
    }

    static Alarm alarm() {
        return Alarm.newBuilder()
                .setAlarmId("camera-7/1.17/000042")
                .setStreamId("camera-7")
                .setKind(AlarmKind.DRIFT_UP)
                .setEventTime(1_790_000_000_123L)
                .setModel("default")
                .setModelVersion(version(1, 17))
                .setWindowStart(1_789_999_990_000L)
                .setWindowEnd(1_790_000_000_123L)
                .setStatistic(8.5)
                .setPValue(0.0009765625)
                .setMessage("expected energies near -1234.5, found -900 – look at the feed")
                .setImageId("camera-7/000042")
                .setWindowCount(48)
                .setThreshold(4.375)
                .setRunLength(1e6)
                .setExamples(
                        List.of(
                                AlarmExample.newBuilder()
                                        .setImageId("camera-7/000041")
                                        .setEventTime(1_790_000_000_100L)
                                        .setEnergy(-900.5)
                                        .setCalibratedEnergy(7.25)
                                        .build()))
                .build();
    }

    static LearnerDiagnostics diagnostics() {
        return LearnerDiagnostics.newBuilder()
                .setModel("default")
                .setShard(0)
                .setUpdate(200)
                .setImagesSeen(6_400)
                .setEventTime(1_790_000_000_123L)
                .setModelVersion(version(1, 17))
                .setEnergyDifference(-12.5)
                .setGradientMagnitude(0.09375)
                .setRho(0.171875)
                .setEnergyData(-1200.0)
                .setEnergyChains(-1187.5)
                .setLearningRate(1e-4)
                .setDataNoise(0.02)
                .setSteps(40)
                .setDataCount(64)
                .setChainCount(64)
                .setRejuvenated(2)
                .setReplayCount(4_096)
                .setAttempt(1)
                .setExecutor("onednn")
                .setPrecision("bf16")
                .setImgStepsPerSecond(2_000.5)
                .setUpdateMillis(1_280.25)
                .setEvent("restarted 2 chains beyond the pixel range")
                .setChainAge(41)
                .setOldestChain(180)
                .build();
    }

    static SnapshotManifest manifest() {
        Map<String, Long> offsets = new LinkedHashMap<>();
        offsets.put("ebm.images-0", 3_200L);
        offsets.put("ebm.images-1", 3_201L);
        Map<String, String> software = new LinkedHashMap<>();
        software.put("ebm-stream", "0.1.0");
        software.put("java", "17.0.1");
        return SnapshotManifest.newBuilder()
                .setModel("default")
                .setVersion(version(1, 17))
                .setParent(version(0, 12))
                .setEventTime(1_790_000_000_123L)
                .setNetwork("{\"name\":\"light32\"}")
                .setNetworks(Map.of("generator", "{\"name\":\"small-generator\"}"))
                .setSampler(
                        SamplerConfig.newBuilder()
                                .setStepSize(0.01)
                                .setTemperature(1e-4)
                                .setTau(0.15)
                                .setMaxNorm(0.5)
                                .setSteps(200)
                                .build())
                .setTensors(
                        List.of(
                                TensorInfo.newBuilder()
                                        .setName("conv1.weight")
                                        .setShape(List.of(2, 1, 3, 3))
                                        .setDtype("float32")
                                        .setByteOffset(0)
                                        .setByteLength(72)
                                        .setSha256(HASH)
                                        .setFirstChunk(0)
                                        .setLastChunk(1)
                                        .build()))
                .setChunkBytes(64)
                .setChunkCount(2)
                .setChunkSha256(List.of(HASH, HASH))
                .setTotalBytes(72)
                .setSha256(HASH)
                .setProvenance(
                        Provenance.newBuilder()
                                .setInputOffsets(offsets)
                                .setUpdateCount(200)
                                .setImagesSeen(6_400)
                                .setHyperparameters(Map.of("ebm.learner.batch", "64"))
                                .setSoftware(software)
                                .setDevice("CPU, onednn bf16")
                                .build())
                .setAnchorEnergies(List.of(-1200.5, -1100.25))
                .setMeanChainEnergy(-1187.5)
                .setSampleGridPng(bytes(0x89, 'P', 'N', 'G'))
                .build();
    }

    static SnapshotChunk chunk() {
        return SnapshotChunk.newBuilder()
                .setModel("default")
                .setVersion(version(1, 17))
                .setIndex(1)
                .setCount(2)
                .setData(bytes(0, 0, 0x80, 0x3f, 0xff, 0xff, 0x7f, 0xff))
                .setSha256(HASH)
                .build();
    }

    static ControlEvent event() {
        return ControlEvent.newBuilder()
                .setKind(ControlEventKind.VERSION_REFUSED)
                .setModel("default")
                .setShard(1)
                .setCommandId("2026-11-22/1")
                .setCommandKind(ControlKind.PUBLISH)
                .setVersionBefore(version(0, 12))
                .setVersionAfter(version(0, 12))
                .setUpdate(1_300)
                .setEventTime(1_790_000_000_456L)
                .setCheck("anchor-spread")
                .setFound(9.5)
                .setBound(8.0)
                .setMessage("expected a spread of at most 8 times the last one, found 9.5")
                .build();
    }

    static ControlCommand command() {
        return ControlCommand.newBuilder()
                .setCommandId("2026-11-22/1")
                .setModel("default")
                .setKind(ControlKind.ROLL_BACK)
                .setTargetVersion(version(0, 12))
                .setSteps(200)
                .setReason("purifies worse since noon")
                .setIssuedAt(1_790_000_000_123L)
                .build();
    }
}
