package io.ebmstream.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ebmstream.job.config.ConfigReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EbmTest {
    @TempDir Path dir;

    @Test
    void helpSaysCommandsAndExitCodes() {
        Cli.Outcome help = Cli.run("--help");
        assertThat(help.exit()).isZero();
        assertThat(help.out())
                .contains("demo", "run", "feed", "watch", "config")
                .contains("Exit codes:", "bad usage or bad configuration")
                .contains("130");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "demo",
                "run",
                "feed",
                "watch",
                "bench",
                "describe",
                "precision",
                "presets",
                "presets show",
                "config",
                "train",
                "weights",
                "probe",
                "evaluate quality",
                "weights import",
                "weights export",
                "weights show",
                "weights fetch",
                "snapshots",
                "snapshots list",
                "snapshots show",
                "snapshots verify",
                "snapshots export",
                "snapshots import",
                "snapshots diff",
                "config explain",
                "config validate",
                "completion",
                "doctor",
                "train-classifier"
            })
    void everyCommandHasHelp(String command) {
        Cli.Outcome help = Cli.run((command + " --help").split(" "));
        assertThat(help.exit()).isZero();
        assertThat(help.out()).startsWith("Usage: ebm " + command).doesNotContain("Default: []");
    }

    @Test
    void helpOfTheDemoShowsItsDefaults() {
        assertThat(Cli.run("demo", "--help").out())
                .contains("--updates=N", "200 by default", "Default: ebm-demo", "Default: auto");
    }

    @Test
    void helpShowsHowSecretsAreNamed() {
        assertThat(Cli.run("watch", "--help").out())
                .contains("${env:NAME}", "${file:PATH:KEY}")
                .doesNotContain("null");
    }

    @Test
    void saysItsVersion() {
        assertThat(Cli.run("--version").out()).startsWith("ebm-stream ").contains("Java ");
    }

    @Test
    void printsTheReference() {
        assertThat(Cli.run("config").out()).isEqualTo(ConfigReference.markdown());
    }

    @Test
    void wrongUsageIsExitCodeTwoWithOneClearLine() {
        Cli.Outcome none = Cli.run();
        assertThat(none.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(none.err()).contains("expected a command").contains("ebm --help");
        Cli.Outcome unknown = Cli.run("dmo");
        assertThat(unknown.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(unknown.err()).contains("dmo").contains("Did you mean").contains("demo");
        Cli.Outcome kind = Cli.run("watch", "puriefied");
        assertThat(kind.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(kind.err()).contains("puriefied").contains("PURIFIED, DENSITY, SNAPSHOTS");
        Cli.Outcome both = Cli.run("demo", "--updates", "3", "--minutes", "1");
        assertThat(both.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(both.err()).contains("mutually exclusive");
    }

    @Test
    void whatCannotWorkFailsBeforeAnythingStarts() throws Exception {
        Cli.Outcome drift = Cli.run("demo", "--drift-images", dir.toString());
        assertThat(drift.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(drift.err()).contains("expected --drift with --drift-images");
        assertThat(Cli.run("demo", "--keep-board", "--no-board").err())
                .contains("expected a board with --keep-board, found --no-board");

        Cli.Outcome images = Cli.run("demo", "--images", dir.resolve("none").toString());
        assertThat(images.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(images.err()).contains("--images").contains("none").doesNotContain("\tat ");
        Path file = Files.writeString(dir.resolve("file"), "x");
        Cli.Outcome out = Cli.run("demo", "--out", file.resolve("sub").toString());
        assertThat(out.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(out.err()).contains("--out: expected a folder that can be written");
        Cli.Outcome zero = Cli.run("demo", "--updates", "0", "--out", dir.toString());
        assertThat(zero.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(zero.err()).contains("expected --updates of at least 1");
        Cli.Outcome option = Cli.run("demo", "--out", dir.toString(), "-D", "ebm.learner.bach=3");
        assertThat(option.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(option.err()).contains("did you mean ebm.learner.batch?");
        Cli.Outcome compute =
                Cli.run("demo", "--out", dir.toString(), "--executor=nd4j", "--precision=bf16");
        assertThat(compute.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(compute.err()).contains("use float32");
        Cli.Outcome share = Cli.run("feed", "--corrupt", "1.5");
        assertThat(share.exit()).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void measuresASmallNetwork() {
        Cli.Outcome bench =
                Cli.run(
                        "bench",
                        "--n",
                        "4",
                        "--size",
                        "16",
                        "--batch",
                        "8",
                        "--workers",
                        "1",
                        "--seconds",
                        "0.2",
                        "--executor",
                        "nd4j");
        assertThat(bench.exit()).isZero();
        assertThat(bench.out()).contains("img-steps/s").contains("nd4j");
        assertThat(Cli.run("bench", "--size", "30").exit()).isEqualTo(ExitCode.USAGE);
        Cli.Outcome network = Cli.run("bench", "--network", "resnet");
        assertThat(network.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(network.err()).contains("one of light32, sngan32").contains("found resnet");
        Cli.Outcome unknown = Cli.run("bench", "--executor", "abacus");
        assertThat(unknown.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(unknown.err()).contains("abacus").contains("onednn");
    }

    @Test
    void describesNetworks() throws Exception {
        Cli.Outcome all = Cli.run("describe");
        assertThat(all.exit()).isZero();
        assertThat(all.out()).contains("light32", "sngan128", "autoencoder-decoder", "wrn-28-10");
        Cli.Outcome one = Cli.run("describe", "--network", "sngan32");
        assertThat(one.exit()).isZero();
        assertThat(one.out())
                .contains("sngan32 (energy): 3x32x32 -> 1x1x1, batch 64, float32")
                .containsPattern("block1.conv0 +conv 3x3 +256x16x16 +590,080 +301.99 +16.00")
                .contains("4,204,800 (4,204,800 trainable)", "a Langevin step");
        JsonNode json =
                new ObjectMapper()
                        .readTree(
                                Cli.run(
                                                "describe",
                                                "--network=wrn-16-2",
                                                "--channels=1",
                                                "--size=28",
                                                "--width=2",
                                                "--batch=3",
                                                "--precision=bf16",
                                                "--json")
                                        .out());
        assertThat(json.get("network").asText()).isEqualTo("wrn-16-2");
        assertThat(json.get("width").asInt()).isEqualTo(2);
        assertThat(json.get("trainable_parameters").asInt())
                .isLessThan(json.get("parameters").asInt());
        assertThat(json.get("nodes").get(0).get("output").toString()).isEqualTo("[2,28,28]");
        assertThat(json.get("nodes").get(0).get("activation_bytes").asInt())
                .isEqualTo(3 * 2 * 2 * 28 * 28);
        assertThat(json.has("langevin_step_flops")).isFalse();
        refused("sngan32-generator", "--network=resnet");
        refused("multiple of 32", "--network=sngan64", "--size=48");
        refused("float32, tf32 or bf16", "--network=light32", "--precision=f16");
        refused("at least 1", "--network=light32", "--batch=0");
    }

    private static void refused(String message, String... options) {
        String[] line =
                Stream.concat(Stream.of("describe"), Stream.of(options)).toArray(String[]::new);
        Cli.Outcome outcome = Cli.run(line);
        assertThat(outcome.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(outcome.err()).contains(message);
    }

    @Test
    void everyErrorOfAConfigurationIsALine() throws Exception {
        Path file =
                Files.writeString(
                        dir.resolve("job.yaml"),
                        "ebm: {model: {width: none}, purifer: {steps: 1}}");
        Cli.Outcome outcome =
                Cli.run("run", "--config", file.toString(), "-D", "ebm.learner.batch=0");
        assertThat(outcome.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(outcome.err().lines())
                .hasSize(3)
                .allMatch(line -> line.startsWith("ebm run: ebm."));
    }

    @Test
    void checksAConfigurationWithoutRunningIt() throws Exception {
        Path file = Files.writeString(dir.resolve("job.yaml"), "ebm.model.width: 8");
        Cli.Outcome outcome = Cli.run("run", "--config", file.toString(), "--check");
        assertThat(outcome.exit()).isZero();
        assertThat(outcome.out()).contains("model default (light32").contains("ebm.images");
    }

    @Test
    void runFailsFastWithoutABroker() {
        Cli.Outcome outcome =
                Cli.run(
                        "run",
                        "-D",
                        "ebm.kafka.bootstrap=127.0.0.1:1",
                        "-D",
                        "kafka.default.api.timeout.ms=1000",
                        "-D",
                        "kafka.request.timeout.ms=500");
        assertThat(outcome.exit()).isEqualTo(ExitCode.FAILED);
        assertThat(outcome.err()).contains("expected a Kafka broker at 127.0.0.1:1");
    }

    @Test
    void aBrokerThatIsNotThereIsAFailureOfOneLine() {
        Cli.Outcome outcome =
                Cli.run(
                        "watch",
                        "alarms",
                        "--bootstrap",
                        "127.0.0.1:1",
                        "--limit",
                        "1",
                        "--kafka",
                        "default.api.timeout.ms=1000",
                        "--kafka",
                        "request.timeout.ms=500");
        assertThat(outcome.exit()).isEqualTo(ExitCode.FAILED);
        assertThat(outcome.err().lines().filter(l -> l.startsWith("ebm watch: "))).hasSize(1);
        assertThat(outcome.err()).contains("127.0.0.1:1").contains("--bootstrap");
    }

    @Test
    void anOrderThatMakesNoSenseIsBadUsageBeforeAnythingIsSent() {
        assertThat(Cli.run("control", "pin").err()).contains("a version after it").contains("0.12");
        assertThat(Cli.run("control", "pin", "12").err()).contains("found 12");
        assertThat(Cli.run("control", "pause", "1").err()).contains("nothing after it");
        assertThat(Cli.run("control", "steps", "many").err()).contains("found many");
        assertThat(Cli.run("control", "roll-back", "0.1", "--wait=-1").exit())
                .isEqualTo(ExitCode.USAGE);
        assertThat(Cli.run("control", "stop").exit()).isEqualTo(ExitCode.USAGE);
    }
}
