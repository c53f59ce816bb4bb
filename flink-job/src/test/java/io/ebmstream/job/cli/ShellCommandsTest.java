package io.ebmstream.job.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ebmstream.job.config.ConfigReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.logging.log4j.LogManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What makes the command line pleasant: completion, colours, log files, explained options. */
class ShellCommandsTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir Path dir;

    @AfterEach
    void noLogFile() {
        Logging.closeFile();
    }

    private String run(Map<String, String> environment, String... command) throws Exception {
        Path out = dir.resolve("out.txt");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile());
        builder.environment().keySet().removeAll(List.of("NO_COLOR", "EBM_LOG_FILE"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        return Files.readString(out);
    }

    private String ebm(Map<String, String> environment, String... args) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xshare:auto", "-cp"));
        command.add(System.getProperty("java.class.path"));
        command.add(Ebm.class.getName());
        command.addAll(List.of(args));
        return run(environment, command.toArray(new String[0]));
    }

    @Test
    void bashCompletesCommandsAndOptions() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "no bash here");
        Cli.Outcome script = Cli.run("completion", "bash");
        assertThat(script.exit()).isZero();
        Path file = Files.writeString(dir.resolve("ebm_completion"), script.out());
        assertThat(run(Map.of(), "/bin/bash", "-n", file.toString())).isEmpty();
        assertThat(completed(file, "snapsh")).isEqualTo("snapshots");
        assertThat(completed(file, "snapshots", "exp")).isEqualTo("export");
        assertThat(completed(file, "snapshots", "list", "--boot")).contains("--bootstrap");
        assertThat(completed(file, "completion", "z")).isEqualTo("zsh");
        assertThat(Cli.run("completion", "zsh").out()).isEqualTo(script.out()).contains("compinit");
        Cli.Outcome fish = Cli.run("completion", "fish");
        assertThat(fish.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(fish.err()).contains("fish").contains("[BASH, ZSH]");
    }

    /** A terminal of its own, in which somebody types and presses the tabulator. */
    @Test
    void zshCompletesCommandsAndOptions() throws Exception {
        Path zsh = Path.of("/bin/zsh");
        assumeTrue(Files.isExecutable(zsh), "skipped: no zsh here");
        Path file =
                Files.writeString(dir.resolve("completion"), Cli.run("completion", "zsh").out());
        Path script =
                Files.writeString(
                        dir.resolve("type.zsh"),
                        String.join(
                                "\n",
                                "zmodload zsh/zpty",
                                "zpty z 'TERM=dumb zsh -f -i'",
                                // reading waits for the pattern; the echo must not match it
                                "zpty -w z 'source " + file + "; print lo\"\"aded'",
                                "zpty -r z out '*loaded*'",
                                "zpty -n -w z $'./ebm snapsh\\t'; zpty -r z out '*snapshots*'",
                                "zpty -n -w z $'lis\\t'; zpty -r z out '*list*'",
                                "zpty -n -w z $'--boot\\t'; zpty -r z out '*--bootstrap*'",
                                "print completed"));
        // zsh keeps what it knows of completions there
        Map<String, String> home = Map.of("ZDOTDIR", dir.toString());
        assertThat(run(home, zsh.toString(), "-f", script.toString()).strip())
                .isEqualTo("completed");
    }

    /** What bash would offer for the last word. */
    private String completed(Path script, String... words) throws Exception {
        return run(
                        Map.of(),
                        "/bin/bash",
                        "-c",
                        "source "
                                + script
                                + "; COMP_WORDS=(ebm "
                                + String.join(" ", words)
                                + "); COMP_CWORD="
                                + words.length
                                + "; _complete_ebm 2>/dev/null; echo \"${COMPREPLY[@]}\"")
                .strip();
    }

    @Test
    void coloursGiveWayToNoColor() throws Exception {
        Map<String, String> forced = Map.of("CLICOLOR_FORCE", "1");
        assertThat(ebm(forced, "completion", "fish")).contains("\u001b[");
        assertThat(ebm(Map.of("CLICOLOR_FORCE", "1", "NO_COLOR", "1"), "completion", "fish"))
                .contains("expected one of")
                .doesNotContain("\u001b[");
    }

    @Test
    void theEnvironmentPlacesTheLogFile() throws Exception {
        Path file = dir.resolve("logs/ebm.log");
        String out = ebm(Map.of("EBM_LOG_FILE", file.toString()), "config", "explain", "batch");
        assertThat(out).contains("expected an option").doesNotContain("DEBUG", "INFO");
        assertThat(file).exists();
        Path blocked = Files.writeString(dir.resolve("blocked"), "x").resolve("ebm.log");
        assertThat(ebm(Map.of("EBM_LOG_FILE", blocked.toString()), "--version"))
                .contains("EBM_LOG_FILE", "expected a file that can be written")
                .doesNotContain("ebm-stream");
    }

    @Test
    void theLogFileHasWhatTheTerminalHasNot() throws Exception {
        Path file = dir.resolve("logs/ebm.log");
        Cli.Outcome run = Cli.run("config", "explain", "learner.batch", "--log-file=" + file);
        assertThat(run.exit()).as(run.err()).isZero();
        LogManager.getLogger(ShellCommandsTest.class).info("said to the file only");
        Logging.closeFile();
        LogManager.getLogger(ShellCommandsTest.class).warn("a warning that a test gives");
        assertThat(Files.readString(file))
                .contains("INFO", "said to the file only")
                .doesNotContain("a warning that a test gives");
        Path folder = Files.createDirectory(dir.resolve("folder"));
        Cli.Outcome bad = Cli.run("config", "--log-file=" + folder);
        assertThat(bad.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(bad.err()).contains("--log-file: expected a file that can be written");
    }

    @Test
    void anOptionIsExplained() throws Exception {
        Cli.Outcome one = Cli.run("config", "explain", "ebm.learner.batch");
        assertThat(one.exit()).isZero();
        assertThat(one.out())
                .startsWith("ebm.learner.batch")
                .contains("meaning  ", "allowed  ", "default  ");
        assertThat(Cli.run("config", "explain", "learner.batch").out()).isEqualTo(one.out());
        JsonNode group = JSON.readTree(Cli.run("config", "explain", "topic", "--json").out());
        assertThat(group.size()).isGreaterThan(5);
        assertThat(group.findValuesAsText("key")).allMatch(key -> key.startsWith("ebm.topic."));
        Cli.Outcome typo = Cli.run("config", "explain", "ebm.learner.bach");
        assertThat(typo.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(typo.err()).contains("did you mean ebm.learner.batch?");
        JsonNode all = JSON.readTree(Cli.run("config", "--json").out());
        assertThat(all).hasSize(ConfigReference.entries().size());
    }

    @Test
    void aFileIsValidatedWithEveryMistake() throws Exception {
        Path good = Files.writeString(dir.resolve("good.yaml"), "ebm.learner.batch: 32\n");
        Cli.Outcome valid = Cli.run("config", "validate", good.toString());
        assertThat(valid.exit()).as(valid.err()).isZero();
        assertThat(valid.out()).contains("is valid").contains("ebm.images");
        Path bad =
                Files.writeString(
                        dir.resolve("bad.yaml"),
                        "ebm:\n  learner: { batch: -1, bach: 3 }\n  kafka: { guarantee: often }\n");
        Cli.Outcome invalid = Cli.run("config", "validate", bad.toString());
        assertThat(invalid.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(invalid.err())
                .contains("ebm.learner.batch: expected", "ebm.learner.bach", "ebm.kafka.guarantee");
        Cli.Outcome json = Cli.run("config", "validate", bad.toString(), "--json");
        assertThat(json.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(JSON.readTree(json.out()).path("violations")).hasSize(3);
        assertThat(Cli.run("config", "validate", "-D", "ebm.learner.batch=0", good.toString()))
                .satisfies(out -> assertThat(out.exit()).isEqualTo(ExitCode.USAGE));
        Cli.Outcome none = Cli.run("config", "validate", dir.resolve("none.yaml").toString());
        assertThat(none.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(none.err()).contains("expected a readable configuration file");
    }
}
