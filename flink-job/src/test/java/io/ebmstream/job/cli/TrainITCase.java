package io.ebmstream.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.ops.training.Training;
import io.ebmstream.ops.weights.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Training as a process that is ended from outside. */
@Timeout(300)
class TrainITCase {
    private static final int CHECKPOINT_EVERY = 10;

    @TempDir Path dir;
    private Path images;

    @BeforeEach
    void writeImages() throws IOException {
        images = LabelledIdx.write(dir, "train", 40, 12);
    }

    private List<String> train(String out, long updates) {
        return new ArrayList<>(
                List.of(
                        "train",
                        "--images=" + images,
                        "--pad=16",
                        "--network=light32",
                        "--n=2",
                        "--steps=20",
                        "--batch=8",
                        "--bank=16",
                        "--executor=reference",
                        "--checkpoint-every=" + CHECKPOINT_EVERY,
                        "--out=" + dir.resolve(out),
                        "--updates=" + updates));
    }

    private List<String> rows(String out) throws IOException {
        return Files.readAllLines(dir.resolve(out).resolve(Training.COURSE)).stream()
                .map(row -> row.substring(0, row.lastIndexOf(',')))
                .toList();
    }

    private Process start(String out, Path log) throws IOException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                ProcessHandle.current().info().command().orElse("java"),
                                "-Xmx512m",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Ebm.class.getName()));
        command.addAll(train(out, 1_000_000));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    /** Killed some updates after a checkpoint, the run goes on with the bits of one in peace. */
    @Test
    void goesOnBitForBitAfterKill() throws Exception {
        Path log = dir.resolve("log");
        Path course = dir.resolve("killed").resolve(Training.COURSE);
        Process process = start("killed", log);
        try {
            while (!Files.exists(course) || Files.readAllLines(course).size() < 14) {
                assertThat(process.isAlive()).as(Files.readString(log)).isTrue();
                Thread.sleep(20);
            }
        } finally {
            process.destroyForcibly();
        }
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        long done = Files.readAllLines(course).size() - 1;
        long updates = done + CHECKPOINT_EVERY;
        List<String> resume = train("killed", updates);
        resume.add("--resume");
        Cli.Outcome resumed = Cli.run(resume.toArray(String[]::new));
        assertThat(resumed.exit()).as(resumed.err()).isZero();
        Cli.Outcome whole = Cli.run(train("whole", updates).toArray(String[]::new));
        assertThat(whole.exit()).as(whole.err()).isZero();
        assertThat(rows("killed")).isEqualTo(rows("whole"));
        assertThat(ModelFile.read(dir.resolve("killed")).hash())
                .isEqualTo(ModelFile.read(dir.resolve("whole")).hash());
    }

    @Test
    void leavesACheckpointWhenItIsTerminated() throws Exception {
        Path log = dir.resolve("log");
        Path course = dir.resolve("ended").resolve(Training.COURSE);
        Process process = start("ended", log);
        try {
            while (!Files.exists(course) || Files.readAllLines(course).size() < 4) {
                assertThat(process.isAlive()).as(Files.readString(log)).isTrue();
                Thread.sleep(20);
            }
            process.destroy();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        assertThat(process.exitValue()).as(Files.readString(log)).isEqualTo(143);
        assertThat(Files.readString(log)).contains("stopped after");
        long done = Files.readAllLines(course).size() - 1;
        assertThat(ModelFile.read(dir.resolve("ended")).updates()).isEqualTo(done);
    }
}
