package io.ebmstream.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.job.compute.FloatBytes;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.weights.ModelFile;
import io.ebmstream.ops.weights.NetworkSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightsCommandTest {
    private static final NetworkSpec ENERGY =
            new NetworkSpec("light32", 2, new ImageShape(1, 32, 32));
    private static final NetworkSpec GENERATOR =
            new NetworkSpec("sngan32-generator", 1, new ImageShape(1, 32, 32));

    @TempDir Path dir;

    private Cli.Outcome importing(NetworkSpec spec, Path file, String... more) {
        String[] command = new String[7 + more.length];
        command[0] = "weights";
        command[1] = "import";
        command[2] = "--weights=" + file;
        command[3] = "--network=" + spec.network();
        command[4] = "--n=" + spec.width();
        command[5] = "--shape=" + spec.image();
        command[6] = "--out=" + dir.resolve("model");
        System.arraycopy(more, 0, command, 7, more.length);
        return Cli.run(command);
    }

    @Test
    void weightsGoInAndOutOfAModel() throws Exception {
        float[] weights = Initializer.weights(ENERGY.build(), 3);
        Path plain = dir.resolve("ema.f32");
        Files.write(plain, FloatBytes.toBytes(weights));
        Cli.Outcome in =
                importing(
                        ENERGY,
                        plain,
                        "--step-size=0.02",
                        "--steps=40",
                        "--preset=midrun-data",
                        "--updates=123",
                        "--note=images=made up");
        assertThat(in.err()).isEmpty();
        assertThat(in.exit()).isZero();
        ModelFile model = ModelFile.read(dir.resolve("model"));
        assertThat(model.energy().weights()).isEqualTo(weights);
        assertThat(model.langevin().stepSize()).isEqualTo(0.02);
        assertThat(model.updates()).isEqualTo(123);
        assertThat(model.notes()).containsEntry("images", "made up");
        for (String file : new String[] {"out.safetensors", "out.f32"}) {
            for (String layout : new String[] {"pytorch", "tensorflow"}) {
                Cli.Outcome export =
                        Cli.run(
                                "weights",
                                "export",
                                "--model=" + dir.resolve("model"),
                                "--layout=" + layout,
                                "--out=" + dir.resolve(file));
                assertThat(export.exit()).isZero();
                assertThat(importing(ENERGY, dir.resolve(file), "--layout=" + layout).exit())
                        .isZero();
                assertThat(ModelFile.read(dir.resolve("model")).energy().weights())
                        .isEqualTo(weights);
            }
        }
        Cli.Outcome json =
                Cli.run(
                        "weights",
                        "export",
                        "--model=" + dir.resolve("model"),
                        "--out=" + dir.resolve("out.f32"),
                        "--json");
        assertThat(json.out()).contains("\"network\" : \"light32\"", "\"bytes\" : ");
        assertThat(importing(ENERGY, plain, "--json").out()).contains("\"role\" : \"energy\"");
        assertThat(Cli.run("weights", "show", "--model=" + dir.resolve("model")).out())
                .contains("\"energy.network\" : \"light32\"", "\"sha256\" : ");
    }

    @Test
    void aGeneratorJoinsTheModel() throws Exception {
        Path energy = dir.resolve("energy.f32");
        Path generator = dir.resolve("generator.f32");
        float[] weights = Initializer.weights(GENERATOR.build(), 3);
        Files.write(energy, FloatBytes.toBytes(Initializer.weights(ENERGY.build(), 3)));
        Files.write(generator, FloatBytes.toBytes(weights));
        assertThat(importing(ENERGY, energy).exit()).isZero();
        assertThat(importing(GENERATOR, generator, "--role=generator").exit()).isZero();
        assertThat(ModelFile.read(dir.resolve("model")).other(ModelFile.GENERATOR).weights())
                .isEqualTo(weights);
        Cli.Outcome tensorflow =
                Cli.run(
                        "weights",
                        "export",
                        "--model=" + dir.resolve("model"),
                        "--role=generator",
                        "--layout=tensorflow",
                        "--out=" + dir.resolve("g.safetensors"));
        assertThat(tensorflow.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(tensorflow.err()).contains("use the layout pytorch");
    }

    @Test
    void saysWhatIsWrong() throws Exception {
        Path plain = dir.resolve("ema.f32");
        Files.write(plain, new byte[12]);
        assertThat(importing(ENERGY, plain).err()).contains("weights for").contains("found 3");
        assertThat(importing(ENERGY, plain, "--role=teacher").err()).contains("found teacher");
        assertThat(importing(GENERATOR, plain).err()).contains("no energy network");
        assertThat(Cli.run("weights").exit()).isEqualTo(ExitCode.USAGE);
    }
}
