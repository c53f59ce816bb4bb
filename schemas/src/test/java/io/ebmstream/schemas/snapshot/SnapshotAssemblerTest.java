package io.ebmstream.schemas.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.schemas.WireFormat;
import io.ebmstream.schemas.avro.SnapshotChunk;
import io.ebmstream.schemas.avro.SnapshotManifest;
import io.ebmstream.schemas.snapshot.SnapshotException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotAssemblerTest {
    private static final PackedSnapshot PACKED = Snapshots.pack(Snapshots.version(1, 2));

    private static Snapshot assemble(SnapshotManifest manifest, List<SnapshotChunk> chunks)
            throws SnapshotException {
        SnapshotAssembler assembler = new SnapshotAssembler(manifest);
        chunks.forEach(assembler::offer);
        return assembler.assemble();
    }

    /** A copy through the wire, to be changed at will. */
    private static SnapshotManifest copy() throws IOException {
        WireFormat<SnapshotManifest> format = WireFormat.SNAPSHOT_MANIFEST;
        return format.decode(format.encode(PACKED.manifest()));
    }

    @Property(tries = 200)
    void anyTensorsComeBackFromChunksInAnyOrder(
            @ForAll @Size(min = 1, max = 5)
                    List<
                                    @Size(min = 1, max = 60) List<
                                            @FloatRange(min = -1e30f, max = 1e30f) Float>>
                            values,
            @ForAll @IntRange(min = 1, max = 50) int chunkFloats)
            throws IOException {
        List<Tensor> tensors = new ArrayList<>();
        for (List<Float> list : values) {
            float[] array = new float[list.size()];
            for (int i = 0; i < array.length; i++) {
                array[i] = list.get(i);
            }
            tensors.add(Tensor.vector("t" + tensors.size(), array));
        }
        PackedSnapshot packed =
                SnapshotWriter.pack(
                        Snapshots.header(Snapshots.version(0, 1)), tensors, 4 * chunkFloats);
        List<SnapshotChunk> received = new ArrayList<>();
        for (SnapshotChunk chunk : packed.chunks()) {
            WireFormat<SnapshotChunk> format = WireFormat.SNAPSHOT_CHUNK;
            received.add(format.decode(format.encode(chunk)));
        }
        Collections.reverse(received);
        received.add(received.get(0));

        Snapshot snapshot = assemble(packed.manifest(), received);
        for (Tensor tensor : tensors) {
            assertThat(snapshot.floats(tensor.name())).isEqualTo(tensor.values());
            assertThat(snapshot.shape(tensor.name())).isEqualTo(tensor.shape());
        }
    }

    @Test
    void equalInputGivesEqualBytes() {
        assertThat(WireFormat.SNAPSHOT_MANIFEST.encode(PACKED.manifest()))
                .isEqualTo(
                        WireFormat.SNAPSHOT_MANIFEST.encode(
                                Snapshots.pack(Snapshots.version(1, 2)).manifest()));
    }

    @Test
    void valuesAreLittleEndian() {
        PackedSnapshot packed =
                SnapshotWriter.pack(
                        Snapshots.header(Snapshots.version(0, 1)),
                        List.of(Tensor.vector("one", new float[] {1f})));
        assertThat(packed.chunks().get(0).getData())
                .isEqualTo(ByteBuffer.wrap(new byte[] {0, 0, (byte) 0x80, 0x3f}));
    }

    @Test
    void aMissingChunkIsIncomplete() {
        assertThatThrownBy(() -> assemble(PACKED.manifest(), PACKED.chunks().subList(0, 2)))
                .isInstanceOfSatisfying(
                        SnapshotException.class,
                        e -> assertThat(e.reason()).isEqualTo(Reason.INCOMPLETE))
                .hasMessage("snapshot default/1/2: 1 of 3 chunks missing: 2");
    }

    @Test
    void aDamagedChunkIsRefusedAndNamed() {
        List<SnapshotChunk> chunks = new ArrayList<>(PACKED.chunks());
        chunks.set(1, Snapshots.damage(chunks.get(1)));
        assertThatThrownBy(() -> assemble(PACKED.manifest(), chunks))
                .isInstanceOfSatisfying(
                        SnapshotException.class,
                        e -> assertThat(e.reason()).isEqualTo(Reason.CORRUPT))
                .hasMessageContaining("chunk 1: expected 32 bytes with SHA-256");
    }

    @Test
    void aGoodCopyMakesUpForADamagedOne() throws IOException {
        List<SnapshotChunk> chunks = new ArrayList<>(PACKED.chunks());
        chunks.add(0, Snapshots.damage(chunks.get(1)));
        assertThat(assemble(PACKED.manifest(), chunks).tensors()).containsExactly("a", "b");
    }

    @Test
    void chunksOfAnotherVersionOrModelArePassedOver() throws IOException {
        SnapshotAssembler assembler = new SnapshotAssembler(PACKED.manifest());
        for (SnapshotChunk chunk : Snapshots.pack(Snapshots.version(1, 3)).chunks()) {
            assertThat(assembler.offer(chunk)).isFalse();
        }
        SnapshotChunk other = PACKED.chunks().get(0);
        assertThat(
                        assembler.offer(
                                new SnapshotChunk(
                                        "other",
                                        other.getVersion(),
                                        0,
                                        3,
                                        other.getData(),
                                        other.getSha256())))
                .isFalse();
        assertThat(assembler.complete()).isFalse();
    }

    @Test
    void manifestsThatContradictThemselvesAreRefused() throws IOException {
        refuses(m -> m.setChunkCount(2), "3 chunks for 88 bytes");
        refuses(m -> m.setChunkCount(Integer.MAX_VALUE), "3 chunks for 88 bytes");
        refuses(m -> m.setTotalBytes(1L << 40), "1073741824 bytes in all");
        refuses(m -> m.setChunkBytes(30), "a multiple of 4");
        refuses(m -> m.setChunkSha256(List.of()), "the hashes of 3 chunks");
        refuses(m -> m.setSha256("x"), "64 hexadecimal digits");
        refuses(m -> m.setModel("a/b"), "as model, found a/b");
        refuses(m -> m.setVersion(Snapshots.version(-1, 0)), "no negative version");
        refuses(m -> m.getTensors().get(1).setName("a"), "found a twice");
        refuses(m -> m.getTensors().get(0).setDtype("float64"), "float32 in tensor a");
        refuses(m -> m.getTensors().get(0).setShape(List.of(2, 6)), "48 bytes from byte 0");
        refuses(m -> m.getTensors().get(0).setShape(List.of(0)), "a possible shape");
        refuses(m -> m.getTensors().get(0).setShape(List.of(1 << 20, 1 << 20)), "a possible shape");
        refuses(m -> m.getTensors().get(1).setByteOffset(44), "48 bytes from byte 40");
        refuses(m -> m.getTensors().get(1).setLastChunk(9), "chunks 1 to 2");
        refuses(m -> m.getTensors().remove(1), "tensors of 88 bytes together");
    }

    private static void refuses(Consumer<SnapshotManifest> change, String expected)
            throws IOException {
        SnapshotManifest manifest = copy();
        change.accept(manifest);
        assertThatThrownBy(() -> new SnapshotAssembler(manifest))
                .isInstanceOf(SnapshotException.class)
                .hasMessageContaining(expected);
    }

    @Test
    void hashesOfTensorsAndOfTheWholeAreVerified() throws IOException {
        String wrong = "0".repeat(64);
        SnapshotManifest whole = copy();
        whole.setSha256(wrong);
        assertThatThrownBy(() -> assemble(whole, PACKED.chunks()))
                .hasMessageStartingWith("snapshot default/1/2: expected SHA-256 000");
        SnapshotManifest tensor = copy();
        tensor.getTensors().get(1).setSha256(wrong);
        assertThatThrownBy(() -> assemble(tensor, PACKED.chunks()))
                .hasMessageStartingWith("snapshot default/1/2, tensor b: expected SHA-256 000");
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void theWriterRefusesValuesThatAreNotFinite(float value) {
        List<Tensor> tensors = List.of(Tensor.vector("w", new float[] {0f, value}));
        assertThatThrownBy(
                        () ->
                                SnapshotWriter.pack(
                                        Snapshots.header(Snapshots.version(0, 1)), tensors))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("in tensor w, found " + value + " at index 1");
    }

    @Test
    void theWriterRefusesWhatAReaderWouldRefuse() {
        List<Tensor> twice =
                List.of(Tensor.vector("w", new float[] {0f}), Tensor.vector("w", new float[] {0f}));
        assertThatThrownBy(
                        () -> SnapshotWriter.pack(Snapshots.header(Snapshots.version(0, 1)), twice))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("found w twice");
        List<Tensor> one = twice.subList(0, 1);
        assertThatThrownBy(() -> SnapshotWriter.pack(SnapshotManifest.newBuilder(), one))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("model");
        ByteBuffer large = ByteBuffer.allocate(SnapshotWriter.MAX_GRID_BYTES + 1);
        assertThatThrownBy(
                        () ->
                                SnapshotWriter.pack(
                                        Snapshots.header(Snapshots.version(0, 1))
                                                .setSampleGridPng(large),
                                        one))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a sample grid of at most");
    }

    @Test
    void anUnknownTensorIsAnError() throws IOException {
        Snapshot snapshot = assemble(PACKED.manifest(), PACKED.chunks());
        assertThatThrownBy(() -> snapshot.floats("c"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected one of the tensors [a, b], found c");
    }
}
