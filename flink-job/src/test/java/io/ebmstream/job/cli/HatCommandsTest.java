package io.ebmstream.job.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.hat.AutoencoderFile;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.ops.weights.ModelFile;
import io.ebmstream.ops.weights.NetworkSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code train-autoencoder} and {@code refine}. */
class HatCommandsTest {
    private static final ImageShape SHAPE = new ImageShape(1, 32, 32);

    @TempDir Path dir;
    private Path images;
    private Path model;

    @BeforeEach
    void writeImagesAndModel() throws IOException {
        images = LabelledIdx.write(dir, "train", 40, 12);
        NetworkSpec energy = new NetworkSpec("light32", 2, SHAPE);
        model =
                new ModelFile(
                                new ModelFile.Part(energy, Initializer.weights(energy.build(), 1)),
                                Map.of(),
                                LangevinConfig.of(1e-2, 1e-4),
                                5,
                                "",
                                ModelVersion.INITIAL,
                                1,
                                Map.of())
                        .write(dir.resolve("model"));
    }

    private Cli.Outcome autoencoder(String out, String... more) {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "train-autoencoder",
                                "--images=" + images,
                                "--n=2",
                                "--batch=8",
                                "--learning-rate=1e-3",
                                "--precision=float32",
                                "--checkpoint-every=2",
                                "--out=" + dir.resolve(out)));
        command.addAll(List.of(more));
        return Cli.run(command.toArray(String[]::new));
    }

    private Cli.Outcome refine(String out, String... more) {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "refine",
                                "--model=" + model,
                                "--batch=6",
                                "--precision=float32",
                                "--out=" + dir.resolve(out)));
        command.addAll(List.of(more));
        return Cli.run(command.toArray(String[]::new));
    }

    private JsonNode report(String out) throws IOException {
        return new ObjectMapper().readTree(dir.resolve(out).resolve("report.json").toFile());
    }

    @Test
    void trainsAnAutoencoderAndRefinesWithItsDecoder() throws Exception {
        Cli.Outcome trained = autoencoder("ae", "--pad=32", "--held-out=8", "--epochs=1");
        assertThat(trained.err()).contains("steps 4/4");
        assertThat(trained.exit()).isEqualTo(ExitCode.OK);
        assertThat(trained.out()).contains("held-out reconstruction (8 images): mse");
        assertThat(report("ae").at("/heldOut/ssim").asDouble()).isBetween(-1.0, 1.0);
        assertThat(dir.resolve("ae/reconstructions.png")).isNotEmptyFile();
        assertThat(autoencoder("ae", "--pad=32", "--held-out=8", "--epochs=1").err())
                .contains("--resume");
        assertThat(autoencoder("ae", "--pad=32", "--held-out=8", "--epochs=2", "--resume").err())
                .contains("steps=8");
        String[] again = {"--pad=32", "--held-out=8", "--epochs=1", "--resume", "--json"};
        Cli.Outcome resumed = autoencoder("ae", again);
        assertThat(resumed.exit()).isEqualTo(ExitCode.OK);
        assertThat(new ObjectMapper().readTree(resumed.out())).isEqualTo(report("ae"));

        Cli.Outcome refined =
                refine(
                        "refined",
                        "--count=10",
                        "--steps=3",
                        "--generator=" + dir.resolve("ae").resolve(AutoencoderFile.NAME),
                        "--preset=hat-retrofit",
                        "--images=" + images);
        assertThat(refined.err()).contains("steps 30/30");
        assertThat(refined.exit()).isEqualTo(ExitCode.OK);
        assertThat(refined.out()).contains("10 samples").contains("MMD from held-out images");
        JsonNode report = report("refined");
        assertThat(report.at("/result/displacement").asDouble()).isPositive();
        assertThat(report.at("/tauRes").asDouble()).isCloseTo(50, within(1e-9));
        assertThat(report.at("/temperature").asDouble()).isEqualTo(1e-4);
        assertThat(Files.readAllLines(dir.resolve("refined/samples.csv"))).hasSize(11);
        assertThat(dir.resolve("refined/before.png")).isNotEmptyFile();
        assertThat(dir.resolve("refined/after.png")).isNotEmptyFile();

        // without steps nothing moves
        String ae = "--generator=" + dir.resolve("ae");
        Cli.Outcome still = refine("still", "--count=3", ae, "--steps=0", "--json");
        assertThat(new ObjectMapper().readTree(still.out())).isEqualTo(report("still"));
        assertThat(report("still").at("/result/displacement").asDouble()).isZero();
        assertThat(Files.readAllBytes(dir.resolve("still/before.png")))
                .isEqualTo(Files.readAllBytes(dir.resolve("still/after.png")));
    }

    @Test
    void anInterruptedRefinementGoesOnWithTheSameBits() throws Exception {
        autoencoder("ae", "--pad=32", "--held-out=8", "--epochs=1");
        String[] more = {"--count=14", "--steps=3", "--generator=" + dir.resolve("ae")};
        assertThat(refine("whole", more).exit()).isEqualTo(ExitCode.OK);
        assertThat(dir.resolve("whole/progress")).doesNotExist();

        // all refined, but the report cannot be written: what was done is kept
        Path report = Files.createDirectories(dir.resolve("cut/report.json"));
        assertThat(refine("cut", more).exit()).isEqualTo(ExitCode.FAILED);
        Files.delete(report);
        assertThat(refine("cut", "--count=14", "--steps=4", more[2]).err())
                .contains("use the same options, or another --out");
        Files.delete(dir.resolve("cut/progress/samples-6.bin"));
        assertThat(dir.resolve("cut/progress/samples-12.bin")).exists();
        Cli.Outcome resumed = refine("cut", more);
        assertThat(resumed.exit()).as(resumed.err()).isEqualTo(ExitCode.OK);
        for (String name : List.of("samples.csv", "before.png", "after.png")) {
            assertThat(dir.resolve("cut").resolve(name))
                    .hasSameBinaryContentAs(dir.resolve("whole").resolve(name));
        }
        assertThat(report("cut").get("result")).isEqualTo(report("whole").get("result"));
        assertThat(dir.resolve("cut/progress")).doesNotExist();
    }

    @Test
    void saysWhatIsWrong() {
        assertThat(refine("x").err()).contains("expected a generator in");
        assertThat(refine("x", "--generator=" + dir.resolve("none")).err())
                .contains("found none at");
        assertThat(refine("x", "--count=0").err()).contains("--count and --batch of at least 1");
        assertThat(autoencoder("x", "--pad=32", "--held-out=40").err())
                .contains("--held-out from 1");
        assertThat(autoencoder("x", "--pad=28", "--held-out=8").err()).contains("pad or scale");
    }
}
