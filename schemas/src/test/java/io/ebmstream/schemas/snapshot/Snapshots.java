package io.ebmstream.schemas.snapshot;

import io.ebmstream.schemas.avro.ModelVersion;
import io.ebmstream.schemas.avro.Provenance;
import io.ebmstream.schemas.avro.SamplerConfig;
import io.ebmstream.schemas.avro.SnapshotChunk;
import io.ebmstream.schemas.avro.SnapshotManifest;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/** Small snapshots for tests. */
final class Snapshots {
    static final String MODEL = "default";

    private Snapshots() {}

    static ModelVersion version(long epoch, long counter) {
        return new ModelVersion(epoch, counter);
    }

    static SnapshotManifest.Builder header(ModelVersion version) {
        return SnapshotManifest.newBuilder()
                .setModel(MODEL)
                .setVersion(version)
                .setNetwork("{}")
                .setSampler(
                        SamplerConfig.newBuilder()
                                .setStepSize(0.01)
                                .setTemperature(1e-4)
                                .setSteps(100)
                                .build())
                .setProvenance(
                        Provenance.newBuilder()
                                .setSoftware(Map.of("java", "17", "ebm-stream", "0"))
                                .build());
    }

    /** Values that tell versions apart. */
    static float[] ramp(int length, float start) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = start + i / 8f;
        }
        return values;
    }

    /** Two tensors (22 floats, 88 bytes) in chunks of 32 bytes: three chunks. */
    static PackedSnapshot pack(ModelVersion version) {
        float start = 1000f * version.getEpoch() + version.getCounter();
        return SnapshotWriter.pack(
                header(version),
                List.of(
                        new Tensor("a", List.of(2, 5), ramp(10, start)),
                        Tensor.vector("b", ramp(12, -start))),
                32);
    }

    /** The chunk with one bit of its data changed. */
    static SnapshotChunk damage(SnapshotChunk chunk) {
        byte[] data = new byte[chunk.getData().remaining()];
        chunk.getData().duplicate().get(data);
        data[0] ^= 1;
        return new SnapshotChunk(
                chunk.getModel(),
                chunk.getVersion(),
                chunk.getIndex(),
                chunk.getCount(),
                ByteBuffer.wrap(data),
                chunk.getSha256());
    }
}
