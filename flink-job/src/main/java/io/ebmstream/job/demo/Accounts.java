package io.ebmstream.job.demo;

import io.ebmstream.job.config.JobConfig;
import io.ebmstream.job.feed.FeedPlan;
import io.ebmstream.ops.image.ImageDataset;
import io.ebmstream.schemas.avro.Alarm;
import io.ebmstream.schemas.avro.LearnerDiagnostics;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Adds up what a demo did. */
final class Accounts {
    private final DemoOptions options;
    private final JobConfig config;
    private final ImageDataset images;
    private final DemoFeed feed;
    private final CommittedOutputs outputs;

    Accounts(
            DemoOptions options,
            JobConfig config,
            ImageDataset images,
            DemoFeed feed,
            CommittedOutputs outputs) {
        this.options = options;
        this.config = config;
        this.images = images;
        this.feed = feed;
        this.outputs = outputs;
    }

    DemoSummary summary(
            boolean snapshotVerified,
            long restarts,
            double wallSeconds,
            double workSeconds,
            boolean interrupted,
            boolean complete) {
        List<LearnerDiagnostics> updates = outputs.updates();
        LearnerDiagnostics last = updates.isEmpty() ? null : updates.get(updates.size() - 1);
        List<DemoSummary.Mse> byCorruption = byCorruption();
        List<DemoSummary.Mse> corrupted =
                byCorruption.stream().filter(m -> !m.corruption().equals("none")).toList();
        long count = corrupted.stream().mapToLong(DemoSummary.Mse::images).sum();
        long imgSteps =
                updates.stream().mapToLong(u -> (long) u.getSteps() * u.getChainCount()).sum()
                        + outputs.purifiedCount() * config.purifier().steps();
        return new DemoSummary(
                feed.good() + feed.bad(),
                outputs.purifiedCount(),
                outputs.deadLetterCount(),
                feed.bad(),
                outputs.intactDeadLetterCount(),
                outputs.readingCount(),
                outputs.alarms().size(),
                outputs.updateCount(),
                outputs.snapshotCount(),
                outputs.lastVersion(),
                snapshotVerified,
                last == null ? options.executor() : last.getExecutor(),
                last == null ? options.precision() : last.getPrecision(),
                finite(imgSteps / workSeconds, 1),
                finite(outputs.latency(0.5), 1),
                finite(outputs.latency(0.99), 1),
                last == null ? null : finite(last.getEnergyDifference(), 1e-4),
                last == null ? null : finite(last.getGradientMagnitude(), 1e-6),
                finite(
                        corrupted.stream().mapToDouble(m -> m.sent() * m.images()).sum() / count,
                        1e-7),
                finite(
                        corrupted.stream().mapToDouble(m -> m.purified() * m.images()).sum()
                                / count,
                        1e-7),
                count,
                byCorruption,
                restarts,
                finite(wallSeconds, 0.1),
                interrupted,
                complete,
                options.seed(),
                images.name(),
                images.shape().toString(),
                drift(),
                outputs.alarms().stream().map(this::raised).toList());
    }

    private DemoSummary.Drift drift() {
        if (feed.changed() == Long.MAX_VALUE) {
            return null;
        }
        long[] after =
                outputs.alarms().stream()
                        .mapToLong(alarm -> FeedPlan.place(alarm.getImageId()))
                        .filter(place -> place >= feed.changed())
                        .sorted()
                        .toArray();
        return new DemoSummary.Drift(
                options.drift().name(),
                feed.changed(),
                outputs.alarms().size() - after.length,
                after.length,
                after.length == 0 ? null : after[0] + 1 - feed.changed());
    }

    private DemoSummary.Raised raised(Alarm alarm) {
        return new DemoSummary.Raised(
                alarm.getStreamId(),
                alarm.getKind().toString(),
                FeedPlan.place(alarm.getImageId()),
                CommittedOutputs.text(alarm.getModelVersion()),
                alarm.getWindowCount(),
                alarm.getStatistic(),
                alarm.getThreshold(),
                alarm.getPValue(),
                alarm.getMessage());
    }

    /** A demo in a few lines for a person. */
    static String text(DemoSummary s, List<Path> files) {
        StringBuilder text = new StringBuilder();
        text.append(
                String.format(
                        Locale.ROOT,
                        "%nfed %,d records: %,d purified, %,d dead letters of %,d broken ones (%,d"
                                + " with their bytes intact), %d restarts%n",
                        s.imagesFed(),
                        s.imagesPurified(),
                        s.deadLetters(),
                        s.badInputsFed(),
                        s.deadLettersIntact(),
                        s.restarts()));
        text.append(
                String.format(
                        Locale.ROOT,
                        "learned %,d updates in %d versions, the last %s, %s%n",
                        s.updates(),
                        s.snapshots(),
                        orDash(s.lastVersion()),
                        s.snapshotVerified()
                                ? "read back through the snapshot client and verified"
                                : "not read back"));
        text.append(
                String.format(
                        Locale.ROOT,
                        "d %s  r %s  %s img-steps/s with %s %s%n",
                        orDash(s.energyDifference()),
                        orDash(s.gradientMagnitude()),
                        orDash(s.imgStepsPerSecond()),
                        s.executor(),
                        s.precision()));
        text.append(
                String.format(
                        Locale.ROOT,
                        "purification latency: median %s ms, 99 %% under %s ms%n",
                        orDash(s.purifyLatencyMsP50()),
                        orDash(s.purifyLatencyMsP99())));
        if (!s.mseByCorruption().isEmpty()) {
            text.append("mean squared error against the clean image, last quarter of the feed:\n");
        }
        for (DemoSummary.Mse m : s.mseByCorruption()) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "  %-16s %.4f as sent, %.4f purified (%d images)%n",
                            m.corruption(),
                            m.sent(),
                            m.purified(),
                            m.images()));
        }
        if (s.drift() != null) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "from image %,d on the feed was %s: %s%n",
                            s.drift().from(),
                            s.drift().images(),
                            s.drift().delay() == null
                                    ? "no alarm"
                                    : "alarm after " + s.drift().delay() + " images"));
        }
        for (DemoSummary.Raised alarm : s.alarmsRaised()) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "  %s at image %,d, version %s: %s%n",
                            alarm.kind(),
                            alarm.image(),
                            alarm.version(),
                            alarm.message()));
        }
        text.append(String.format(Locale.ROOT, "%.0f s in all; files:", s.wallSeconds()));
        files.forEach(f -> text.append("\n  ").append(f));
        return text.toString();
    }

    private static String orDash(Object value) {
        return value == null ? "-" : value.toString();
    }

    private List<DemoSummary.Mse> byCorruption() {
        long from = feed.good() - feed.good() / 4;
        Map<String, List<PurifiedRow>> rows =
                outputs.rows().stream()
                        .filter(r -> r.place() >= from)
                        .collect(
                                Collectors.groupingBy(
                                        r -> r.corruption().isEmpty() ? "none" : r.corruption(),
                                        TreeMap::new,
                                        Collectors.toList()));
        return rows.entrySet().stream()
                .map(
                        e ->
                                new DemoSummary.Mse(
                                        e.getKey(),
                                        e.getValue().size(),
                                        mean(e.getValue(), PurifiedRow::mseSent),
                                        mean(e.getValue(), PurifiedRow::msePurified)))
                .toList();
    }

    private static double mean(
            List<PurifiedRow> rows, java.util.function.ToDoubleFunction<PurifiedRow> value) {
        return Math.round(rows.stream().mapToDouble(value).average().orElseThrow() * 1e7) / 1e7;
    }

    /** Rounded to what is meaningful; null for what is no number. */
    private static Double finite(double value, double unit) {
        return Double.isFinite(value) ? Math.round(value / unit) / (1 / unit) : null;
    }
}
