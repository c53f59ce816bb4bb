package io.ebmstream.schemas.snapshot;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.apache.kafka.common.errors.InterruptException;

/** Waits between attempts that grow from one to the next. Not thread-safe. */
final class Backoff {
    private static final long SLICE_MILLIS = 50;

    private final Duration first;
    private final Duration longest;
    private Duration next;

    /**
     * @param first wait after the first failure
     * @param longest what the waits double up to
     */
    Backoff(Duration first, Duration longest) {
        this.first = first;
        this.longest = longest;
        this.next = first;
    }

    /** Begins anew, because something worked. */
    void reset() {
        next = first;
    }

    /** How long the next wait is. */
    Duration next() {
        return next;
    }

    /**
     * Waits, and doubles the wait after this one.
     *
     * @param enough ends the wait early
     * @throws InterruptException if the thread is interrupted
     */
    void pause(BooleanSupplier enough) {
        long end = System.nanoTime() + next.toNanos();
        next = next.multipliedBy(2).compareTo(longest) > 0 ? longest : next.multipliedBy(2);
        try {
            long left = end - System.nanoTime();
            while (left > 0 && !enough.getAsBoolean()) {
                Thread.sleep(Math.min(SLICE_MILLIS, left / 1_000_000 + 1));
                left = end - System.nanoTime();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptException(e);
        }
    }
}
