package io.ebmstream.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ebmstream.ops.classifier.ClassifierFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainClassifierCommandTest {
    @TempDir Path dir;

    @Test
    void trainsAndKeepsACheckpoint() throws Exception {
        Path train = LabelledIdx.write(dir, "train", 40, 12);
        Path test = LabelledIdx.write(dir, "test", 10, 12);
        Path out = dir.resolve("out");
        String[] command = {
            "train-classifier",
            "--images=" + train,
            "--test=" + test,
            "--out=" + out,
            "--pad=16",
            "--network=wrn-10-1",
            "--width=2",
            "--batch=8",
            "--epochs=10",
            "--precision=float32"
        };
        Cli.Outcome trained = Cli.run(command);
        assertThat(trained.err()).contains("steps 50/50");
        assertThat(trained.exit()).isEqualTo(ExitCode.OK);
        assertThat(trained.out()).contains("accuracy on");
        ClassifierFile file = ClassifierFile.read(out.resolve("classifier.safetensors"));
        assertThat(file.network().name()).isEqualTo("wrn-10-1");
        assertThat(file.metadata()).containsKeys("test_accuracy", "training");
        assertThat(Files.readAllLines(out.resolve("training.csv"))).hasSize(1 + 50 / 25);

        Cli.Outcome again = Cli.run(command);
        assertThat(again.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(again.err()).contains("--resume");
        command = with(command, "--resume");
        JsonNode json = new ObjectMapper().readTree(Cli.run(with(command, "--json")).out());
        assertThat(json.get("accuracy").asDouble()).isBetween(0.0, 1.0);
        assertThat(json.get("images").asInt()).isEqualTo(10);
        assertThat(Path.of(json.get("classifier").asText())).exists();
        command[7] = "--batch=10";
        Cli.Outcome other = Cli.run(command);
        assertThat(other.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(other.err()).contains("expected a checkpoint of");
    }

    private static String[] with(String[] command, String last) {
        String[] longer = Arrays.copyOf(command, command.length + 1);
        longer[command.length] = last;
        return longer;
    }
}
