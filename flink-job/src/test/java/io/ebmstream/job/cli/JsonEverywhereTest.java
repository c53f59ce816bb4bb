package io.ebmstream.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Whatever a script may read comes as JSON, too. */
class JsonEverywhereTest {
    /** Commands without {@code --json}, each with its reason. */
    private static final Map<String, String> WITHOUT =
            Map.of(
                    "ebm board", "serves a page until Ctrl-C",
                    "ebm completion", "prints a script of a shell",
                    "ebm weights show", "prints JSON always");

    @TempDir Path dir;

    private static void collect(CommandLine line, Map<String, Boolean> into) {
        String name = line.getCommandSpec().qualifiedName();
        boolean has = line.getCommandSpec().findOption("--json") != null;
        // groups such as 'ebm weights' only say which commands they have
        if (has || line.getSubcommands().isEmpty()) {
            into.put(name, has);
        }
        line.getSubcommands().values().forEach(child -> collect(child, into));
    }

    @Test
    void everyCommandPrintsJsonOrSaysWhyNot() {
        Map<String, Boolean> commands = new TreeMap<>();
        collect(Ebm.commandLine(), commands);
        Set<String> without = new TreeSet<>(WITHOUT.keySet());
        assertThat(commands).hasSizeGreaterThan(30);
        commands.forEach((name, has) -> assertThat(has).as(name).isEqualTo(!without.remove(name)));
        assertThat(without).as("no longer there").isEmpty();
    }

    @Test
    void aConfigurationIsCheckedForScripts() throws Exception {
        Cli.Outcome check = Cli.run("run", "--check", "--json", "-D", "ebm.model.name=uploads");
        assertThat(check.exit()).as(check.err()).isZero();
        JsonNode json = new ObjectMapper().readTree(check.out());
        assertThat(json.path("model").asText()).isEqualTo("uploads");
        assertThat(json.path("bootstrap").asText()).isEqualTo("localhost:9092");
        Cli.Outcome alone = Cli.run("run", "--json");
        assertThat(alone.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(alone.err()).contains("expected --check with --json");
    }

    @Test
    void aBenchmarkPrintsJsonOrWritesIt() throws Exception {
        String[] small = {
            "bench",
            "--n=2",
            "--size=16",
            "--batch=4",
            "--workers=1",
            "--seconds=0.05",
            "--executor=reference",
            "--no-peers",
            "--json"
        };
        Cli.Outcome printed = Cli.run(small);
        assertThat(printed.exit()).as(printed.err()).isZero();
        assertThat(new ObjectMapper().readTree(printed.out()).isArray()).isTrue();
        assertThat(printed.err()).contains("img-steps/s");
        Path file = dir.resolve("bench.json");
        small[small.length - 1] = "--json=" + file;
        Cli.Outcome written = Cli.run(small);
        assertThat(written.out()).contains("img-steps/s");
        assertThat(new ObjectMapper().readTree(file.toFile())).isNotEmpty();
    }
}
