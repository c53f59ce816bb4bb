package io.ebmstream.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ebmstream.ops.classifier.ClassifierFile;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.ops.weights.ModelFile;
import io.ebmstream.ops.weights.NetworkSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluateCommandTest {
    private static final ImageShape SHAPE = new ImageShape(1, 16, 16);

    @TempDir Path dir;
    private Path images;

    @BeforeEach
    void write() throws Exception {
        images = LabelledIdx.write(dir, "test", 12, 12);
        NetworkSpec spec = new NetworkSpec("light32", 2, SHAPE);
        new ModelFile(
                        new ModelFile.Part(spec, Initializer.weights(spec.build(), 1)),
                        Map.of(),
                        LangevinConfig.of(1e-2, 1e-4),
                        5,
                        "",
                        new ModelVersion(0, 1),
                        1,
                        Map.of())
                .write(dir.resolve("model"));
        Network network = ClassifierFile.network("wrn-10-1", SHAPE, 2, 2);
        new ClassifierFile(network, 2, Initializer.weights(network, 3), Map.of())
                .write(dir.resolve("classifier.safetensors"));
    }

    private List<String> command(String what, String out, String... more) {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "evaluate",
                                what,
                                "--model=" + dir.resolve("model"),
                                "--classifier=" + dir,
                                "--images=" + images,
                                "--count=6",
                                "--offset=2",
                                "--replicates=2",
                                "--attack-replicates=1",
                                "--attack-steps=2",
                                "--radius=16/255",
                                "--precision=float32",
                                "--out=" + dir.resolve(out)));
        command.addAll(Arrays.asList(more));
        return command;
    }

    private static Cli.Outcome run(List<String> command) {
        return Cli.run(command.toArray(String[]::new));
    }

    @Test
    void reportsEveryAttack() throws Exception {
        String all =
                "--attacks=bare,purified,pgd,transfer,bpda,bpda-fixed,exact,exact-bpda,"
                        + "bare-square,square";
        List<String> command =
                command(
                        "robustness",
                        "report",
                        "--steps=3",
                        "--exact-steps=2",
                        "--queries=4",
                        "--submissions=2",
                        "--chunk=4",
                        all);
        Cli.Outcome first = run(command);
        assertThat(first.err()).doesNotContain("expected");
        assertThat(first.exit()).isEqualTo(ExitCode.OK);
        Path out = dir.resolve("report");
        JsonNode report = new ObjectMapper().readTree(out.resolve("report.json").toFile());
        assertThat(report.get("protocol").get("radius").asDouble()).isEqualTo(16.0 / 255);
        assertThat(report.get("protocol").get("model_sha256").asText()).hasSize(64);
        assertThat(report.get("trials")).hasSize(10);
        for (JsonNode trial : report.get("trials")) {
            assertThat(trial.get("images").asInt()).isEqualTo(6);
            boolean once =
                    List.of("bare", "pgd", "bpda-fixed", "bare-square")
                            .contains(trial.get("trial").asText());
            assertThat(trial.get("worst_of")).hasSize(once ? 1 : 2);
        }
        assertThat(out.resolve("curve.png")).isNotEmptyFile();
        assertThat(out.resolve("queries.png")).isNotEmptyFile();
        List<String> verdicts = Files.readAllLines(out.resolve("verdicts.csv"));
        assertThat(verdicts).hasSize(2 + 10 * 6);

        // a run that was cut off goes on and ends alike
        Files.write(out.resolve("verdicts.csv"), verdicts.subList(0, 40));
        command.add("--json");
        Cli.Outcome again = run(command);
        assertThat(again.exit()).isEqualTo(ExitCode.OK);
        assertThat(Files.readAllLines(out.resolve("verdicts.csv"))).containsAll(verdicts);
        assertThat(new ObjectMapper().readTree(again.out()).get("trials"))
                .isEqualTo(report.get("trials"));

        command.add("--seed=2");
        Cli.Outcome other = run(command);
        assertThat(other.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(other.err()).contains("use the same options, or another folder");
    }

    @Test
    void votesMayEndEarly() throws Exception {
        List<String> command =
                command(
                        "robustness",
                        "stopped",
                        "--steps=3",
                        "--stop-margin=1",
                        "--stop-round=2",
                        "--attacks=purified");
        command.set(command.indexOf("--replicates=2"), "--replicates=6");
        Cli.Outcome outcome = run(command);
        assertThat(outcome.exit()).as(outcome.err()).isEqualTo(ExitCode.OK);
        JsonNode report =
                new ObjectMapper().readTree(dir.resolve("stopped").resolve("report.json").toFile());
        assertThat(report.get("protocol").get("vote_stop_round").asInt()).isEqualTo(2);
        assertThat(report.get("trials").get(0).get("mean_replicates").asDouble())
                .isBetween(2.0, 5.9);
        assertThat(run(command("robustness", "never", "--stop-margin=0")).err())
                .contains("margin of votes above 0");
    }

    @Test
    void namesTheCheapestPurification() throws Exception {
        List<String> command =
                command(
                        "purification",
                        "search",
                        "--grid-eps=0.01,0.02",
                        "--grid-steps=2,6",
                        "--grid-stop=0,0.5",
                        "--stop-first=1",
                        "--stop-every=2");
        Cli.Outcome search = run(command);
        assertThat(search.exit()).as(search.err()).isEqualTo(ExitCode.OK);
        assertThat(search.out()).contains("best").contains("cheapest --eps");
        assertThat(Files.readAllLines(dir.resolve("search").resolve("search.csv"))).hasSize(9);
        JsonNode found =
                new ObjectMapper().readTree(dir.resolve("search").resolve("search.json").toFile());
        assertThat(found.get("cheapest_equal").get("robust").get("mean_steps").asDouble())
                .isBetween(1.0, 6.0);
        command.add("--json");
        assertThat(new ObjectMapper().readTree(run(command).out())).isEqualTo(found);
    }

    @Test
    void refusesWhatCannotWork() {
        Cli.Outcome attack = run(command("robustness", "none", "--attacks=magic"));
        assertThat(attack.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(attack.err()).contains("bpda").contains("magic");
        Cli.Outcome radius = run(command("robustness", "none", "--attack-step=8/x"));
        assertThat(radius.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(radius.err()).contains("8/255");
        Cli.Outcome count = run(command("robustness", "none", "--temperature=-1"));
        assertThat(count.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(count.err()).contains("temperature above 0");
    }
}
