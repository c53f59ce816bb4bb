package io.ebmstream.job.snapshot;

import io.ebmstream.job.compute.FloatBytes;
import io.ebmstream.job.kafka.AvroVersions;
import io.ebmstream.job.kafka.OutgoingRecord;
import io.ebmstream.job.learn.PublishedModel;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.schemas.WireFormat;
import io.ebmstream.schemas.avro.Provenance;
import io.ebmstream.schemas.avro.SamplerConfig;
import io.ebmstream.schemas.avro.SnapshotChunk;
import io.ebmstream.schemas.avro.SnapshotManifest;
import io.ebmstream.schemas.snapshot.PackedSnapshot;
import io.ebmstream.schemas.snapshot.SnapshotKeys;
import io.ebmstream.schemas.snapshot.SnapshotWriter;
import io.ebmstream.schemas.snapshot.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichFlatMapFunction;
import org.apache.flink.util.Collector;

/**
 * A published model as Kafka records: its chunks, then its manifest. All go through one sink of
 * parallelism 1 and, emitted in one call, into one transaction.
 */
public final class SnapshotEncoder extends RichFlatMapFunction<PublishedModel, OutgoingRecord> {
    private static final long serialVersionUID = 1L;

    private final SnapshotSetup setup;
    private transient Network network;
    private transient Map<String, Network> others;
    private transient Map<String, String> software;

    /**
     * @param setup what is the same in every manifest
     */
    public SnapshotEncoder(SnapshotSetup setup) {
        this.setup = setup;
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
        List<Tensor> tensors = new ArrayList<>(tensors(network, model.weights()));
        new TreeMap<>(model.networks())
                .forEach(
                        (role, weights) ->
                                tensors(others.get(role), weights).stream()
                                        .map(tensor -> tensor.of(role))
                                        .forEach(tensors::add));
        return tensors;
    }

    private static List<Tensor> tensors(Network network, byte[] weights) {
        float[] flat = FloatBytes.toFloats(weights);
        List<Tensor> tensors = new ArrayList<>();
        for (Network.Parameter parameter : network.parameters()) {
            tensors.add(
                    new Tensor(
                            parameter.name(),
                            parameter.shape(),
                            Arrays.copyOfRange(
                                    flat,
                                    parameter.offset(),
                                    parameter.offset() + parameter.size())));
        }
        return tensors;
    }
}
