package io.ebmstream.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.job.config.ConfigException;
import io.ebmstream.job.config.ConfigReference;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Every {@code ./ebm ..} of the documents is a command that exists, with options that exist; and it
 * is run as it stands there, unless {@link #PARSED} or {@link #WITH_BROKER} has it.
 */
@Timeout(240)
class DocumentedCommandsTest {
    /** Commands that are parsed only, each with its reason and with what runs it in small. */
    private static final Map<String, String> PARSED =
            Map.ofEntries(
                    Map.entry("bench", "minutes of full load; EbmTest, BenchITCase"),
                    Map.entry("board", "serves until Ctrl-C; BoardITCase"),
                    Map.entry("chaos", "kills for an hour; ChaosITCase"),
                    Map.entry("control", "waits for a running job's answer; ControlITCase"),
                    Map.entry("demo", "a minute and more; DemoITCase"),
                    Map.entry("evaluate purification", "hours; EvaluateCommandTest"),
                    Map.entry("evaluate quality", "a trained model; MeasuringCommandsTest"),
                    Map.entry("evaluate robustness", "hours; EvaluateCommandTest"),
                    Map.entry("logz", "a trained model, minutes; MeasuringCommandsTest"),
                    Map.entry("precision", "hours; ebm-ops' PrecisionStudyTest"),
                    Map.entry("probe", "a trained model, hours; MeasuringCommandsTest"),
                    Map.entry("purify", "a trained model, hours; PurifyCommandTest"),
                    Map.entry("refine", "a trained model, hours; HatCommandsTest"),
                    Map.entry("replay", "needs what a job has written; ReplayITCase"),
                    Map.entry("study drift", "a trained model, minutes; MeasuringCommandsTest"),
                    Map.entry("train", "hours; TrainCommandTest"),
                    Map.entry("train-autoencoder", "hours; HatCommandsTest"),
                    Map.entry("train-classifier", "hours; TrainClassifierCommandTest"),
                    Map.entry("watch", "waits for what a job writes; FeedAndWatchITCase"));

    /** Commands that talk to Kafka: {@link DocumentedCommandsITCase} runs them. */
    static final Set<String> WITH_BROKER =
            Set.of(
                    "dlq show",
                    "feed",
                    "snapshots diff",
                    "snapshots export",
                    "snapshots import",
                    "snapshots list",
                    "snapshots show",
                    "snapshots verify",
                    "weights fetch");

    @TempDir Path dir;

    static List<Path> documents() throws IOException {
        return DocumentedCommand.documents();
    }

    /** What is wrong with a command, or nothing. */
    private static Optional<String> problem(List<String> words, boolean whole) {
        try {
            DocumentedCommand.parse(words);
            for (int i = 0; i + 1 < words.size(); i++) {
                String setting = words.get(i + 1);
                if (words.get(i).equals("-D") && setting.startsWith("ebm.")) {
                    ConfigReference.find(setting.substring(0, setting.indexOf('=')));
                }
            }
            return Optional.empty();
        } catch (ParameterException | ConfigException e) {
            // what stands in a sentence need not be complete
            return whole || e instanceof UnmatchedArgumentException || e instanceof ConfigException
                    ? Optional.of("./ebm " + String.join(" ", words) + ": " + e.getMessage())
                    : Optional.empty();
        }
    }

    /** Those that can be run: complete, without placeholders; each once. */
    static List<DocumentedCommand> complete() throws IOException {
        Map<List<String>, DocumentedCommand> complete = new LinkedHashMap<>();
        for (DocumentedCommand command : parsed()) {
            if (!command.hasPlaceholder()) {
                complete.putIfAbsent(command.words(), command);
            }
        }
        return List.copyOf(complete.values());
    }

    private static List<DocumentedCommand> parsed() throws IOException {
        return DocumentedCommand.all().stream()
                .filter(command -> problem(command.words(), true).isEmpty())
                .toList();
    }

    static boolean needsBroker(DocumentedCommand command) {
        return WITH_BROKER.contains(command.name())
                || command.name().equals("doctor") && command.words().contains("--bootstrap");
    }

    @ParameterizedTest
    @MethodSource("documents")
    void commandsOfADocumentExist(Path document) throws IOException {
        List<String> problems = new ArrayList<>();
        for (DocumentedCommand command : DocumentedCommand.of(document)) {
            problem(command.words(), command.block()).ifPresent(problems::add);
        }
        assertThat(problems).isEmpty();
    }

    @Test
    void commandsRunAsTheyAreWritten() throws Exception {
        List<DocumentedCommand> run =
                complete().stream()
                        .filter(command -> !PARSED.containsKey(command.name()))
                        .filter(command -> !needsBroker(command))
                        .toList();
        assertThat(run).hasSizeGreaterThan(15);
        Path folder = DocumentedFolder.make(dir.resolve("work"));
        List<Cli.Outcome> outcomes =
                CommandRunner.run(
                        folder, dir, run.stream().map(DocumentedCommandsTest::ending).toList());
        List<String> failed = new ArrayList<>();
        for (int i = 0; i < run.size(); i++) {
            if (!fine(run.get(i), outcomes.get(i))) {
                failed.add(run.get(i) + ": " + outcomes.get(i));
            }
        }
        assertThat(failed).isEmpty();
    }

    /** Whether a command did what its document promises. */
    static boolean fine(DocumentedCommand command, Cli.Outcome outcome) {
        // whether a job could run on this machine is not the document's fault
        boolean ended =
                outcome.exit() == ExitCode.OK
                        || command.name().equals("doctor")
                                && outcome.exit() == ExitCode.FAILED
                                && outcome.out().contains("a job cannot run here");
        return ended && !outcome.out().isBlank();
    }

    /** A job would run until Ctrl-C: its configuration is read, and checked, as written. */
    private static List<String> ending(DocumentedCommand command) {
        List<String> words = new ArrayList<>(command.words());
        if (command.name().equals("run") && !words.contains("--check")) {
            words.add("--check");
        }
        return words;
    }

    @Test
    void listedCommandsAreDocumented() throws IOException {
        Set<String> listed = new TreeSet<>(PARSED.keySet());
        listed.addAll(WITH_BROKER);
        assertThat(parsed().stream().map(DocumentedCommand::name).collect(Collectors.toSet()))
                .containsAll(listed);
    }

    @Test
    void commandsAreFoundAndCut() throws IOException {
        assertThat(words("README.md"))
                .contains(List.of("demo"), List.of("run", "--config", "job.yaml"));
        assertThat(words("flink-job/docs/CONTROL.md"))
                .contains(List.of("control", "pause", "--reason", "bad feed since noon"));
        assertThat(words("k8s/README.md"))
                .contains(
                        List.of(
                                "watch",
                                "purified",
                                "--bootstrap",
                                "kafka-kafka-bootstrap:9092",
                                "--limit",
                                "10"));
        assertThat(words("flink-job/docs/DENSITY.md"))
                .contains(List.of("demo", "--seed", "1", "--out", "demo-calm-1"));
        assertThat(problem(List.of("demo", "--update", "3"), false)).isPresent();
        assertThat(problem(List.of("run", "-D", "ebm.learner.bach=3"), false)).isPresent();
        assertThat(problem(List.of("train"), false)).isEmpty();
        assertThat(DocumentedCommand.words("train ... --resume")).isEmpty();
        assertThat(DocumentedCommand.words("config > FILE")).containsExactly("config");
        assertThat(DocumentedCommand.words("train --n 3   --out o  # so")).hasSize(5);
    }

    private static List<List<String>> words(String document) throws IOException {
        return DocumentedCommand.of(DocumentedCommand.ROOT.resolve(document)).stream()
                .map(DocumentedCommand::words)
                .toList();
    }
}
