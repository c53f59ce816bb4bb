package io.ebmstream.job.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.ebmstream.job.snapshot.ManifestJson;
import io.ebmstream.ops.image.Image;
import io.ebmstream.ops.image.ImageGrid;
import io.ebmstream.schemas.avro.DensityReading;
import io.ebmstream.schemas.avro.TensorInfo;
import io.ebmstream.schemas.snapshot.Snapshot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** Writes a demo's files into its folder, over those of an earlier one. */
final class DemoReport {
    static final String SUMMARY = "summary.json";
    static final String SAMPLES = "samples.png";
    static final String PURIFIED = "purified.png";
    static final String ENERGIES = "energies.csv";
    static final String MANIFEST = "snapshot.json";
    static final String WEIGHTS = "snapshot.f32";

    /** All files, in the order of interest. */
    static final List<String> FILES =
            List.of(SUMMARY, SAMPLES, PURIFIED, ENERGIES, MANIFEST, WEIGHTS);

    private static final int SCALE = 3;

    private static final ObjectMapper JSON =
            new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private final Path folder;

    private DemoReport(Path folder) {
        this.folder = folder;
    }

    /**
     * Makes sure that the folder can be written, before anything is started.
     *
     * @throws IOException if it cannot
     */
    static DemoReport into(Path folder) throws IOException {
        Files.createDirectories(folder);
        Path probe = Files.createTempFile(folder, ".ebm", ".tmp");
        Files.delete(probe);
        return new DemoReport(folder);
    }

    /** Files of an earlier demo that will be written over. */
    List<Path> present() {
        return FILES.stream().map(folder::resolve).filter(Files::exists).toList();
    }

    /** Removes what an earlier demo left, so that no old file passes for a new one. */
    void clear() throws IOException {
        for (Path file : present()) {
            Files.delete(file);
        }
    }

    void summary(DemoSummary summary) throws IOException {
        Files.writeString(folder.resolve(SUMMARY), JSON.writeValueAsString(summary) + "\n");
    }

    /** Chains, manifest and weights of a snapshot. */
    void snapshot(Snapshot snapshot) throws IOException {
        ByteBuffer grid = snapshot.manifest().getSampleGridPng();
        if (grid != null) {
            byte[] png = new byte[grid.remaining()];
            grid.duplicate().get(png);
            Files.write(folder.resolve(SAMPLES), png);
        }
        int bytes = Math.toIntExact(snapshot.manifest().getTotalBytes());
        ByteBuffer weights = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        // of all networks: the manifest's offsets count from the file's beginning
        for (TensorInfo tensor : snapshot.manifest().getTensors()) {
            for (float value : snapshot.floats(tensor.getName())) {
                weights.putFloat(value);
            }
        }
        Files.write(folder.resolve(WEIGHTS), weights.array());
        Files.writeString(
                folder.resolve(MANIFEST),
                JSON.writeValueAsString(ManifestJson.of(snapshot.manifest())) + "\n");
    }

    /** Rows: clean, corrupted, purified; a column for each of the last corrupted images. */
    void purified(CommittedOutputs outputs) throws IOException {
        List<CommittedOutputs.Example> columns = new ArrayList<>();
        outputs.examples()
                .forEach(
                        (corruption, examples) -> {
                            if (!corruption.isEmpty()) {
                                columns.addAll(examples);
                            }
                        });
        if (columns.isEmpty()) {
            columns.addAll(outputs.examples().getOrDefault("", List.of()));
        }
        if (columns.isEmpty()) {
            return;
        }
        new ImageGrid(SCALE)
                .row("clean", images(columns, CommittedOutputs.Example::clean))
                .row("corrupted", images(columns, CommittedOutputs.Example::corrupted))
                .row("purified", images(columns, CommittedOutputs.Example::purified))
                .write(folder.resolve(PURIFIED));
    }

    /** One line for each purified image, in the order of the feed. */
    void energies(CommittedOutputs outputs) throws IOException {
        StringBuilder csv =
                new StringBuilder(
                        "image,corruption,version,energy_before,energy_after,rank,z_score,calibrated,"
                                + "displacement,mse_sent,mse_purified,latency_ms\n");
        for (PurifiedRow row : outputs.rows()) {
            DensityReading reading = outputs.reading(row.place());
            csv.append(
                    String.format(
                            Locale.ROOT,
                            "%d,%s,%s,%.3f,%.3f,%s,%s,%s,%.4f,%.6f,%.6f,%d%n",
                            row.place(),
                            row.corruption().isEmpty() ? "none" : row.corruption(),
                            row.version(),
                            row.energyBefore(),
                            row.energyAfter(),
                            reading == null ? "" : number(reading.getRank()),
                            reading == null ? "" : number(reading.getZScore()),
                            reading == null || reading.getCalibratedEnergy() == null
                                    ? ""
                                    : number(reading.getCalibratedEnergy()),
                            row.displacement(),
                            row.mseSent(),
                            row.msePurified(),
                            row.latencyMillis()));
        }
        Files.writeString(folder.resolve(ENERGIES), csv, StandardCharsets.UTF_8);
    }

    Path folder() {
        return folder;
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }

    private static List<Image> images(
            List<CommittedOutputs.Example> examples,
            Function<CommittedOutputs.Example, Image> which) {
        return examples.stream().map(which).toList();
    }
}
