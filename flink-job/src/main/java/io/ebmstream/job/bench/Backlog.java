package io.ebmstream.job.bench;

import io.ebmstream.job.config.EbmOptions;
import io.ebmstream.job.config.JobConfig;
import io.ebmstream.job.feed.ImageFeeder;
import io.ebmstream.ops.image.ImageDataset;
import io.ebmstream.ops.image.ImageEncoding;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * Feeds a job images, over and over, in as many streams as there are subtasks, one stream for each.
 * Not thread-safe.
 */
final class Backlog implements AutoCloseable {
    private static final String STREAM = "bench-";

    /** As long as brokers allow by default. */
    private static final String TRANSACTION_MILLIS = "900000";

    private final ImageDataset images;
    private final boolean atOnce;
    private final List<ImageFeeder> feeders = new ArrayList<>();
    private long sent;

    /**
     * @param atOnce whether the job gets none of what a call of {@link #fill} sends before all of
     *     it is there
     */
    Backlog(JobConfig config, int workers, ImageDataset images, boolean atOnce) {
        this.images = images;
        this.atOnce = atOnce;
        for (String stream : oneStreamForEach(workers)) {
            Properties kafka = config.kafka().properties();
            if (atOnce) {
                kafka.setProperty(ProducerConfig.TRANSACTIONAL_ID_CONFIG, stream);
                kafka.setProperty(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, TRANSACTION_MILLIS);
            }
            feeders.add(
                    new ImageFeeder(
                            kafka, config.topics().images(), stream, ImageEncoding.RAW_U8_PLANAR));
        }
    }

    /** Images sent so far. */
    long sent() {
        return sent;
    }

    /**
     * Sends until so many were sent since the beginning, and waits until they have arrived.
     *
     * @throws IllegalStateException if one could not be sent
     */
    void fill(long total) {
        if (atOnce) {
            feeders.forEach(ImageFeeder::begin);
        }
        for (; sent < total; sent++) {
            feeders.get((int) (sent % feeders.size()))
                    .send("image-" + sent, images.image((int) (sent % images.size())));
        }
        feeders.forEach(atOnce ? ImageFeeder::commit : ImageFeeder::flush);
    }

    @Override
    public void close() {
        feeders.forEach(ImageFeeder::close);
    }

    /** Names that Flink gives to a subtask of their own each, so that all have the same work. */
    private static List<String> oneStreamForEach(int workers) {
        String[] names = new String[workers];
        int found = 0;
        int maxParallelism = EbmOptions.JOB_MAX_PARALLELISM.option().defaultValue();
        for (int i = 0; found < workers; i++) {
            int subtask =
                    KeyGroupRangeAssignment.assignKeyToParallelOperator(
                            STREAM + i, maxParallelism, workers);
            if (names[subtask] == null) {
                names[subtask] = STREAM + i;
                found++;
            }
        }
        return List.of(names);
    }
}
