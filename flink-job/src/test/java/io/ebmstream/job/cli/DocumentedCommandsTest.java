package io.ebmstream.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.job.config.ConfigException;
import io.ebmstream.job.config.ConfigReference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Every {@code ./ebm ..} of the documents is a command that exists, with options that exist. */
class DocumentedCommandsTest {
    private static final Pattern BLOCK =
            Pattern.compile("(?m)^ {4,}(?:[A-Z_]+=\\S* )*\\./ebm (.*)$");
    private static final Pattern INLINE = Pattern.compile("`(?:[A-Z_]+=\\S* )*\\./ebm ([^`]+)`");

    /** A word: in double quotes, or up to white space. */
    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");

    private static final Path ROOT = Path.of("..");

    static List<Path> documents() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT, 3)) {
            return files.filter(file -> file.toString().endsWith(".md"))
                    .filter(file -> !file.toString().contains("target"))
                    .sorted()
                    .toList();
        }
    }

    /** Words up to a comment, a pipe or a redirection; empty for what is abridged. */
    private static List<String> words(String command) {
        List<String> words = new ArrayList<>();
        Matcher matcher = WORD.matcher(command);
        while (matcher.find()) {
            String word = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
            if (word.startsWith("#") || word.equals(">") || word.equals("|")) {
                break;
            }
            if (word.matches("\\.\\.\\.?|…") || word.matches("[a-z]+(\\|[a-z]+)+")) {
                return List.of();
            }
            words.add(word);
        }
        // reading the option would begin to write the file
        int log = words.indexOf("--log-file");
        if (log >= 0) {
            words.subList(log, Math.min(words.size(), log + 2)).clear();
        }
        return words;
    }

    private static List<List<String>> commands(Pattern pattern, Path document) throws IOException {
        List<List<String>> commands = new ArrayList<>();
        // a backslash at a line's end goes on with the next
        Matcher matcher = pattern.matcher(Files.readString(document).replace("\\\n", " "));
        while (matcher.find()) {
            List<String> words = words(matcher.group(1));
            if (!words.isEmpty()) {
                commands.add(words);
            }
        }
        return commands;
    }

    /** What is wrong with a command, or nothing. */
    private static Optional<String> problem(List<String> words, boolean whole) {
        try {
            Ebm.commandLine().parseArgs(words.toArray(new String[0]));
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

    @ParameterizedTest
    @MethodSource("documents")
    void commandsOfADocumentExist(Path document) throws IOException {
        List<String> problems = new ArrayList<>();
        for (List<String> words : commands(BLOCK, document)) {
            problem(words, true).ifPresent(problems::add);
        }
        for (List<String> words : commands(INLINE, document)) {
            problem(words, false).ifPresent(problems::add);
        }
        assertThat(problems).isEmpty();
    }

    @Test
    void commandsAreFoundAndCut() throws IOException {
        assertThat(commands(BLOCK, ROOT.resolve("README.md")))
                .contains(List.of("demo"), List.of("run", "--config", "job.yaml"));
        assertThat(commands(BLOCK, ROOT.resolve("flink-job/docs/CONTROL.md")))
                .contains(List.of("control", "pause", "--reason", "bad feed since noon"));
        assertThat(problem(List.of("demo", "--update", "3"), false)).isPresent();
        assertThat(problem(List.of("run", "-D", "ebm.learner.bach=3"), false)).isPresent();
        assertThat(problem(List.of("train"), false)).isEmpty();
        assertThat(words("train ... --resume")).isEmpty();
        assertThat(words("config > FILE")).containsExactly("config");
        assertThat(words("train --n 3   --out o  # so")).hasSize(5);
    }
}
