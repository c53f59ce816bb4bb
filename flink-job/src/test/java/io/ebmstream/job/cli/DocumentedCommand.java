package io.ebmstream.job.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/**
 * A command of ebm as it stands in a document.
 *
 * @param document where it stands
 * @param words what follows {@code ./ebm}
 * @param block whether it is a line of its own, not a part of a sentence
 */
record DocumentedCommand(Path document, List<String> words, boolean block) {
    /** The repository's root, for tests of this module. */
    static final Path ROOT = Path.of("..");

    /** Making one takes a while, and it may read any number of commands. */
    private static final CommandLine LINE = Ebm.commandLine();

    /** Pieces of a line begin after these: {@code for s in 1 2; do ./ebm ..; done}. */
    private static final String PIECES = ";";

    private static final Pattern BLOCK =
            Pattern.compile("^\\s*(?:do )?\\s*(?:[A-Z_]+=\\S* )*(?:\\./)?ebm ([^{].*)$");
    private static final Pattern INLINE = Pattern.compile("`(?:[A-Z_]+=\\S* )*\\./ebm ([^`]+)`");

    /** A word: in double quotes, or up to white space. */
    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");

    private static final Pattern ABRIDGED =
            Pattern.compile("\\.\\.\\.?|…|[a-z]+(\\|[a-z]+)+|[A-Z]{3,}");

    @Override
    public String toString() {
        return "./ebm " + String.join(" ", words) + " (" + document + ")";
    }

    /** All documents of the repository. */
    static List<Path> documents() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT, 3)) {
            return files.filter(file -> file.toString().endsWith(".md"))
                    .filter(file -> !file.toString().contains("target"))
                    .sorted()
                    .toList();
        }
    }

    /** The commands of all documents. */
    static List<DocumentedCommand> all() throws IOException {
        List<DocumentedCommand> all = new ArrayList<>();
        for (Path document : documents()) {
            all.addAll(of(document));
        }
        return all;
    }

    /** Those of one, lines first. */
    static List<DocumentedCommand> of(Path document) throws IOException {
        List<DocumentedCommand> commands = new ArrayList<>();
        for (String line : blocks(document)) {
            for (String piece : line.split(PIECES)) {
                Matcher matcher = BLOCK.matcher(piece);
                if (matcher.matches()) {
                    commands.add(new DocumentedCommand(document, words(matcher.group(1)), true));
                }
            }
        }
        Matcher matcher = INLINE.matcher(Files.readString(document));
        while (matcher.find()) {
            commands.add(new DocumentedCommand(document, words(matcher.group(1)), false));
        }
        commands.removeIf(command -> command.words().isEmpty());
        return commands;
    }

    /** Indented lines without comments; a backslash at a line's end goes on with the next. */
    static List<String> blocks(Path document) throws IOException {
        return Files.readString(document)
                .replace("\\\n", " ")
                .lines()
                .filter(line -> line.startsWith("    "))
                .map(line -> line.replaceFirst("\\s#.*", ""))
                .toList();
    }

    /** Words up to a comment, a pipe or a redirection; empty for what is abridged. */
    static List<String> words(String command) {
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
            // a variable of the shell, which loops count with
            words.add(word.replaceAll("\\$[a-z]\\b", "1"));
        }
        // reading the option would begin to write the file
        int log = words.indexOf("--log-file");
        if (log >= 0) {
            words.subList(log, Math.min(words.size(), log + 2)).clear();
        }
        return words;
    }

    /** Whether a word stands for something that a reader puts in: FILE, KEY. */
    boolean hasPlaceholder() {
        return words.stream().anyMatch(word -> ABRIDGED.matcher(word).matches());
    }

    /** Reads words as the command line does; runs nothing. */
    static ParseResult parse(List<String> words) {
        return LINE.parseArgs(words.toArray(new String[0]));
    }

    /** Name of the command without its options, such as {@code snapshots list}. */
    String name() {
        ParseResult parsed = parse(words);
        List<String> names = new ArrayList<>();
        while (parsed.hasSubcommand()) {
            parsed = parsed.subcommand();
            names.add(parsed.commandSpec().name());
        }
        return String.join(" ", names);
    }
}
