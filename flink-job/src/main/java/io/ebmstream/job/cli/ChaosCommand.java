package io.ebmstream.job.cli;

import io.ebmstream.job.chaos.Chaos;
import io.ebmstream.job.chaos.ChaosKill;
import io.ebmstream.job.chaos.ChaosPlan;
import io.ebmstream.job.chaos.ChaosReport;
import io.ebmstream.job.config.Consistency;
import io.ebmstream.job.config.EbmOptions;
import io.ebmstream.ops.image.ImageDataset;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ebm chaos}: whether the guarantees hold when everything is killed. */
@Command(
        name = "chaos",
        description = {
            "Run the job in a process of its own against a broker in another, kill it (SIGKILL) at"
                    + " random moments, restart it from its newest checkpoint at parallelism 1 or 2,"
                    + " kill the broker in between; then look whether every image came out once.",
            "In lockstep the committed images and snapshots are compared byte for byte with those"
                    + " of an undisturbed run, otherwise every image is computed again and compared."
                    + " Everything on loopback; Ctrl-C ends the killing."
        })
final class ChaosCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private ImageOptions images;
    @Mixin private OverrideOptions overrides;
    @Mixin private JsonOption json;

    @Option(
            names = "--kills",
            paramLabel = "N",
            defaultValue = "50",
            description = "How often the job is killed.")
    private int kills;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "3000",
            description = "Images that are fed, over the whole run.")
    private int limit;

    @Option(
            names = "--broker-every",
            paramLabel = "N",
            defaultValue = "10",
            description = "Kills of the job between two of the broker.")
    private int brokerEvery;

    @Option(
            names = "--longest",
            paramLabel = "SECONDS",
            defaultValue = "25",
            description =
                    "Longest time from a start of the job's process to its kill; the moments are"
                            + " spread evenly over it, so that some jobs are still coming up.")
    private double longest;

    @Option(
            names = "--consistency",
            paramLabel = "NAME",
            defaultValue = "lockstep",
            description = "lockstep or latest: which version purifies an image.")
    private Consistency consistency;

    @Option(
            names = "--seed",
            paramLabel = "SEED",
            defaultValue = "1",
            description = "Seed of the moments and of the parallelism.")
    private long seed;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "ebm-chaos",
            description = "Folder for report.json and the logs of all processes; new or empty.")
    private Path out;

    @Override
    public Integer call() throws Exception {
        Map<String, String> values = new LinkedHashMap<>();
        values.put(EbmOptions.PURIFIER_CONSISTENCY.key(), consistency.toString());
        values.putAll(overrides.values());
        ChaosPlan plan;
        try {
            plan =
                    new ChaosPlan(
                            kills,
                            limit,
                            brokerEvery,
                            Duration.ofMillis((long) (1000 * longest)),
                            seed,
                            consistency == Consistency.LOCKSTEP,
                            out,
                            values);
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage(), e);
        }
        ImageDataset dataset = images.open(seed);
        makeFolder();
        Logging.brokersGoAway();
        PrintWriter print = json.progress(spec);
        AtomicBoolean stopped = new AtomicBoolean();
        try (Interrupts interrupts = Interrupts.handle(() -> stopped.set(true))) {
            ChaosReport report =
                    new Chaos(plan, dataset, stopped::get)
                            .run(line -> say(print, line), kill -> say(print, text(kill)));
            Files.writeString(out.resolve("report.json"), JsonText.of(report));
            report.violations().forEach(violation -> say(print, "violated: " + violation));
            json.print(spec, report, text -> text.println(summary(report)));
            return interrupts.exitCode(
                    report.violations().isEmpty() ? ExitCode.OK : ExitCode.FAILED);
        }
    }

    private void makeFolder() {
        OutFolder.checkEmpty(out);
        try {
            Files.createDirectories(out);
        } catch (IOException e) {
            throw new UsageException(
                    "--out: expected a folder that can be written, found " + out + ": " + e, e);
        }
    }

    private static String text(ChaosKill kill) {
        return String.format(
                Locale.ROOT,
                "kill %d: parallelism %d, after %.1f s%s, from %s, %d images committed%s",
                kill.number(),
                kill.parallelism(),
                kill.millis() / 1000.0,
                kill.running() ? "" : " (still coming up)",
                kill.restored().isEmpty() ? "nothing" : kill.restored(),
                kill.committed(),
                kill.broker() ? "; the broker too" : "");
    }

    private String summary(ChaosReport report) {
        return String.format(
                Locale.ROOT,
                "%s: %d kills of the job, %d of the broker, %d rescalings; %d images, %d updates, %d"
                        + " versions, %s; %.0f s; %s",
                report.violations().isEmpty()
                        ? "all held"
                        : report.violations().size() + " violations",
                report.kills(),
                report.brokerKills(),
                report.rescalings(),
                report.images(),
                report.updates(),
                report.snapshots(),
                report.consistency(),
                report.seconds(),
                out.resolve("report.json"));
    }

    private static void say(PrintWriter print, String line) {
        print.println(line);
        print.flush();
    }
}
