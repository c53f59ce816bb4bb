package io.ebmstream.job.bench;

import io.ebmstream.job.config.EbmOptions;
import io.ebmstream.job.config.JobConfig;
import io.ebmstream.job.feed.ImageFeeder;
import io.ebmstream.ops.image.ImageDataset;
import io.ebmstream.ops.image.ImageEncoding;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;

/**
 * Feeds a job images, over and over, in as many streams as there are subtasks, one stream for each.
 * Not thread-safe.
 */
final class Backlog implements AutoCloseable {
    private static final String STREAM = "bench-";

    private final ImageDataset images;
    private final List<ImageFeeder> feeders = new ArrayList<>();
    private long sent;

    Backlog(JobConfig config, int workers, ImageDataset images) {
        this.images = images;
        for (String stream : oneStreamForEach(workers)) {
            feeders.add(
                    new ImageFeeder(
                            config.kafka().properties(),
                            config.topics().images(),
                            stream,
                            ImageEncoding.RAW_U8_PLANAR));
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
        for (; sent < total; sent++) {
            feeders.get((int) (sent % feeders.size()))
                    .send("image-" + sent, images.image((int) (sent % images.size())));
        }
        feeders.forEach(ImageFeeder::flush);
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
