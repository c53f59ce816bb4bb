package io.ebmstream.job.snapshot;

import io.ebmstream.job.compute.FloatBytes;
import io.ebmstream.job.kafka.AvroVersions;
import io.ebmstream.job.kafka.OutgoingRecord;
import io.ebmstream.job.learn.PublishedModel;
import io.ebmstream.job.state.StateRecords;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.schemas.WireFormat;
import io.ebmstream.schemas.avro.ModelVersion;
import io.ebmstream.schemas.avro.Provenance;
import io.ebmstream.schemas.avro.SamplerConfig;
import io.ebmstream.schemas.avro.SnapshotChunk;
import io.ebmstream.schemas.avro.SnapshotManifest;
import io.ebmstream.schemas.snapshot.PackedSnapshot;
import io.ebmstream.schemas.snapshot.SnapshotKeys;
import io.ebmstream.schemas.snapshot.SnapshotWriter;
import io.ebmstream.schemas.snapshot.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichFlatMapFunction;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.util.Collector;

/**
 * A published model as Kafka records: its chunks, then its manifest, then tombstones of versions
 * that are no longer kept. All go through one sink of parallelism 1 and, emitted in one call, into
 * one transaction.
 */
public final class SnapshotEncoder extends RichFlatMapFunction<PublishedModel, OutgoingRecord>
        implements CheckpointedFunction {
    private static final long serialVersionUID = 1L;

    private final SnapshotSetup setup;
    private transient Network network;
    private transient Map<String, Network> others;
    private transient Map<String, String> software;

    /** What is in Kafka, oldest publication first; empty where all is kept. */
    private transient ArrayDeque<KeptSnapshot> kept;

    private transient ListState<KeptSnapshot> keptState;

    /**
     * @param setup what is the same in every manifest
     */
    public SnapshotEncoder(SnapshotSetup setup) {
        this.setup = setup;
    }

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
        keptState =
                context.getOperatorStateStore()
                        .getListState(
                                new ListStateDescriptor<>(
                                        "kept-snapshots", StateRecords.of(KeptSnapshot.class)));
        kept = new ArrayDeque<>();
        keptState.get().forEach(kept::add);
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws Exception {
        keptState.update(new ArrayList<>(kept));
    }

    @Override
    public void open(OpenContext context) {
        network = Network.fromJson(setup.network());
        others = new TreeMap<>();
        setup.networks().forEach((role, json) -> others.put(role, Network.fromJson(json)));
        software = new TreeMap<>();
        software.put("ebm-stream", version(SnapshotEncoder.class));
        software.put("java", System.getProperty("java.vm.name") + " " + Runtime.version());
        software.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        software.put("flink", org.apache.flink.runtime.util.EnvironmentInformation.getVersion());
    }

    private static String version(Class<?> type) {
        String version = type.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    @Override
    public void flatMap(PublishedModel model, Collector<OutgoingRecord> out) {
        PackedSnapshot packed = SnapshotWriter.pack(header(model), tensors(model));
        for (SnapshotChunk chunk : packed.chunks()) {
            out.collect(
                    OutgoingRecord.of(
                            setup.chunkTopic(),
                            SnapshotKeys.of(chunk),
                            WireFormat.SNAPSHOT_CHUNK.encode(chunk)));
        }
        out.collect(
                OutgoingRecord.of(
                        setup.manifestTopic(),
                        SnapshotKeys.of(packed.manifest()),
                        WireFormat.SNAPSHOT_MANIFEST.encode(packed.manifest())));
        retire(packed.manifest(), out);
    }

    /** Counts the new version in and those out that are no longer kept. */
    private void retire(SnapshotManifest added, Collector<OutgoingRecord> out) {
        if (setup.keep() == 0) {
            kept.clear();
            return;
        }
        kept.add(
                new KeptSnapshot(
                        added.getModel(),
                        added.getVersion().getEpoch(),
                        added.getVersion().getCounter(),
                        added.getChunkCount()));
        while (kept.size() > setup.keep()) {
            KeptSnapshot old = kept.poll();
            List<byte[]> keys =
                    SnapshotKeys.manifestThenChunks(
                            old.model(),
                            new ModelVersion(old.epoch(), old.counter()),
                            old.chunks());
            out.collect(OutgoingRecord.of(setup.manifestTopic(), keys.get(0), null));
            for (byte[] chunk : keys.subList(1, keys.size())) {
                out.collect(OutgoingRecord.of(setup.chunkTopic(), chunk, null));
            }
        }
    }

    private SnapshotManifest.Builder header(PublishedModel model) {
        byte[] png = model.samplesPng();
        boolean fits = png != null && png.length <= SnapshotWriter.MAX_GRID_BYTES;
        return SnapshotManifest.newBuilder()
                .setModel(model.model())
                .setVersion(AvroVersions.of(model.version()))
                .setParent(AvroVersions.of(model.parent()))
                .setEventTime(model.eventTime())
                .setNetwork(setup.network())
                .setNetworks(networks(model))
                .setSampler(
                        SamplerConfig.newBuilder()
                                .setStepSize(setup.stepSize())
                                .setTemperature(setup.temperature())
                                .setTau(setup.tau() == 0 ? null : setup.tau())
                                .setMaxNorm(setup.maxNorm() == 0 ? null : setup.maxNorm())
                                .setSteps(setup.steps())
                                .build())
                .setProvenance(
                        Provenance.newBuilder()
                                .setInputOffsets(new TreeMap<>(model.offsets()))
                                .setUpdateCount(model.updates())
                                .setImagesSeen(model.imagesSeen())
                                .setHyperparameters(new TreeMap<>(setup.hyperparameters()))
                                .setSoftware(software)
                                .setDevice(System.getProperty("os.arch") + ", " + model.executor())
                                .build())
                .setAnchorEnergies(Arrays.stream(model.anchorEnergies()).boxed().toList())
                .setMeanChainEnergy(Double.isNaN(model.chainEnergy()) ? null : model.chainEnergy())
                .setSampleGridPng(fits ? ByteBuffer.wrap(png) : null);
    }

    private Map<String, String> networks(PublishedModel model) {
        Map<String, String> networks = new TreeMap<>(setup.networks());
        networks.keySet().retainAll(model.networks().keySet());
        return networks;
    }

    /** The energy's, then those of the other networks in the order of their roles. */
    private List<Tensor> tensors(PublishedModel model) {
        List<Tensor> tensors =
                new ArrayList<>(SnapshotTensors.of(network, FloatBytes.toFloats(model.weights())));
        new TreeMap<>(model.networks())
                .forEach(
                        (role, weights) ->
                                SnapshotTensors.of(others.get(role), FloatBytes.toFloats(weights))
                                        .stream()
                                        .map(tensor -> tensor.of(role))
                                        .forEach(tensors::add));
        return tensors;
    }
}
