package io.ebmstream.job.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** How far some work is: a bar on a terminal, a line now and then elsewhere. Not thread-safe. */
final class StepProgress implements AutoCloseable {
    private static final Duration LINE_EVERY = Duration.ofSeconds(15);

    private final PrintWriter out;
    private final String task;
    private final long total;
    private final long first;
    private final long start = System.nanoTime();
    private final ProgressBar bar;
    private long lastLine = start;

    /**
     * @param done what was done in an earlier run
     */
    StepProgress(PrintWriter out, String task, long done, long total) {
        this.out = out;
        this.task = task;
        this.total = total;
        this.first = done;
        bar =
                System.console() == null
                        ? null
                        : new ProgressBarBuilder()
                                .setTaskName(task)
                                .setInitialMax(total)
                                .startsFrom(done, Duration.ZERO)
                                .setStyle(ProgressBarStyle.ASCII)
                                .build();
    }

    /** Shows a state; a line is left out if another was written a moment ago. */
    void show(long done, String message) {
        if (bar != null) {
            bar.stepTo(done);
            bar.setExtraMessage(" " + message);
            return;
        }
        long now = System.nanoTime();
        if (now - lastLine < LINE_EVERY.toNanos() && done < total) {
            return;
        }
        lastLine = now;
        double seconds = (now - start) / 1e9;
        double left = seconds / Math.max(1, done - first) * (total - done);
        out.printf(
                Locale.ROOT,
                "%6.0f s  %s %d/%d  %s  (%.0f s left)%n",
                seconds,
                task,
                done,
                total,
                message,
                left);
        out.flush();
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
