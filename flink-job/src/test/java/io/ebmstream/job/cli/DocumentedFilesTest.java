package io.ebmstream.job.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the documents name beside commands of ebm: Maven's modules, profiles and test classes, files
 * and folders of other programs' commands, links to other pages.
 */
class DocumentedFilesTest {
    private static final Path ROOT = DocumentedCommand.ROOT;

    /** Programs whose commands name files of this repository, or of the data beside it. */
    private static final Pattern PROGRAM =
            Pattern.compile("^(?:[A-Z_]+=\\S* )*(mvn|kubectl|docker|python3|\\./ebm) (.*)$");

    private static final Pattern INLINE = Pattern.compile("`([^`]+)`");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#\\s]+)(?:#[^)]*)?\\)");
    private static final Pattern PROFILE = Pattern.compile("<id>([\\w.-]+)</id>");
    private static final String DATA = "../shared/data/";

    @TempDir Path dir;

    static List<Path> documents() throws IOException {
        return DocumentedCommand.documents();
    }

    /** A command of another program, cut into words. */
    private record Line(String program, List<String> words) {}

    private static List<Line> lines(Path document) throws IOException {
        List<String> texts = new ArrayList<>(DocumentedCommand.blocks(document));
        Matcher matcher = INLINE.matcher(Files.readString(document).replace("\n", " "));
        while (matcher.find()) {
            texts.add(matcher.group(1));
        }
        List<Line> lines = new ArrayList<>();
        for (String text : texts) {
            Matcher program = PROGRAM.matcher(text.strip());
            if (program.matches()) {
                lines.add(new Line(program.group(1), List.of(program.group(2).split("\\s+"))));
            }
        }
        return lines;
    }

    @ParameterizedTest
    @MethodSource("documents")
    void whatMavenIsToldExists(Path document) throws IOException {
        List<String> problems = new ArrayList<>();
        for (Line line : lines(document)) {
            if (line.program().equals("mvn")) {
                problems.addAll(mavenProblems(line.words()));
            }
        }
        assertThat(problems).isEmpty();
    }

    private static List<String> mavenProblems(List<String> words) throws IOException {
        List<String> problems = new ArrayList<>();
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            String value = word.substring(word.indexOf('=') + 1).replaceAll("[\"']", "");
            if (word.equals("-pl")) {
                for (String module : words.get(i + 1).split(",")) {
                    if (!Files.isRegularFile(ROOT.resolve(module).resolve("pom.xml"))) {
                        problems.add("no module " + module);
                    }
                }
            } else if (word.startsWith("-P")) {
                for (String profile : word.substring(2).split(",")) {
                    if (!profiles().contains(profile)) {
                        problems.add("no profile " + profile);
                    }
                }
            } else if (word.matches("-D(it\\.)?test=.*")) {
                for (String name : value.split(",")) {
                    if (testClasses(name) == 0) {
                        problems.add("no test class " + name);
                    }
                }
            }
        }
        return problems;
    }

    private static Set<String> profiles() throws IOException {
        Set<String> profiles = new TreeSet<>();
        for (Path pom : found("pom.xml")) {
            String text = Files.readString(pom);
            int from = text.indexOf("<profiles>");
            Matcher matcher = PROFILE.matcher(from < 0 ? "" : text.substring(from));
            while (matcher.find()) {
                profiles.add(matcher.group(1));
            }
        }
        return profiles;
    }

    /** How many classes a name of surefire's means: FuzzITCase, or {@code **}{@code /k8s/*Test}. */
    private static long testClasses(String name) throws IOException {
        String glob = (name.startsWith("**/") ? name.substring(3) : name).split("#")[0];
        String pattern = ".*/" + glob.replace("**/", "(.*/)?").replaceAll("(?<!\\.)\\*", "[^/]*");
        return found(".java").stream()
                .map(file -> file.toString().replace('\\', '/'))
                .filter(file -> file.contains("/src/test/"))
                .filter(file -> file.matches(pattern + "\\.java"))
                .count();
    }

    private static List<Path> found(String ending) throws IOException {
        try (Stream<Path> files = Files.walk(ROOT)) {
            return files.filter(file -> file.toString().endsWith(ending))
                    .filter(file -> !file.toString().contains("target"))
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("documents")
    void filesOfCommandsExist(Path document) throws IOException {
        List<String> missing = new ArrayList<>();
        for (Line line : lines(document)) {
            for (String word : line.words()) {
                boolean ours = word.matches("(k8s|schemas|ebm-ops|flink-job)/[\\w./-]*");
                // documents say where output goes, too, by '>'
                if (ours && !Files.exists(ROOT.resolve(word))) {
                    missing.add(line.program() + " " + word);
                }
            }
            int kustomize = line.words().indexOf("-k");
            if (line.program().equals("kubectl")
                    && kustomize >= 0
                    && kustomize + 1 < line.words().size()) {
                Path overlay = ROOT.resolve(line.words().get(kustomize + 1));
                if (!Files.isRegularFile(overlay.resolve("kustomization.yaml"))) {
                    missing.add("a kustomization in " + overlay);
                }
            }
        }
        assertThat(missing).isEmpty();
    }

    @Test
    void imagesOfCommandsExist() throws IOException {
        assumeTrue(
                Files.isDirectory(ROOT.resolve(DATA)),
                "skipped: no real images at " + ROOT.resolve(DATA));
        Set<String> named = new TreeSet<>();
        for (Path document : documents()) {
            for (Line line : lines(document)) {
                line.words().stream().filter(word -> word.startsWith(DATA)).forEach(named::add);
            }
        }
        assertThat(named).hasSizeGreaterThan(3);
        assertThat(named).allSatisfy(name -> assertThat(ROOT.resolve(name)).exists());
    }

    @Test
    void pythonOfCommandsCompiles() throws Exception {
        Set<String> scripts = new TreeSet<>();
        for (Path document : documents()) {
            for (Line line : lines(document)) {
                if (line.program().equals("python3")) {
                    line.words().stream().filter(w -> w.endsWith(".py")).forEach(scripts::add);
                }
            }
        }
        assertThat(scripts).isNotEmpty();
        Process process;
        List<String> command = new ArrayList<>(List.of("python3", "-c"));
        command.add("import ast, sys; [ast.parse(open(f).read(), f) for f in sys.argv[1:]]");
        scripts.forEach(script -> command.add(ROOT.resolve(script).toString()));
        Path log = dir.resolve("log.txt");
        try {
            process =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(log.toFile())
                            .start();
        } catch (IOException e) {
            assumeTrue(false, "skipped: no python3 here");
            return;
        }
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(log)).isZero();
    }

    @ParameterizedTest
    @MethodSource("documents")
    void linksLeadSomewhere(Path document) throws IOException {
        List<String> broken = new ArrayList<>();
        Matcher matcher = LINK.matcher(Files.readString(document));
        while (matcher.find()) {
            String target = matcher.group(1);
            if (!target.contains("://") && !Files.exists(document.resolveSibling(target))) {
                broken.add(target);
            }
        }
        assertThat(broken).isEmpty();
    }

    @Test
    void whatIsMissingIsFound() throws IOException {
        assertThat(mavenProblems(List.of("-pl", "ebm-ops,ebm-opps", "-Ppeers,peeers")))
                .containsExactly("no module ebm-opps", "no profile peeers");
        assertThat(mavenProblems(List.of("-Dtest=FuzzITCase,FuzzyITCase")))
                .containsExactly("no test class FuzzyITCase");
        assertThat(mavenProblems(List.of("-Dtest='**/k8s/*Test,**/k8s/*Toast'")))
                .containsExactly("no test class **/k8s/*Toast");
        assertThat(lines(ROOT.resolve("k8s/README.md")))
                .extracting(Line::program)
                .contains("mvn", "kubectl", "docker", "./ebm");
    }
}
