package io.ebmstream.job.slice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.runtime.metrics.DescriptiveStatisticsHistogram;
import org.apache.flink.runtime.operators.testutils.DummyEnvironment;
import org.apache.flink.streaming.runtime.tasks.StreamTask;
import org.apache.flink.streaming.runtime.tasks.mailbox.TaskMailbox;
import org.apache.flink.streaming.util.MockStreamTaskBuilder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SliceSchedulerTest {
    private final List<String> events = new ArrayList<>();
    private StreamTask<?, ?> task;
    private int pieces;

    @BeforeEach
    // Flink has no other task for tests without a whole operator around it
    @SuppressWarnings("deprecation")
    void makeTask() throws Exception {
        task = new MockStreamTaskBuilder(new DummyEnvironment()).build();
    }

    @Test
    void mailsOfTheTaskRunBetweenSlices() throws Exception {
        pieces = 3;
        SliceScheduler slices = scheduler();
        slices.wake();
        slices.wake();
        // the task's own mails have the lowest priority, as checkpoints do
        task.getMailboxExecutorFactory()
                .createExecutor(TaskMailbox.MIN_PRIORITY)
                .execute(() -> events.add("checkpoint"), "checkpoint");
        slices.runUntil(() -> pieces == 0);
        assertThat(events).containsExactly("slice", "checkpoint", "slice", "slice");
    }

    @Test
    void returnsAtOnceWhereThereIsRoom() throws Exception {
        pieces = 3;
        SliceScheduler slices = scheduler();
        slices.wake();
        slices.runUntil(() -> true);
        assertThat(events).isEmpty();
    }

    @Test
    void waitingWithoutWorkIsAnError() {
        pieces = 1;
        SliceScheduler slices = scheduler();
        slices.wake();
        assertThatThrownBy(() -> slices.runUntil(() -> false))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("test work");
    }

    private SliceScheduler scheduler() {
        return new SliceScheduler(
                task,
                "test work",
                budget -> {
                    events.add("slice");
                    return --pieces > 0;
                },
                Duration.ofMillis(1),
                new DescriptiveStatisticsHistogram(10));
    }
}
