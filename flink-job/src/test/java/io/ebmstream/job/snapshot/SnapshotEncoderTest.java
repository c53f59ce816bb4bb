package io.ebmstream.job.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.job.TestModels;
import io.ebmstream.job.compute.FloatBytes;
import io.ebmstream.job.kafka.OutgoingRecord;
import io.ebmstream.job.learn.PublishedModel;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.energy.Light32;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.schemas.WireFormat;
import io.ebmstream.schemas.avro.SnapshotManifest;
import io.ebmstream.schemas.snapshot.Snapshot;
import io.ebmstream.schemas.snapshot.SnapshotAssembler;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SnapshotEncoderTest {
    @Test
    void theChunksComeFirstAndMakeTheModelAgain() throws Exception {
        // large enough for several chunks of 900 KiB
        Network network = Light32.of(TestModels.SHAPE, 56);
        float[] weights = Initializer.weights(network, 3);
        List<OutgoingRecord> records = encode(network, model(weights, new byte[] {1, 2, 3}));

        assertThat(records).hasSizeGreaterThan(2);
        OutgoingRecord last = records.remove(records.size() - 1);
        assertThat(last.topic()).isEqualTo("manifests");
        assertThat(new String(last.key(), StandardCharsets.UTF_8)).isEqualTo("default/1/7");
        SnapshotManifest manifest = WireFormat.SNAPSHOT_MANIFEST.decode(last.value());
        SnapshotAssembler assembler = new SnapshotAssembler(manifest);
        for (OutgoingRecord record : records) {
            assertThat(record.topic()).isEqualTo("chunks");
            assertThat(assembler.offer(WireFormat.SNAPSHOT_CHUNK.decode(record.value()))).isTrue();
        }
        Snapshot snapshot = assembler.assemble();
        for (Network.Parameter parameter : network.parameters()) {
            assertThat(snapshot.shape(parameter.name())).isEqualTo(parameter.shape());
            float[] expected = new float[parameter.size()];
            System.arraycopy(weights, parameter.offset(), expected, 0, expected.length);
            assertThat(snapshot.floats(parameter.name())).isEqualTo(expected);
        }
        assertThat(Network.fromJson(manifest.getNetwork())).isEqualTo(network);
        assertThat(manifest.getParent().getCounter()).isEqualTo(6);
        assertThat(manifest.getSampler().getSteps()).isEqualTo(50);
        assertThat(manifest.getSampler().getTau()).isNull();
        assertThat(manifest.getSampler().getMaxNorm()).isEqualTo(2.5);
        assertThat(manifest.getProvenance().getInputOffsets()).isEqualTo(Map.of("images-0", 12L));
        assertThat(manifest.getProvenance().getUpdateCount()).isEqualTo(4);
        assertThat(manifest.getProvenance().getHyperparameters()).containsEntry("a", "b");
        assertThat(manifest.getProvenance().getSoftware()).containsKeys("java", "flink");
        assertThat(manifest.getSampleGridPng().remaining()).isEqualTo(3);
        assertThat(manifest.getMeanChainEnergy()).isEqualTo(1.5);
        assertThat(manifest.getAnchorEnergies()).containsExactly(2.5, -1.0);
    }

    @Test
    void aPictureThatIsTooLargeIsLeftOut() throws Exception {
        Network network = TestModels.network();
        List<OutgoingRecord> records =
                encode(network, model(Initializer.weights(network, 3), new byte[600 * 1024]));
        SnapshotManifest manifest =
                WireFormat.SNAPSHOT_MANIFEST.decode(records.get(records.size() - 1).value());
        assertThat(manifest.getSampleGridPng()).isNull();
    }

    private static List<OutgoingRecord> encode(Network network, PublishedModel model)
            throws Exception {
        return EncoderHarness.encode(
                new SnapshotSetup(
                        network.toJson(),
                        Map.of(),
                        2e-2,
                        1e-4,
                        0,
                        2.5,
                        50,
                        Map.of("a", "b"),
                        0,
                        "manifests",
                        "chunks"),
                model);
    }

    private static PublishedModel model(float[] weights, byte[] png) {
        return new PublishedModel(
                "default",
                new ModelVersion(1, 7),
                new ModelVersion(1, 6),
                FloatBytes.toBytes(weights),
                Map.of(),
                4,
                100,
                9,
                Map.of("images-0", 12L),
                new double[] {2.5, -1},
                1.5,
                new double[] {-2, 3},
                new double[0],
                png,
                "reference/float32");
    }
}
