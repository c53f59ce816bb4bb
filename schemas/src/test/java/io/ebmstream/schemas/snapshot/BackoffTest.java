package io.ebmstream.schemas.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.apache.kafka.common.errors.InterruptException;
import org.junit.jupiter.api.Test;

class BackoffTest {
    private final Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofMillis(350));

    @Test
    void waitsDoubleUpToTheLongestAndBeginAnew() {
        for (int millis : new int[] {100, 200, 350, 350}) {
            assertThat(backoff.next()).isEqualTo(Duration.ofMillis(millis));
            backoff.pause(() -> true);
        }
        backoff.reset();
        assertThat(backoff.next()).isEqualTo(Duration.ofMillis(100));
    }

    @Test
    void waitsAsLongAsItSays() {
        long start = System.nanoTime();
        backoff.pause(() -> false);
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isGreaterThanOrEqualTo(Duration.ofMillis(100));
    }

    @Test
    void anInterruptEndsTheWait() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> backoff.pause(() -> false)).isInstanceOf(InterruptException.class);
        assertThat(Thread.interrupted()).isTrue();
    }
}
