package io.ebmstream.job.shards;

import io.ebmstream.job.compute.FloatBytes;
import io.ebmstream.job.kafka.AvroVersions;
import io.ebmstream.job.kafka.OutgoingRecord;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.schemas.WireFormat;
import io.ebmstream.schemas.WireFormatException;
import io.ebmstream.schemas.avro.Provenance;
import io.ebmstream.schemas.avro.SamplerConfig;
import io.ebmstream.schemas.avro.SnapshotChunk;
import io.ebmstream.schemas.avro.SnapshotManifest;
import io.ebmstream.schemas.snapshot.PackedSnapshot;
import io.ebmstream.schemas.snapshot.Snapshot;
import io.ebmstream.schemas.snapshot.SnapshotAssembler;
import io.ebmstream.schemas.snapshot.SnapshotException;
import io.ebmstream.schemas.snapshot.SnapshotKeys;
import io.ebmstream.schemas.snapshot.SnapshotWriter;
import io.ebmstream.schemas.snapshot.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.flink.api.common.functions.FlatMapFunction;
import org.apache.flink.util.Collector;

/**
 * Averages as Kafka records and back: chunks and, after them, a manifest, like a snapshot's with
 * the same hashes, all in one partition of one topic and in one transaction. The tensors are {@code
 * weights}, {@code average} and {@code moments}, each flat; what else an average is made of stands
 * in the provenance.
 */
public final class AverageRecords {
    private static final String WEIGHTS = "weights";
    private static final String AVERAGE = "average";
    private static final String MOMENTS = "moments";
    private static final String ROUND = "round";
    private static final String WORKED = "worked";
    private static final String CONTRIBUTION = "contribution.";

    private AverageRecords() {}

    /**
     * Averages to records.
     *
     * @param topic where they go
     * @param network the energy network as JSON text
     */
    public record Encoder(String topic, String network)
            implements FlatMapFunction<Average, OutgoingRecord> {
        private static final long serialVersionUID = 1L;

        @Override
        public void flatMap(Average average, Collector<OutgoingRecord> out) {
            PackedSnapshot packed = SnapshotWriter.pack(header(average), tensors(average));
            for (SnapshotChunk chunk : packed.chunks()) {
                out.collect(
                        OutgoingRecord.of(
                                topic,
                                SnapshotKeys.of(chunk),
                                WireFormat.SNAPSHOT_CHUNK.encode(chunk)));
            }
            out.collect(
                    OutgoingRecord.of(
                            topic,
                            SnapshotKeys.of(packed.manifest()),
                            WireFormat.SNAPSHOT_MANIFEST.encode(packed.manifest())));
        }

        private SnapshotManifest.Builder header(Average average) {
            Map<String, String> facts = new TreeMap<>();
            facts.put(ROUND, String.valueOf(average.round()));
            facts.put(WORKED, String.valueOf(average.worked()));
            average.contributions().forEach((shard, hash) -> facts.put(CONTRIBUTION + shard, hash));
            return SnapshotManifest.newBuilder()
                    .setModel(average.model())
                    .setVersion(AvroVersions.of(average.version()))
                    .setParent(AvroVersions.of(average.parent()))
                    .setEventTime(average.eventTime())
                    .setNetwork(network)
                    // nobody samples from this record: the snapshot of the version says how
                    .setSampler(
                            SamplerConfig.newBuilder()
                                    .setStepSize(1)
                                    .setTemperature(1)
                                    .setSteps(0)
                                    .build())
                    .setProvenance(
                            Provenance.newBuilder()
                                    .setInputOffsets(new TreeMap<>(average.offsets()))
                                    .setUpdateCount(average.updates())
                                    .setImagesSeen(average.imagesSeen())
                                    .setHyperparameters(facts)
                                    .build());
        }

        private static List<Tensor> tensors(Average average) {
            List<Tensor> tensors = new ArrayList<>();
            tensors.add(Tensor.vector(WEIGHTS, FloatBytes.toFloats(average.weights())));
            tensors.add(Tensor.vector(AVERAGE, FloatBytes.toFloats(average.average())));
            if (average.moments().length > 0) {
                tensors.add(Tensor.vector(MOMENTS, FloatBytes.toFloats(average.moments())));
            }
            return tensors;
        }
    }

    /** Records to averages, in the order of their partition. Not thread-safe. */
    public static final class Decoder {
        private final Map<Integer, SnapshotChunk> chunks = new HashMap<>();

        /**
         * Takes a record.
         *
         * @return an average that is complete with it, all hashes verified; none where chunks of it
         *     came before this decoder looked
         * @throws WireFormatException if the bytes are neither chunk nor manifest
         * @throws SnapshotException if a hash or the manifest is wrong
         */
        public Optional<Average> take(byte[] value) throws WireFormatException, SnapshotException {
            SnapshotManifest manifest;
            try {
                manifest = WireFormat.SNAPSHOT_MANIFEST.decode(value);
            } catch (WireFormatException e) {
                if (e.reason() != WireFormatException.Reason.UNKNOWN_SCHEMA) {
                    throw e;
                }
                SnapshotChunk chunk = WireFormat.SNAPSHOT_CHUNK.decode(value);
                if (chunk.getIndex() == 0) {
                    chunks.clear();
                }
                chunks.put(chunk.getIndex(), chunk);
                return Optional.empty();
            }
            SnapshotAssembler assembler = new SnapshotAssembler(manifest);
            chunks.values().forEach(assembler::offer);
            boolean begun = chunks.containsKey(0);
            chunks.clear();
            return begun ? Optional.of(average(assembler.assemble())) : Optional.empty();
        }

        private static Average average(Snapshot snapshot) {
            SnapshotManifest manifest = snapshot.manifest();
            Provenance provenance = manifest.getProvenance();
            Map<Integer, String> contributions = new HashMap<>();
            provenance
                    .getHyperparameters()
                    .forEach(
                            (name, value) -> {
                                if (name.startsWith(CONTRIBUTION)) {
                                    contributions.put(
                                            Integer.valueOf(name.substring(CONTRIBUTION.length())),
                                            value);
                                }
                            });
            return new Average(
                    snapshot.model(),
                    Long.parseLong(provenance.getHyperparameters().get(ROUND)),
                    version(manifest.getVersion()),
                    version(manifest.getParent()),
                    FloatBytes.toBytes(snapshot.floats(WEIGHTS)),
                    FloatBytes.toBytes(snapshot.floats(AVERAGE)),
                    snapshot.tensors().contains(MOMENTS)
                            ? FloatBytes.toBytes(snapshot.floats(MOMENTS))
                            : new byte[0],
                    provenance.getUpdateCount(),
                    Integer.parseInt(provenance.getHyperparameters().get(WORKED)),
                    provenance.getImagesSeen(),
                    manifest.getEventTime(),
                    new HashMap<>(provenance.getInputOffsets()),
                    contributions);
        }

        private static ModelVersion version(io.ebmstream.schemas.avro.ModelVersion version) {
            return new ModelVersion(version.getEpoch(), version.getCounter());
        }
    }
}
