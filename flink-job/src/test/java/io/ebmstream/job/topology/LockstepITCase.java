package io.ebmstream.job.topology;

import static io.ebmstream.job.topology.LockstepJob.GOOD;
import static io.ebmstream.job.topology.LockstepJob.IMAGES_PER_UPDATE;
import static io.ebmstream.job.topology.LockstepJob.PLACES;
import static io.ebmstream.job.topology.LockstepJob.PUBLISH_EVERY;
import static io.ebmstream.job.topology.LockstepJob.WARMUP;
import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.job.TestTopics;
import io.ebmstream.job.broker.EmbeddedBroker;
import io.ebmstream.schemas.Topics;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.flink.core.execution.JobClient;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two jobs in lockstep over the same input: one at parallelism 2 that fails in the middle, while
 * the input comes, one partition before the other; one at parallelism 1 that finds it all there.
 */
class LockstepITCase {
    private static final int BURST = 40;
    private static final int VERSIONS = (1 + (GOOD - WARMUP) / IMAGES_PER_UPDATE) / PUBLISH_EVERY;

    @TempDir Path folder;

    @Test
    void outputsAndSnapshotsAreTheSameByteForByte() throws Exception {
        FailingOnceExecutor.FAILURES.set(0);
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            String bootstrap = broker.bootstrapServers();
            broker.createTopics(List.of(new NewTopic(Topics.IMAGES, 2, (short) 1)));
            broker.createTopics(LockstepJob.topicsOf("a", 2));
            broker.createTopics(LockstepJob.topicsOf("b", 2));

            JobClient first = LockstepJob.start(LockstepJob.settings(bootstrap, "a", 2, folder));
            try (KafkaProducer<byte[], byte[]> producer = TestTopics.producer(bootstrap)) {
                for (int from = 0; from < PLACES; from += BURST) {
                    LockstepJob.feed(producer, from, from + BURST, 1, 2);
                    Thread.sleep(300);
                    LockstepJob.feed(producer, from, from + BURST, 0, 2);
                    if (from == BURST) {
                        TestTopics.await(bootstrap, "a.purified", 1);
                        FailingOnceExecutor.ARMED.set(true);
                    }
                }
            }
            LockstepJob.Outputs interrupted = LockstepJob.outputs(bootstrap, "a", VERSIONS);
            first.cancel().get(30, TimeUnit.SECONDS);
            assertThat(FailingOnceExecutor.FAILURES).hasValue(1);

            JobClient second = LockstepJob.start(LockstepJob.settings(bootstrap, "b", 1, folder));
            LockstepJob.Outputs whole = LockstepJob.outputs(bootstrap, "b", VERSIONS);
            second.cancel().get(30, TimeUnit.SECONDS);

            assertThat(whole.purified()).hasSize(GOOD);
            assertThat(whole.versions()).hasSizeGreaterThan(4);
            assertThat(interrupted.purified()).isEqualTo(whole.purified());
            assertThat(interrupted.deadLetters()).isEqualTo(whole.deadLetters());
            assertThat(interrupted.readings()).isEqualTo(whole.readings());
            assertThat(interrupted.snapshots()).isEqualTo(whole.snapshots());
            assertThat(whole.snapshots()).hasSize(VERSIONS);
        } finally {
            FailingOnceExecutor.ARMED.set(false);
            FailingOnceExecutor.FAILURES.set(0);
        }
    }
}
