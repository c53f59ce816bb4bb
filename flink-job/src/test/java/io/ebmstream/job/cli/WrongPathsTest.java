package io.ebmstream.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A path that leads nowhere is bad usage, and the message names the option and the path. */
class WrongPathsTest {
    @TempDir Path dir;

    private static final String MODEL = "nowhere/model";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "logz",
                "study drift --images=x",
                "probe --images=x --out=o --steps=1000",
                "purify --images=x --out=o",
                "refine --out=o",
                "evaluate quality --images=x",
                "evaluate robustness --images=x --classifier=c --out=o",
                "evaluate purification --images=x --classifier=c --out=o --grid-eps=1 --grid-steps=1",
                "weights show",
                "weights export --out=o.safetensors",
                "snapshots import",
            })
    void aModelThatIsNotThereIsNamed(String command) {
        Cli.Outcome outcome = Cli.run((command + " --model=" + MODEL).split(" "));
        assertThat(outcome.exit()).as(outcome.err()).isEqualTo(ExitCode.USAGE);
        assertThat(outcome.err()).contains("expected a model file", MODEL).doesNotContain("\tat ");
        assertThat(outcome.out()).isEmpty();
    }

    @Test
    void aFileThatIsNoModelIsNamed() throws Exception {
        Path file = Files.writeString(dir.resolve("model.safetensors"), "no model");
        Cli.Outcome outcome = Cli.run("weights", "show", "--model=" + file);
        assertThat(outcome.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(outcome.err()).contains("--model: ", file.toString());
    }
}
