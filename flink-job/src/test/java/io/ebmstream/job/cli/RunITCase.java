package io.ebmstream.job.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.ebmstream.job.broker.EmbeddedBroker;
import io.ebmstream.ops.weights.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The commands as a user has them: a process that runs the job, others that feed and watch. */
@Timeout(300)
class RunITCase {
    @TempDir Path dir;

    @Test
    void runsUntilInterrupted() throws Exception {
        assumeThat(System.getProperty("os.name").toLowerCase(Locale.ROOT))
                .as("signals are sent with kill")
                .doesNotContain("windows");
        Path log = dir.resolve("run.log");
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            Process job = start(broker, log);
            try {
                await(job, log, "running; Ctrl-C ends it");
                Cli.Outcome feed =
                        Cli.run(
                                "feed",
                                "--bootstrap=" + broker.bootstrapServers(),
                                "--size=32",
                                "--limit=40",
                                "--broken=6");
                assertThat(feed.exit()).isZero();
                assertThat(watch(broker, "purified", 40).lines()).hasSize(40);
                assertThat(watch(broker, "dlq", 6).lines()).hasSize(6);
                assertThat(watch(broker, "diagnostics", 2)).contains("update 1", "update 2");
                assertThat(watch(broker, "snapshots", 1)).contains("default 0.1");
                Cli.Outcome fetch =
                        Cli.run(
                                "weights",
                                "fetch",
                                "--bootstrap=" + broker.bootstrapServers(),
                                "--out=" + dir.resolve("model"));
                assertThat(fetch.exit()).as(fetch.err()).isZero();
                ModelFile model = ModelFile.read(dir.resolve("model"));
                assertThat(model.version().counter()).isPositive();
                assertThat(model.energy().spec().network()).isEqualTo("light32");
                assertThat(model.other(ModelFile.GENERATOR).spec().width()).isEqualTo(2);
                isOfUseElsewhere(dir.resolve("model"));
                new ProcessBuilder("kill", "-INT", String.valueOf(job.pid())).start().waitFor();
                assertThat(job.waitFor(60, TimeUnit.SECONDS)).isTrue();
                assertThat(job.exitValue()).as(Files.readString(log)).isEqualTo(130);
            } finally {
                job.destroyForcibly();
            }
        }
    }

    /** What was fetched has all that refining and another job need. */
    private void isOfUseElsewhere(Path model) {
        Cli.Outcome refine =
                Cli.run(
                        "refine",
                        "--model=" + model,
                        "--count=2",
                        "--batch=2",
                        "--steps=1",
                        "--out=" + dir.resolve("refined"));
        assertThat(refine.exit()).as(refine.err()).isZero();
        Cli.Outcome next =
                Cli.run(
                        "run",
                        "--check",
                        "--initial-snapshot=" + model,
                        "-D",
                        "ebm.learner.preset=hat-refine");
        assertThat(next.exit()).as(next.err()).isZero();
    }

    private Process start(EmbeddedBroker broker, Path log) throws Exception {
        List<String> command = new ArrayList<>();
        if (interruptIsIgnored()) {
            // Inherited by children: a shell's background jobs, and so a build among them.
            command.addAll(List.of("env", "--default-signal=INT"));
        }
        command.addAll(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Ebm.class.getName(),
                        "run",
                        "--create-topics"));
        for (String option :
                List.of(
                        "ebm.kafka.bootstrap=" + broker.bootstrapServers(),
                        "ebm.checkpoint.interval=1 s",
                        "ebm.checkpoint.dir=" + dir.resolve("checkpoints").toUri(),
                        "ebm.learner.preset=shortrun",
                        "ebm.learner.generator.width=2",
                        "ebm.model.network=light32",
                        "ebm.model.width=2",
                        "ebm.learner.batch=8",
                        "ebm.learner.warmup=16",
                        "ebm.learner.images-per-update=8",
                        "ebm.learner.bank=32",
                        "ebm.learner.steps=4",
                        "ebm.learner.publish-every=1",
                        "ebm.purifier.steps=4")) {
            command.add("-D");
            command.add(option);
        }
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    /** Whether this process was started with SIGINT ignored, as far as the system tells. */
    private static boolean interruptIsIgnored() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.isReadable(status)) {
            return false;
        }
        int interrupt = 2;
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("SigIgn:"))
                .map(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
                .anyMatch(mask -> (mask >>> interrupt - 1 & 1) == 1);
    }

    private static void await(Process job, Path log, String text) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
        while (!Files.readString(log).contains(text)) {
            assertThat(job.isAlive() && System.nanoTime() < deadline)
                    .as("expected \"%s\", found: %s", text, Files.readString(log))
                    .isTrue();
            Thread.sleep(100);
        }
    }

    private static String watch(EmbeddedBroker broker, String what, int count) {
        Cli.Outcome watch =
                Cli.run(
                        "watch",
                        what,
                        "--bootstrap=" + broker.bootstrapServers(),
                        "--from-beginning",
                        "--limit=" + count);
        assertThat(watch.exit()).isZero();
        return watch.out();
    }
}
