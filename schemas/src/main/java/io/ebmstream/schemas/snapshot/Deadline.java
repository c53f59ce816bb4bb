package io.ebmstream.schemas.snapshot;

import java.time.Duration;
import org.apache.kafka.common.errors.TimeoutException;

/** How long a read may take, cut into the waits of its polls. */
final class Deadline {
    private static final long SLICE_NANOS = Duration.ofMillis(200).toNanos();

    private long endNanos;
    private final Duration timeout;
    private final String target;

    /**
     * @param target what is to be reached, for the message
     */
    Deadline(Duration timeout, String target) {
        this.timeout = timeout;
        this.target = target;
        restart();
    }

    /** Begins anew, because there was progress. */
    void restart() {
        endNanos = System.nanoTime() + timeout.toNanos();
    }

    boolean over() {
        return System.nanoTime() - endNanos >= 0;
    }

    /** What is left, at most 200 ms. */
    Duration left() {
        return Duration.ofNanos(Math.max(0, Math.min(SLICE_NANOS, endNanos - System.nanoTime())));
    }

    /**
     * The wait of the next poll.
     *
     * @throws TimeoutException if the time is over
     */
    Duration slice() {
        if (over()) {
            throw new TimeoutException(
                    "expected to reach "
                            + target
                            + " within "
                            + timeout
                            + "; is the broker up, and is a transaction left open?");
        }
        return left();
    }
}
