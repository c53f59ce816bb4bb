package io.ebmstream.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.ops.energy.ImageShape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
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
    void otherFilesAreNamedToo() throws Exception {
        Cli.Outcome in =
                Cli.run(
                        "weights",
                        "import",
                        "--weights=nowhere.f32",
                        "--network=light32",
                        "--shape=1x32x32",
                        "--out=" + dir.resolve("model"));
        assertThat(in.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(in.err()).contains("--weights: expected a file, found none at nowhere.f32");
        assertThat(dir.resolve("model")).doesNotExist();

        DocumentedFolder.model("light32", 2, new ImageShape(1, 16, 16), Map.of())
                .write(dir.resolve("model"));
        Path blocked = Files.writeString(dir.resolve("blocked"), "x");
        Cli.Outcome out = export(blocked.resolve("energy.f32"));
        assertThat(out.exit()).isEqualTo(ExitCode.FAILED);
        assertThat(out.err()).contains("expected nothing or a folder, found a file at " + blocked);
        Path deep = dir.resolve("a/b/energy.f32");
        assertThat(export(deep).exit()).isZero();
        assertThat(deep).isNotEmptyFile();
    }

    private Cli.Outcome export(Path out) {
        return Cli.run("weights", "export", "--model=" + dir.resolve("model"), "--out=" + out);
    }

    @Test
    void aFileThatIsNoModelIsNamed() throws Exception {
        Path file = Files.writeString(dir.resolve("model.safetensors"), "no model");
        Cli.Outcome outcome = Cli.run("weights", "show", "--model=" + file);
        assertThat(outcome.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(outcome.err()).contains("--model: ", file.toString());
    }
}
