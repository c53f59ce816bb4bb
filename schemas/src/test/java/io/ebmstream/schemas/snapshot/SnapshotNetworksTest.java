package io.ebmstream.schemas.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.schemas.WireFormat;
import io.ebmstream.schemas.avro.SnapshotChunk;
import io.ebmstream.schemas.avro.SnapshotManifest;
import io.ebmstream.schemas.snapshot.SnapshotException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.message.BinaryMessageEncoder;
import org.junit.jupiter.api.Test;

/** Networks beside the energy: a generator, a prior. */
class SnapshotNetworksTest {
    private static final Tensor WEIGHT = Tensor.vector("w", Snapshots.ramp(10, 1));
    private static final Tensor BIAS = Tensor.vector("generated.b", Snapshots.ramp(3, 2));
    private static final Tensor LINEAR =
            new Tensor("linear.weight", List.of(2, 4), Snapshots.ramp(8, 3));
    private static final Tensor PRIOR = Tensor.vector("w", Snapshots.ramp(10, 4));
    private static final List<Tensor> ALL =
            List.of(WEIGHT, BIAS, LINEAR.of("generator"), PRIOR.of("prior"));

    private static PackedSnapshot pack(Map<String, String> networks, List<Tensor> tensors) {
        return SnapshotWriter.pack(
                Snapshots.header(Snapshots.version(1, 2)).setNetworks(networks), tensors, 32);
    }

    private static PackedSnapshot pack() {
        return pack(Map.of("prior", "{\"p\":1}", "generator", "{\"g\":1}"), ALL);
    }

    private static SnapshotManifest copy(SnapshotManifest manifest) throws IOException {
        return WireFormat.SNAPSHOT_MANIFEST.decode(WireFormat.SNAPSHOT_MANIFEST.encode(manifest));
    }

    private static Snapshot assemble(SnapshotManifest manifest, List<SnapshotChunk> chunks)
            throws SnapshotException {
        SnapshotAssembler assembler = new SnapshotAssembler(manifest);
        chunks.forEach(assembler::offer);
        return assembler.assemble();
    }

    @Test
    void everyNetworkComesBackAndTheEnergyIsFoundAsEver() throws IOException {
        PackedSnapshot packed = pack();
        Snapshot snapshot = assemble(copy(packed.manifest()), packed.chunks());

        assertThat(snapshot.tensors()).containsExactly("w", "generated.b");
        assertThat(snapshot.floats("w")).isEqualTo(WEIGHT.values());
        assertThat(snapshot.floats("generated.b")).isEqualTo(BIAS.values());

        assertThat(snapshot.roles()).containsExactly("generator", "prior");
        assertThat(snapshot.tensors("generator")).containsExactly("generator.linear.weight");
        assertThat(snapshot.shape("generator.linear.weight")).containsExactly(2, 4);
        assertThat(snapshot.floats("generator.linear.weight")).isEqualTo(LINEAR.values());
        assertThat(snapshot.tensors("prior")).containsExactly("prior.w");
        assertThat(snapshot.floats("prior.w")).isEqualTo(PRIOR.values());
        assertThat(snapshot.manifest().getNetworks()).containsEntry("generator", "{\"g\":1}");
        assertThatThrownBy(() -> snapshot.tensors("encoder"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected one of the roles [generator, prior], found encoder");
    }

    /** What was released before there were other networks is read by whoever reads on. */
    @Test
    void snapshotsOfVersionOneAreRead() throws IOException {
        PackedSnapshot packed = pack(Map.of(), List.of(WEIGHT, LINEAR.of("generator")));
        Schema first;
        try (InputStream in = getClass().getResourceAsStream("/golden/SnapshotManifest-v1.avsc")) {
            first = new Schema.Parser().parse(in);
        }
        GenericRecord then = new GenericData.Record(first);
        for (Schema.Field field : first.getFields()) {
            then.put(field.name(), packed.manifest().get(field.name()));
        }
        ByteBuffer encoded =
                new BinaryMessageEncoder<GenericRecord>(GenericData.get(), first).encode(then);
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(bytes);

        SnapshotManifest read = WireFormat.SNAPSHOT_MANIFEST.decode(bytes);
        Snapshot snapshot = assemble(read, packed.chunks());
        assertThat(snapshot.roles()).isEmpty();
        assertThat(snapshot.tensors()).containsExactly("w", "generator.linear.weight");
        assertThat(snapshot.floats("w")).isEqualTo(WEIGHT.values());
    }

    @Test
    void theBytesOfAnEnergyAloneDoNotDependOnOthers() {
        PackedSnapshot alone = pack(Map.of(), List.of(WEIGHT, BIAS));
        PackedSnapshot beside = pack();
        assertThat(alone.chunks().get(0)).isNotEqualTo(beside.chunks().get(0));
        assertThat(alone.chunks().get(0).getData()).isEqualTo(beside.chunks().get(0).getData());
        assertThat(alone.manifest().getTensors())
                .isEqualTo(beside.manifest().getTensors().subList(0, 2));
    }

    @Test
    void aDamagedGeneratorIsRefused() throws IOException {
        PackedSnapshot packed = pack();
        SnapshotManifest wrong = copy(packed.manifest());
        wrong.getTensors().get(2).setSha256("0".repeat(64));
        assertThatThrownBy(() -> assemble(wrong, packed.chunks()))
                .isInstanceOfSatisfying(
                        SnapshotException.class,
                        e -> assertThat(e.reason()).isEqualTo(Reason.CORRUPT))
                .hasMessageStartingWith("snapshot default/1/2, tensor generator.linear.weight: ");

        List<SnapshotChunk> chunks = new ArrayList<>(packed.chunks());
        int generators = packed.manifest().getTensors().get(2).getLastChunk();
        chunks.set(generators, Snapshots.damage(chunks.get(generators)));
        assertThatThrownBy(() -> assemble(packed.manifest(), chunks))
                .isInstanceOfSatisfying(
                        SnapshotException.class,
                        e -> assertThat(e.reason()).isEqualTo(Reason.CORRUPT))
                .hasMessageContaining("chunk " + generators + ": expected 32 bytes with SHA-256");
    }

    @Test
    void manifestsWhoseNetworksContradictTheirTensorsAreRefused() throws IOException {
        refuses(m -> m.getNetworks().put("encoder", "{}"), "tensors of the networks [");
        refuses(m -> m.getNetworks().put("Encoder", "{}"), "as a network's role");
        refuses(m -> m.getNetworks().put("energy", "{}"), "not energy, found energy");
        refuses(
                m -> m.getTensors().get(3).setName("late"),
                "the energy's tensors before those of [generator, prior], found late after");
        refuses(m -> m.getTensors().get(3).setName("generator.late"), "tensors of the networks [");
        List<Tensor> backwards = new ArrayList<>(ALL);
        Collections.reverse(backwards);
        assertThatThrownBy(() -> pack(Map.of("prior", "{}", "generator", "{}"), backwards))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the energy's tensors before those of");
        assertThatThrownBy(() -> pack(Map.of("generator", "{}"), List.of(LINEAR.of("generator"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("tensors of the networks");
    }

    private static void refuses(Consumer<SnapshotManifest> change, String expected)
            throws IOException {
        SnapshotManifest manifest = copy(pack().manifest());
        change.accept(manifest);
        assertThatThrownBy(() -> new SnapshotAssembler(manifest))
                .isInstanceOf(SnapshotException.class)
                .hasMessageContaining(expected);
    }
}
