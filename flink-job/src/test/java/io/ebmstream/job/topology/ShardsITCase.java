package io.ebmstream.job.topology;

import static io.ebmstream.job.topology.LockstepJob.GOOD;
import static io.ebmstream.job.topology.LockstepJob.IMAGES_PER_UPDATE;
import static io.ebmstream.job.topology.LockstepJob.PLACES;
import static io.ebmstream.job.topology.LockstepJob.PUBLISH_EVERY;
import static io.ebmstream.job.topology.LockstepJob.WARMUP;
import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.job.TestTopics;
import io.ebmstream.job.broker.EmbeddedBroker;
import io.ebmstream.job.shards.RoundPlan;
import io.ebmstream.job.topology.LockstepJob.Outputs;
import io.ebmstream.schemas.Topics;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One learner and two shards of a learner in lockstep over the same four partitions, one of which
 * holds all that is broken: rescaled 1 -> 2 -> 1 from savepoints while the input comes, failing at
 * parallelism 2, and left alone at parallelism 1. Each gives the same versions and bytes.
 */
class ShardsITCase {
    private static final int PARTITIONS = 4;
    private static final int EVERY = 2;
    private static final int[] BURSTS = {0, 56, 112, PLACES};
    private static final int[] PARALLELISM = {1, 2, 1};

    private static final int ONE = (1 + (GOOD - WARMUP) / IMAGES_PER_UPDATE) / PUBLISH_EVERY;
    private static final int TWO =
            (int)
                    LongStream.rangeClosed(1, PLACES / PARTITIONS)
                            .filter(
                                    new RoundPlan(2, PARTITIONS, WARMUP, IMAGES_PER_UPDATE, EVERY)
                                            ::endsAfter)
                            .count();

    @TempDir Path folder;

    @Test
    void resultsDependOnShardsAndPartitionsButNotOnParallelismOrFailures() throws Exception {
        FailingOnceExecutor.FAILURES.set(0);
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            String bootstrap = broker.bootstrapServers();
            broker.createTopics(List.of(new NewTopic(Topics.IMAGES, PARTITIONS, (short) 1)));
            for (String run : List.of("one-r", "one-w", "two-r", "two-f", "two-w")) {
                broker.createTopics(LockstepJob.topicsOf(run, PARTITIONS));
            }
            rescale(bootstrap);
            Outputs one = run(bootstrap, "one-w", 1, 1, ONE);
            Outputs two = run(bootstrap, "two-w", 2, 1, TWO);
            FailingOnceExecutor.ARMED.set(true);
            Outputs failed = run(bootstrap, "two-f", 2, 2, TWO);

            assertThat(FailingOnceExecutor.FAILURES).hasValue(1);
            assertThat(two.purified()).hasSize(GOOD);
            assertThat(two.snapshots()).hasSize(TWO).hasSizeGreaterThan(3);
            assertThat(two.snapshots()).isNotEqualTo(one.snapshots());
            assertSame(failed, two);
            assertSame(LockstepJob.outputs(bootstrap, "two-r", TWO), two);
            assertSame(LockstepJob.outputs(bootstrap, "one-r", ONE), one);
        } finally {
            FailingOnceExecutor.ARMED.set(false);
            FailingOnceExecutor.FAILURES.set(0);
        }
    }

    private static void assertSame(Outputs found, Outputs expected) {
        assertThat(found.snapshots()).isEqualTo(expected.snapshots());
        assertThat(found.purified()).isEqualTo(expected.purified());
        assertThat(found.deadLetters()).isEqualTo(expected.deadLetters());
    }

    /** One and two shards side by side, while the input comes. */
    private void rescale(String bootstrap) throws Exception {
        Map<String, String> savepoints = new HashMap<>();
        try (KafkaProducer<byte[], byte[]> producer = TestTopics.producer(bootstrap)) {
            for (int part = 0; part < PARALLELISM.length; part++) {
                Map<String, JobClient> jobs = new HashMap<>();
                for (Map.Entry<String, Integer> run : Map.of("one-r", 1, "two-r", 2).entrySet()) {
                    Map<String, String> settings =
                            settings(bootstrap, run.getKey(), run.getValue(), PARALLELISM[part]);
                    if (part > 0) {
                        settings.put("execution.state-recovery.path", savepoints.get(run.getKey()));
                    }
                    jobs.put(run.getKey(), LockstepJob.start(settings));
                }
                for (int partition = PARTITIONS - 1; partition >= 0; partition--) {
                    LockstepJob.feed(
                            producer, BURSTS[part], BURSTS[part + 1], partition, PARTITIONS);
                }
                for (Map.Entry<String, JobClient> job : jobs.entrySet()) {
                    TestTopics.await(bootstrap, job.getKey() + ".purified", good(BURSTS[part + 1]));
                    savepoints.put(
                            job.getKey(),
                            job.getValue()
                                    .stopWithSavepoint(
                                            false,
                                            folder.resolve("savepoints").toUri().toString(),
                                            SavepointFormatType.CANONICAL)
                                    .get(60, TimeUnit.SECONDS));
                }
            }
        }
    }

    private static int good(int places) {
        return (int)
                LongStream.range(0, places)
                        .filter(i -> i % LockstepJob.BAD_EVERY != LockstepJob.BAD_PLACE)
                        .count();
    }

    private Outputs run(String bootstrap, String run, int shards, int parallelism, int versions)
            throws Exception {
        JobClient job = LockstepJob.start(settings(bootstrap, run, shards, parallelism));
        Outputs outputs = LockstepJob.outputs(bootstrap, run, versions);
        job.cancel().get(30, TimeUnit.SECONDS);
        return outputs;
    }

    private Map<String, String> settings(
            String bootstrap, String run, int shards, int parallelism) {
        Map<String, String> settings = LockstepJob.settings(bootstrap, run, parallelism, folder);
        settings.put("ebm.learner.shards", String.valueOf(shards));
        settings.put("ebm.learner.average-every", String.valueOf(EVERY));
        return settings;
    }
}
