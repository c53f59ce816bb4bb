package io.ebmstream.job.cli;

import io.ebmstream.job.kafka.AvroVersions;
import io.ebmstream.job.snapshot.ManifestJson;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.schemas.avro.Provenance;
import io.ebmstream.schemas.avro.SamplerConfig;
import io.ebmstream.schemas.avro.SnapshotManifest;
import io.ebmstream.schemas.avro.TensorInfo;
import io.ebmstream.schemas.snapshot.SnapshotException;
import io.ebmstream.schemas.snapshot.SnapshotReader;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ebm snapshots show}: what one version is and where it comes from. */
@Command(name = "show", description = "Show a version's manifest with its provenance.")
final class SnapshotsShowCommand implements Callable<Integer> {
    private static final String LINE = "%-14s %s%n";

    @Spec private CommandSpec spec;
    @Mixin private SnapshotOptions snapshots;

    @Parameters(
            arity = "0..1",
            paramLabel = "VERSION",
            converter = VersionConverter.class,
            description = "The version, for example 0.12. Without: the highest.")
    private ModelVersion version;

    @Option(names = "--json", description = "The manifest as one JSON object, without its picture.")
    private boolean json;

    @Override
    public Integer call() throws SnapshotException, InterruptedException {
        SnapshotManifest manifest;
        try (SnapshotReader reader = snapshots.open()) {
            manifest =
                    reader.manifest(version == null ? highest(reader) : AvroVersions.of(version));
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(JsonText.of(ManifestJson.of(manifest)));
        } else {
            print(out, manifest);
        }
        out.flush();
        return ExitCode.OK;
    }

    private io.ebmstream.schemas.avro.ModelVersion highest(SnapshotReader reader) {
        List<io.ebmstream.schemas.avro.ModelVersion> all = reader.versions();
        if (all.isEmpty()) {
            throw snapshots.none(reader);
        }
        return all.get(all.size() - 1);
    }

    private static void print(PrintWriter out, SnapshotManifest m) {
        Provenance from = m.getProvenance();
        line(out, "model", m.getModel());
        line(
                out,
                "version",
                WatchKind.version(m.getVersion())
                        + (m.getParent() == null
                                ? ""
                                : ", learned on from " + WatchKind.version(m.getParent())));
        line(
                out,
                "learned",
                String.format(
                        Locale.ROOT,
                        "%,d updates, %,d images, up to event time %s",
                        from.getUpdateCount(),
                        from.getImagesSeen(),
                        SnapshotsListCommand.time(m.getEventTime())));
        line(out, "network", SnapshotsListCommand.network(m.getNetwork()));
        m.getNetworks()
                .forEach((role, text) -> line(out, role, SnapshotsListCommand.network(text)));
        line(
                out,
                "weights",
                String.format(
                        Locale.ROOT,
                        "%d tensors, %,d bytes in %d chunks, sha-256 %s",
                        m.getTensors().size(),
                        m.getTotalBytes(),
                        m.getChunkCount(),
                        m.getSha256()));
        line(out, "sampler", sampler(m.getSampler()));
        line(out, "anchors", anchors(m));
        line(out, "device", from.getDevice().isEmpty() ? "-" : from.getDevice());
        section(out, "software", from.getSoftware());
        section(out, "input offsets", from.getInputOffsets());
        section(out, "settings", from.getHyperparameters());
        out.println("tensors");
        for (TensorInfo tensor : m.getTensors()) {
            out.printf(
                    Locale.ROOT,
                    "  %-32s %-18s %.12s%n",
                    tensor.getName(),
                    tensor.getShape(),
                    tensor.getSha256());
        }
    }

    private static String sampler(SamplerConfig sampler) {
        return "step size "
                + sampler.getStepSize()
                + ", temperature "
                + sampler.getTemperature()
                + (sampler.getTau() == null ? "" : ", tau " + sampler.getTau())
                + (sampler.getMaxNorm() == null ? "" : ", at most " + sampler.getMaxNorm())
                + ", "
                + sampler.getSteps()
                + " steps";
    }

    private static String anchors(SnapshotManifest m) {
        List<Double> energies = m.getAnchorEnergies();
        String mean =
                energies.isEmpty()
                        ? "none"
                        : String.format(
                                Locale.ROOT,
                                "%d images of mean U/T %.1f",
                                energies.size(),
                                energies.stream().mapToDouble(e -> e).average().orElseThrow());
        return m.getMeanChainEnergy() == null
                ? mean
                : mean + String.format(Locale.ROOT, "; chains %.1f", m.getMeanChainEnergy());
    }

    private static void section(PrintWriter out, String title, Map<String, ?> values) {
        if (!values.isEmpty()) {
            out.println(title);
            new TreeMap<>(values)
                    .forEach((key, value) -> out.printf(Locale.ROOT, "  %-32s %s%n", key, value));
        }
    }

    private static void line(PrintWriter out, String name, String value) {
        out.printf(Locale.ROOT, LINE, name, value);
    }
}
