package io.ebmstream.job.demo;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Shows progress: a bar on a terminal, a line every few seconds elsewhere. Not thread-safe. */
final class ProgressDisplay implements AutoCloseable {
    private static final Duration LINE_EVERY = Duration.ofSeconds(5);
    private static final Duration BAR_EVERY = Duration.ofMillis(250);

    private final PrintWriter out;
    private final long updates;
    private final long start = System.nanoTime();
    private final ProgressBar bar;
    private long lastTime = start;
    private long lastPurified;
    private double rate;
    private boolean ended;

    /**
     * @param updates updates to come, 0 where time decides
     * @param terminal whether a bar can be drawn
     */
    ProgressDisplay(PrintWriter out, long updates, boolean terminal) {
        this.out = out;
        this.updates = updates;
        this.bar =
                terminal
                        ? new ProgressBarBuilder()
                                .setTaskName("updates")
                                .setInitialMax(updates == 0 ? -1 : updates)
                                .setStyle(ProgressBarStyle.ASCII)
                                .hideEta()
                                .setUpdateIntervalMillis((int) BAR_EVERY.toMillis())
                                .build()
                        : null;
    }

    /** Shows a state, unless another was shown a moment ago. */
    void show(Progress.View view) {
        long now = System.nanoTime();
        Duration every = bar == null ? LINE_EVERY : BAR_EVERY;
        if (now - lastTime < every.toNanos()) {
            return;
        }
        double latest = (view.purified() - lastPurified) / ((now - lastTime) / 1e9);
        // a bar looks four times a second: smooth what would jump
        rate = bar == null || rate == 0 ? latest : 0.9 * rate + 0.1 * latest;
        lastTime = now;
        lastPurified = view.purified();
        String latency = "p50 " + seconds(view.p50()) + " p99 " + seconds(view.p99());
        String learning = "d " + number("%+.0f", view.d()) + " r " + number("%.3f", view.r());
        if (bar != null) {
            bar.stepTo(view.updates());
            bar.setExtraMessage(
                    String.format(Locale.ROOT, "%s %.0f img/s %s", learning, rate, latency));
            return;
        }
        out.printf(
                Locale.ROOT,
                "%5.0f s  update %d%s  %s  purified %d (%.0f/s)  latency %s%n",
                (now - start) / 1e9,
                view.updates(),
                updates == 0 ? "" : "/" + updates,
                learning,
                view.purified(),
                rate,
                latency);
        out.flush();
    }

    /** Leaves the last state standing; what is printed next comes below it. */
    void end() {
        if (bar != null && !ended) {
            // closing it again would draw it again, over what came below
            ended = true;
            bar.close();
        }
    }

    @Override
    public void close() {
        end();
    }

    private static String number(String format, double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, format, value);
    }

    private static String seconds(double millis) {
        return Double.isNaN(millis) ? "-" : String.format(Locale.ROOT, "%.2fs", millis / 1e3);
    }
}
