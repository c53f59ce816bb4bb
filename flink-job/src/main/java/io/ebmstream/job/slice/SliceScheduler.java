package io.ebmstream.job.slice;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.streaming.runtime.tasks.StreamTask;
import org.apache.flink.streaming.runtime.tasks.mailbox.TaskMailbox;

/**
 * Runs an operator's work in slices on the task's own thread, one mail for each.
 *
 * <p>Between two slices the mailbox processor takes at most one round of input and every waiting
 * mail. Checkpoint barriers of unaligned checkpoints are urgent mails and go before the next slice,
 * so that a barrier waits for one slice at most.
 *
 * <p>{@link #runUntil} may be called in the middle of {@code processElement}. It yields with the
 * lowest priority, which is that of the task's own mails, checkpoints among them: an operator's own
 * executor has the priority of its place in the chain (1 for the first) and would not see them. A
 * checkpoint may so be taken in the middle of {@code processElement}; it is consistent if the
 * element is already part of the operator's state and the operator is the first of its chain (no
 * half-done caller above it). The record's bytes are by then out of the input's buffers, so that an
 * unaligned checkpoint does not save them a second time.
 *
 * <p>Not thread-safe: for the task's thread only.
 */
public final class SliceScheduler {
    /** Work that can be done a little at a time. */
    @FunctionalInterface
    public interface Work {
        /**
         * Works for about the budget, at least one indivisible piece.
         *
         * @param budgetNanos time to spend, nanoseconds
         * @return whether there is more to do now
         * @throws Exception fails the task
         */
        boolean slice(long budgetNanos) throws Exception;
    }

    private final MailboxExecutor executor;
    private final Work work;
    private final long budgetNanos;
    private final Histogram sliceMillis;
    private final String name;
    private boolean scheduled;

    /**
     * @param task the operator's task
     * @param name what the work is, for the descriptions of mails
     * @param work the work
     * @param budget length of a slice; above 0
     * @param sliceMillis takes the time of each slice in milliseconds
     */
    public SliceScheduler(
            StreamTask<?, ?> task, String name, Work work, Duration budget, Histogram sliceMillis) {
        this.executor = task.getMailboxExecutorFactory().createExecutor(TaskMailbox.MIN_PRIORITY);
        this.name = name;
        this.work = work;
        this.budgetNanos = budget.toNanos();
        this.sliceMillis = sliceMillis;
    }

    /** Says that there is work; harmless when slices are already under way. */
    public void wake() {
        if (!scheduled) {
            scheduled = true;
            executor.execute(this::slice, "slice of %s", name);
        }
    }

    /**
     * Lets slices and every other mail run until the condition holds, which must be the outcome of
     * the work.
     *
     * @throws InterruptedException if the task is cancelled meanwhile
     * @throws IllegalStateException if there is no work left and the condition does not hold
     */
    public void runUntil(BooleanSupplier condition) throws InterruptedException {
        runUntil(condition, () -> false);
    }

    /**
     * The same where the condition may also be the outcome of a mail from elsewhere.
     *
     * @param awaited whether such a mail is on its way
     */
    public void runUntil(BooleanSupplier condition, BooleanSupplier awaited)
            throws InterruptedException {
        while (!condition.getAsBoolean()) {
            if (!scheduled && !awaited.getAsBoolean()) {
                throw new IllegalStateException(
                        "expected "
                                + name
                                + " to have work left while it waits for room, found none");
            }
            executor.yield();
        }
    }

    private void slice() throws Exception {
        scheduled = false;
        long start = System.nanoTime();
        boolean more = work.slice(budgetNanos);
        sliceMillis.update((System.nanoTime() - start) / 1_000_000);
        if (more) {
            wake();
        }
    }
}
