package io.ebmstream.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ebmstream.job.broker.EmbeddedBroker;
import io.ebmstream.job.snapshot.ManifestJson;
import io.ebmstream.job.snapshot.ModelSnapshot;
import io.ebmstream.job.snapshot.SnapshotModels;
import io.ebmstream.job.snapshot.SnapshotPublisher;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.ops.weights.ModelFile;
import io.ebmstream.ops.weights.NetworkSpec;
import io.ebmstream.schemas.avro.SnapshotChunk;
import io.ebmstream.schemas.snapshot.PackedSnapshot;
import io.ebmstream.schemas.snapshot.Snapshot;
import io.ebmstream.schemas.snapshot.SnapshotReader;
import io.ebmstream.schemas.snapshot.SnapshotTopics;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import javax.imageio.ImageIO;
import org.assertj.core.data.Offset;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Versions in Kafka from the command line: in, listed, shown, checked, compared and out again. */
@Timeout(120)
class SnapshotsITCase {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ImageShape SHAPE = new ImageShape(1, 16, 16);
    private static final NetworkSpec ENERGY = new NetworkSpec("light32", 2, SHAPE);

    private static EmbeddedBroker broker;

    @TempDir Path dir;

    @BeforeAll
    static void start() {
        broker = EmbeddedBroker.start();
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    private static Cli.Outcome snapshots(String command, String model, String... more) {
        List<String> args = new ArrayList<>(List.of("snapshots", command));
        args.add("--bootstrap=" + broker.bootstrapServers());
        args.add("--stream-model=" + model);
        args.addAll(List.of(more));
        return Cli.run(args.toArray(new String[0]));
    }

    private static JsonNode json(Cli.Outcome outcome) throws Exception {
        assertThat(outcome.exit()).as(outcome.err()).isZero();
        return JSON.readTree(outcome.out());
    }

    private static ModelFile model(long seed, double stepSize) {
        return new ModelFile(
                new ModelFile.Part(ENERGY, Initializer.weights(ENERGY.build(), seed)),
                Map.of(),
                new LangevinConfig(stepSize, 1e-4, 0, 0),
                30,
                "",
                new ModelVersion(0, 12),
                345,
                Map.of("images", "made up"));
    }

    private Path written(String name, long seed, double stepSize) throws Exception {
        return model(seed, stepSize).write(dir.resolve(name));
    }

    private Cli.Outcome importing(String name, Path model, String... more) {
        List<String> args = new ArrayList<>(List.of("--model=" + model, "--create-topics"));
        args.addAll(List.of(more));
        return snapshots("import", name, args.toArray(new String[0]));
    }

    @Test
    void aModelGoesInAndComesOutAsItWas() throws Exception {
        Path first = written("first", 3, 0.01);
        JsonNode in = json(importing("round", first, "--json"));
        assertThat(in.path("version").asText()).isEqualTo("0.12");

        JsonNode list = json(snapshots("list", "round", "--json"));
        assertThat(list).hasSize(1);
        assertThat(list.get(0).path("version").asText()).isEqualTo("0.12");
        assertThat(list.get(0).path("updates").asLong()).isEqualTo(345);
        assertThat(list.get(0).path("network").asText()).isEqualTo("light32");
        assertThat(list.get(0).path("sha256")).isEqualTo(in.path("sha256"));
        assertThat(snapshots("list", "round").out()).contains("version", "0.12", "345");

        Path out = dir.resolve("out");
        Path grid = dir.resolve("grids/samples.png");
        Cli.Outcome export =
                snapshots(
                        "export",
                        "round",
                        "--out=" + out,
                        "--grid=" + grid,
                        "--grid-chains=4",
                        "--grid-steps=3",
                        "--executor=reference",
                        "--json");
        JsonNode exported = json(export);
        assertThat(exported.path("sha256")).isEqualTo(in.path("sha256"));
        assertThat(exported.path("grid").path("steps").asInt()).isEqualTo(3);
        // 2 by 2 chains of 16 pixels at scale 2, with margins
        assertThat(ImageIO.read(grid.toFile()).getWidth()).isGreaterThanOrEqualTo(64);
        ModelFile back = ModelFile.read(out);
        assertThat(back.energy().weights()).isEqualTo(model(3, 0.01).energy().weights());
        assertThat(back.version()).isEqualTo(new ModelVersion(0, 12));
        assertThat(back.langevin()).isEqualTo(model(3, 0.01).langevin());
        assertThat(back.steps()).isEqualTo(30);
        assertThat(back.updates()).isEqualTo(345);
        JsonNode manifest = JSON.readTree(out.resolve(ManifestJson.NAME).toFile());
        assertThat(manifest.path("provenance").path("hyperparameters").path("images").asText())
                .isEqualTo("made up");
        assertThat(json(snapshots("show", "round", "--json"))).isEqualTo(manifest);

        // again, at another place, with the provenance that was exported
        JsonNode again = json(importing("elsewhere", out, "--json"));
        assertThat(again.path("sha256")).isEqualTo(in.path("sha256"));
        try (SnapshotReader reader = SnapshotReader.open(broker.bootstrapServers(), "elsewhere")) {
            Snapshot there = reader.latest().orElseThrow();
            assertThat(there.manifest().getProvenance().getHyperparameters())
                    .containsEntry("images", "made up")
                    .containsEntry("imported.version", "0.12");
            assertThat(SnapshotModels.of(there).energy().weights())
                    .isEqualTo(back.energy().weights());
        }
    }

    @Test
    void chainsOfAPictureFollowThePriorToo() throws Exception {
        ModelFile alone = model(3, 0.01);
        float[] weights = Initializer.weights(ENERGY.build(), 4);
        Path both =
                alone.with(ModelFile.PRIOR, new ModelFile.Part(ENERGY, weights))
                        .write(dir.resolve("both"));
        importing("alone", alone.write(dir.resolve("alone")));
        importing("both", both);
        JsonNode without = grid("alone");
        JsonNode with = grid("both");
        // the same first images, the prior's energy on top
        assertThat(with.path("mean_energy_first").asDouble())
                .isNotEqualTo(without.path("mean_energy_first").asDouble());
        assertThat(Files.readAllBytes(dir.resolve("both.png")))
                .isNotEqualTo(Files.readAllBytes(dir.resolve("alone.png")));
    }

    private JsonNode grid(String model) throws Exception {
        return json(snapshots(
                        "export",
                        model,
                        "--out=" + dir.resolve(model + "-out"),
                        "--grid=" + dir.resolve(model + ".png"),
                        "--grid-chains=4",
                        "--grid-steps=3",
                        "--executor=reference",
                        "--json"))
                .path("grid");
    }

    @Test
    void showSaysWhatAVersionIs() throws Exception {
        importing("shown", written("model", 4, 0.02));
        Cli.Outcome show = snapshots("show", "shown", "0.12");
        assertThat(show.exit()).as(show.err()).isZero();
        assertThat(show.out())
                .contains("version        0.12", "345 updates", "light32", "step size 0.02")
                .contains("30 steps", "images", "made up", "conv0.weight", "[2, 1, 3, 3]");
    }

    @Test
    void anImportIsTheNextEpochUnlessItIsTold() throws Exception {
        Path path = written("model", 5, 0.01);
        importing("epochs", path);
        assertThat(json(importing("epochs", path, "--json")).path("version").asText())
                .isEqualTo("1.0");
        assertThat(json(importing("epochs", path, "--as=1.7", "--json")).path("version").asText())
                .isEqualTo("1.7");
        Cli.Outcome below = importing("epochs", path, "--as=1.7");
        assertThat(below.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(below.err()).contains("expected a version above 1.7").contains("found 1.7");
        assertThat(json(snapshots("list", "epochs", "--last=2", "--json"))).hasSize(2);
    }

    @Test
    void diffSaysHowFarAndWhat() throws Exception {
        importing("moved", written("a", 6, 0.01));
        importing("moved", written("b", 7, 0.03));
        importing("moved", written("c", 6, 0.01));
        JsonNode diff = json(snapshots("diff", "moved", "0.12", "1.0", "--json"));
        JsonNode all = diff.path("tensors").get(diff.path("tensors").size() - 1);
        assertThat(all.path("tensor").asText()).isEqualTo("all");
        float[] a = model(6, 0.01).energy().weights();
        float[] b = model(7, 0.03).energy().weights();
        double square = 0;
        double dot = 0;
        for (int i = 0; i < a.length; i++) {
            square += Math.pow((double) b[i] - a[i], 2);
            dot += (double) b[i] * a[i];
        }
        // both are sums in double precision over the same numbers, in another order
        assertThat(all.path("difference").asDouble())
                .isCloseTo(Math.sqrt(square), Percentage.withPercentage(1e-6));
        assertThat(all.path("cosine").asDouble())
                .isCloseTo(
                        dot / all.path("norm_from").asDouble() / all.path("norm_to").asDouble(),
                        Offset.offset(1e-9));
        assertThat(all.path("values").asInt()).isEqualTo(a.length);
        assertThat(diff.path("settings").path("learner.stepSize"))
                .isEqualTo(JSON.readTree("[\"0.01\", \"0.03\"]"));

        JsonNode same = json(snapshots("diff", "moved", "0.12", "--json"));
        assertThat(same.path("to").asText()).isEqualTo("2.0");
        assertThat(same.path("tensors"))
                .allSatisfy(
                        tensor -> {
                            assertThat(tensor.path("difference").asDouble()).isZero();
                            assertThat(tensor.path("largest").asDouble()).isZero();
                        });
        assertThat(snapshots("diff", "moved", "0.12").out())
                .contains("conv0.weight", "cosine", "settings, software and device are the same");
    }

    @Test
    void verifyNamesTheBrokenChunk() throws Exception {
        Path path = written("model", 8, 0.01);
        importing("broken", path);
        Cli.Outcome right = snapshots("verify", "broken");
        assertThat(right.exit()).as(right.err()).isZero();
        assertThat(right.out()).startsWith("0.12").contains("ok", "bytes in 1 chunks");

        publishDamaged(new ModelVersion(1, 0));
        importing("broken", path);
        Cli.Outcome damaged = snapshots("verify", "broken", "--json");
        assertThat(damaged.exit()).isEqualTo(ExitCode.FAILED);
        JsonNode results = JSON.readTree(damaged.out());
        assertThat(results).hasSize(3);
        assertThat(results.get(0).path("whole").asBoolean()).isTrue();
        assertThat(results.get(1).path("whole").asBoolean()).isFalse();
        assertThat(results.get(1).path("reason").asText()).isEqualTo("corrupt");
        assertThat(results.get(1).path("message").asText()).contains("chunk 0: expected");
        assertThat(results.get(2).path("whole").asBoolean()).isTrue();
        assertThat(snapshots("verify", "broken", "0.12", "2.0").exit()).isZero();
        Cli.Outcome one = snapshots("export", "broken", "1.0", "--out=" + dir.resolve("none"));
        assertThat(one.exit()).isEqualTo(ExitCode.FAILED);
        assertThat(one.err()).contains("chunk 0: expected");
        assertThat(dir.resolve("none")).doesNotExist();
    }

    /** Publishes a version of which one bit is not what its manifest says. */
    private static void publishDamaged(ModelVersion version) {
        PackedSnapshot packed = ModelSnapshot.of(model(8, 0.01), "broken", version, null);
        SnapshotChunk chunk = packed.chunks().get(0);
        byte[] data = new byte[chunk.getData().remaining()];
        chunk.getData().duplicate().get(data);
        data[7] ^= 4;
        chunk.setData(ByteBuffer.wrap(data));
        Properties kafka = new Properties();
        kafka.setProperty("bootstrap.servers", broker.bootstrapServers());
        SnapshotPublisher.publish(kafka, SnapshotTopics.DEFAULT, packed);
    }

    @Test
    void whatCannotWorkIsSaidClearly() throws Exception {
        importing("there", written("model", 9, 0.01));
        Cli.Outcome none = snapshots("show", "absent");
        assertThat(none.exit()).isEqualTo(ExitCode.FAILED);
        assertThat(none.err()).contains("expected a version of model absent", "there");
        Cli.Outcome version = snapshots("show", "there", "0.99");
        assertThat(version.exit()).isEqualTo(ExitCode.FAILED);
        assertThat(version.err()).contains("expected snapshot there/0/99, found there/0/12");
        Cli.Outcome text = snapshots("show", "there", "latest");
        assertThat(text.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(text.err()).contains("expected a version such as 0.12").contains("latest");
        Cli.Outcome name = snapshots("list", "a/b");
        assertThat(name.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(name.err()).contains("--stream-model").contains("a/b");
        Cli.Outcome topic = snapshots("list", "there", "--manifests=nowhere");
        assertThat(topic.exit()).isEqualTo(ExitCode.FAILED);
        assertThat(topic.err()).contains("nowhere");
        Cli.Outcome file = importing("there", dir.resolve("nothing"));
        assertThat(file.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(file.err()).contains("--model: expected a model file");
        Path other = Files.writeString(dir.resolve("other.json"), "{\"sha256\": \"abc\"}");
        Cli.Outcome manifest = importing("there", dir.resolve("model"), "--manifest=" + other);
        assertThat(manifest.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(json(snapshots("list", "there", "--json"))).hasSize(1);
        assertThat(json(snapshots("list", "absent", "--json"))).isEmpty();
        Cli.Outcome noCommand = Cli.run("snapshots");
        assertThat(noCommand.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(noCommand.err()).contains("expected list, show, verify");
    }
}
