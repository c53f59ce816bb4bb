package io.ebmstream.ops.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(20)
class WorkerPoolTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void runsEveryPieceOnce(int workers) {
        try (WorkerPool pool = new WorkerPool(workers, "test")) {
            for (int count : new int[] {0, 1, 3, 100}) {
                AtomicIntegerArray runs = new AtomicIntegerArray(count);
                pool.run(
                        count,
                        (worker, index) -> {
                            assertThat(worker).isBetween(0, workers - 1);
                            runs.incrementAndGet(index);
                        });
                for (int i = 0; i < count; i++) {
                    assertThat(runs.get(i)).isEqualTo(1);
                }
            }
        }
    }

    @Test
    void workersRunAtTheSameTimeEachOnItsOwnThread() {
        try (WorkerPool pool = new WorkerPool(3, "test")) {
            CyclicBarrier all = new CyclicBarrier(3);
            String[] names = new String[3];
            pool.runOnEach(
                    worker -> {
                        try {
                            all.await();
                        } catch (Exception e) {
                            throw new IllegalStateException(e);
                        }
                        names[worker] = Thread.currentThread().getName();
                    });
            assertThat(names).containsExactly("test-0", "test-1", "test-2");
        }
    }

    @Test
    void passesAFailureOnAfterTheOthersHaveEnded() {
        try (WorkerPool pool = new WorkerPool(2, "test")) {
            AtomicInteger ended = new AtomicInteger();
            assertThatThrownBy(
                            () ->
                                    pool.runOnEach(
                                            worker -> {
                                                if (worker == 0) {
                                                    throw new IllegalStateException("piece broke");
                                                }
                                                pause();
                                                ended.incrementAndGet();
                                            }))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("piece broke");
            assertThat(ended).hasValue(1);
            pool.runOnEach(worker -> ended.incrementAndGet());
            assertThat(ended).as("still usable").hasValue(3);
        }
    }

    @Test
    void refusesToHaveNoWorkers() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new WorkerPool(0, "test"))
                .withMessageContaining("expected at least 1 worker, found 0");
    }

    private static void pause() {
        try {
            Thread.sleep(50);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aWorkerMayNotWaitForItself() {
        try (WorkerPool pool = new WorkerPool(2, "test")) {
            assertThatThrownBy(() -> pool.runOnEach(w -> pool.run(1, (worker, index) -> {})))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("would wait for itself");
        }
    }
}
