package io.ebmstream.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.ops.training.Training;
import io.ebmstream.ops.weights.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainCommandTest {
    @TempDir Path dir;
    private Path images;

    @BeforeEach
    void writeImages() throws IOException {
        images = LabelledIdx.write(dir, "train", 40, 12);
    }

    private Cli.Outcome train(String out, String... more) {
        return train(16, out, more);
    }

    private Cli.Outcome train(int pad, String out, String... more) {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "train",
                                "--images=" + images,
                                "--pad=" + pad,
                                "--limit=30",
                                "--network=light32",
                                "--n=2",
                                "--steps=3",
                                "--batch=6",
                                "--bank=12",
                                "--precision=float32",
                                "--checkpoint-every=4",
                                "--out=" + dir.resolve(out)));
        command.addAll(List.of(more));
        return Cli.run(command.toArray(String[]::new));
    }

    private List<String> rows(String out) throws IOException {
        return Files.readAllLines(dir.resolve(out).resolve(Training.COURSE)).stream()
                .map(row -> row.substring(0, row.lastIndexOf(',')))
                .toList();
    }

    @Test
    void trainsAndGoesOn() throws Exception {
        Cli.Outcome whole = train("whole", "--updates=10", "--workers=2");
        assertThat(whole.err()).contains("updates 10/10");
        assertThat(whole.exit()).isEqualTo(ExitCode.OK);
        assertThat(whole.out()).contains("trained after 10 updates");
        assertThat(train("parts", "--updates=3").exit()).isEqualTo(ExitCode.OK);
        Cli.Outcome again = train("parts", "--updates=10");
        assertThat(again.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(again.err()).contains("--resume");
        Cli.Outcome other = train("parts", "--updates=10", "--resume", "--step-size=0.02");
        assertThat(other.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(other.err()).contains("langevin (began with").contains("dataNoise (began with");
        Cli.Outcome last = train("parts", "--updates=10", "--resume", "--json");
        assertThat(last.exit()).isEqualTo(ExitCode.OK);
        JsonNode json = new ObjectMapper().readTree(last.out());
        assertThat(json.get("state").asText()).isEqualTo("trained");
        assertThat(json.get("updates").asInt()).isEqualTo(10);
        assertThat(Path.of(json.get("model").asText())).exists();
        assertThat(json.get("rho").asDouble()).isPositive();
        assertThat(rows("parts")).isEqualTo(rows("whole")).hasSize(11);
        assertThat(train("none", "--updates=1", "--resume").err()).contains("found none");
    }

    @Test
    void beginsWithTheWeightsOfAModel() throws Exception {
        assertThat(train("first", "--updates=2").exit()).isEqualTo(ExitCode.OK);
        // at this rate weights stay where they began
        Cli.Outcome second =
                train(
                        "second",
                        "--updates=1",
                        "--learning-rate=1e-12",
                        "--from-snapshot=" + dir.resolve("first"));
        assertThat(second.err()).contains("updates 1/1");
        ModelFile first = ModelFile.read(dir.resolve("first"));
        ModelFile model = ModelFile.read(dir.resolve("second"));
        assertThat(model.version()).isEqualTo(new ModelVersion(0, 2));
        assertThat(model.notes()).containsEntry("initial_weights", first.hash());
        float[] expected = first.energy().weights();
        for (int i = 0; i < expected.length; i++) {
            assertThat(model.energy().weights()[i])
                    .isCloseTo(expected[i], org.assertj.core.api.Assertions.within(1e-6f));
        }
        Cli.Outcome wrong =
                train("third", "--updates=1", "--n=4", "--from-snapshot=" + dir.resolve("first"));
        assertThat(wrong.exit()).isEqualTo(ExitCode.USAGE);
    }

    /** A generator that learned goes on learning, and is what presets that need one are given. */
    @Test
    void goesOnWithTheSnapshotsGenerator() throws Exception {
        String[] small = {"--preset=shortrun", "--updates=1", "--generator-n=2"};
        assertThat(train(32, "coop", small).exit()).isEqualTo(ExitCode.OK);
        Path coop = dir.resolve("coop");
        ModelFile.Part first = ModelFile.read(coop).other(ModelFile.GENERATOR);

        String from = "--from-snapshot=" + coop;
        assertThat(train(32, "more", "--preset=shortrun", "--updates=1", from).exit())
                .isEqualTo(ExitCode.OK);
        ModelFile.Part second = ModelFile.read(dir.resolve("more")).other(ModelFile.GENERATOR);
        assertThat(second.spec()).isEqualTo(first.spec());
        float[] before = first.weights();
        float[] after = second.weights();
        int near = 0;
        for (int i = 0; i < before.length; i++) {
            // one step of Adam; random weights would lie anywhere
            near += Math.abs(after[i] - before[i]) < 2e-4 ? 1 : 0;
        }
        assertThat(near).isGreaterThan(9 * before.length / 10);
        assertThat(after).isNotEqualTo(before);

        assertThat(train(32, "hat", "--preset=hat-refine", "--updates=1", from).exit())
                .isEqualTo(ExitCode.OK);
        assertThat(ModelFile.read(dir.resolve("hat")).other(ModelFile.GENERATOR).weights())
                .isEqualTo(before);
        Cli.Outcome none = train(32, "none", "--preset=hat-refine", "--updates=1");
        assertThat(none.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(none.err()).contains("expected --generator and no --prior, found none");
        String hat = "--from-snapshot=" + dir.resolve("hat");
        Cli.Outcome prior = train(32, "none", "--preset=longrun", "--updates=1", hat);
        assertThat(prior.err()).contains("; the snapshot has [generator]");
        Cli.Outcome needless = train(32, "none", "--updates=1", "--generator=" + coop);
        assertThat(needless.err()).contains("expected no --generator and no --prior");
    }

    @Test
    void saysWhatIsWrong() {
        assertThat(train("x", "--updates=0").err()).contains("--updates of at least 1");
        assertThat(train("x", "--updates=1", "--preset=shortest").exit()).isEqualTo(ExitCode.USAGE);
        assertThat(train("x", "--updates=1", "--from-snapshot=" + dir).exit())
                .isNotEqualTo(ExitCode.OK);
        assertThat(train("x", "--updates=1", "--rejuvenation=2").err())
                .contains("probability in [0, 1]");
    }
}
