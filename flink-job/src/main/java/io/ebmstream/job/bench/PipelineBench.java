package io.ebmstream.job.bench;

import io.ebmstream.job.broker.EmbeddedBroker;
import io.ebmstream.job.broker.JobTopics;
import io.ebmstream.job.config.EbmOptions;
import io.ebmstream.job.config.JobConfig;
import io.ebmstream.job.feed.ImageFeeder;
import io.ebmstream.job.local.LocalCluster;
import io.ebmstream.job.local.TopicTail;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.image.Image;
import io.ebmstream.ops.image.ImageCodec;
import io.ebmstream.ops.image.ImageDataset;
import io.ebmstream.ops.image.ImageEncoding;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.commons.io.FileUtils;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;

/**
 * What the stream costs. In each round the same images are purified twice in this process, by the
 * same number of threads and in the same micro-batches: through Kafka and Flink (from the first
 * send to the last record in the output topic; decoding, checkpoints, transactions and a learner
 * that takes the images in but does not learn are part of it), and by a bare loop over {@code
 * Purifier}. The order changes from round to round; a round before the first warms both up.
 *
 * <p>Not thread-safe.
 */
public final class PipelineBench {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final long POLL_MILLIS = 5;
    private static final String STREAM = "bench-";

    private final PipelinePlan plan;
    private final List<Image> images;
    private final List<String> streams;

    /**
     * @param plan what to measure
     * @param dataset what is purified, from its begin, over and over
     */
    public PipelineBench(PipelinePlan plan, ImageDataset dataset) {
        this.plan = plan;
        this.images =
                IntStream.range(0, plan.images())
                        .mapToObj(i -> dataset.image(i % dataset.size()))
                        .toList();
        this.streams = oneStreamForEach(plan.workers());
    }

    /**
     * Measures.
     *
     * @param progress is told each round
     * @throws IllegalStateException if the job fails or stands still
     */
    public PipelineResult run(Consumer<PipelineRound> progress) throws Exception {
        Path scratch = Files.createTempDirectory("ebm-bench-");
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            JobConfig config = config(broker.bootstrapServers(), scratch);
            broker.createTopics(JobTopics.of(config, plan.workers(), (short) 1));
            AtomicLong out = new AtomicLong();
            try (LocalCluster cluster = LocalCluster.start(config, scratch);
                    TopicTail tail =
                            new TopicTail(
                                    "ebm-bench-purified",
                                    broker.bootstrapServers(),
                                    false,
                                    Map.of(
                                            config.topics().purified(),
                                            r -> out.incrementAndGet()));
                    BareLoop loop = new BareLoop(config, plan)) {
                cluster.awaitRunning(PATIENCE, () -> false);
                Runnable watch =
                        () -> {
                            cluster.check();
                            tail.check();
                        };
                List<PipelineRound> rounds = new ArrayList<>();
                for (int round = 0; round <= plan.rounds(); round++) {
                    PipelineRound measured = measure(round, config, loop, out, watch);
                    if (round > 0) {
                        rounds.add(measured);
                        progress.accept(measured);
                    }
                }
                return PipelineResult.of(plan, loop.label(), rounds);
            }
        } finally {
            FileUtils.deleteQuietly(scratch.toFile());
        }
    }

    private PipelineRound measure(
            int round, JobConfig config, BareLoop loop, AtomicLong out, Runnable watch)
            throws Exception {
        double bare = 0;
        if (round % 2 == 0) {
            bare = bare(round, loop);
        }
        double streamed = streamed(round, config, out, watch);
        if (round % 2 == 1) {
            bare = bare(round, loop);
        }
        return new PipelineRound(round, plan.images() / streamed, plan.images() / bare);
    }

    private double bare(int round, BareLoop loop) throws InterruptedException {
        List<byte[]> pixels = new ArrayList<>();
        for (Image image : images) {
            pixels.add(ImageCodec.encode(image, ImageEncoding.RAW_U8_PLANAR));
        }
        return loop.seconds(round, pixels);
    }

    private double streamed(int round, JobConfig config, AtomicLong out, Runnable watch)
            throws InterruptedException {
        List<ImageFeeder> feeders = new ArrayList<>();
        try {
            for (String stream : streams) {
                feeders.add(
                        new ImageFeeder(
                                config.kafka().properties(),
                                config.topics().images(),
                                stream,
                                ImageEncoding.RAW_U8_PLANAR));
            }
            long target = out.get() + plan.images();
            long start = System.nanoTime();
            for (int i = 0; i < plan.images(); i++) {
                feeders.get(i % feeders.size()).send(round + "-" + i, images.get(i));
            }
            feeders.forEach(ImageFeeder::flush);
            long changed = System.nanoTime();
            long last = -1;
            while (out.get() < target) {
                watch.run();
                if (out.get() != last) {
                    last = out.get();
                    changed = System.nanoTime();
                }
                if (System.nanoTime() - changed > PATIENCE.toNanos()) {
                    throw new IllegalStateException(
                            "expected the job to go on, found no image for "
                                    + PATIENCE.toSeconds()
                                    + " s with "
                                    + (target - last)
                                    + " missing");
                }
                Thread.sleep(POLL_MILLIS);
            }
            return (System.nanoTime() - start) / 1e9;
        } finally {
            feeders.forEach(ImageFeeder::close);
        }
    }

    private JobConfig config(String bootstrap, Path scratch) {
        ImageShape shape = images.get(0).shape();
        Map<String, String> values = new HashMap<>();
        values.put(EbmOptions.JOB_NAME.key(), "ebm-bench");
        values.put(EbmOptions.JOB_PARALLELISM.key(), String.valueOf(plan.workers()));
        values.put(
                EbmOptions.CHECKPOINT_DIR.key(), scratch.resolve("checkpoints").toUri().toString());
        values.put(EbmOptions.KAFKA_BOOTSTRAP.key(), bootstrap);
        values.put(EbmOptions.IMAGE_CHANNELS.key(), String.valueOf(shape.channels()));
        values.put(EbmOptions.IMAGE_HEIGHT.key(), String.valueOf(shape.height()));
        values.put(EbmOptions.IMAGE_WIDTH.key(), String.valueOf(shape.width()));
        values.put(EbmOptions.MODEL_NETWORK.key(), plan.network());
        values.put(EbmOptions.MODEL_WIDTH.key(), String.valueOf(plan.width()));
        values.put(EbmOptions.COMPUTE_EXECUTOR.key(), plan.executor());
        values.put(EbmOptions.COMPUTE_PRECISION.key(), plan.precision());
        values.put(EbmOptions.PURIFIER_STEPS.key(), String.valueOf(plan.steps()));
        values.put(EbmOptions.PURIFIER_BATCH.key(), String.valueOf(plan.batch()));
        values.put(EbmOptions.PURIFIER_QUEUE.key(), String.valueOf(2 * plan.batch()));
        // it takes the images in, as it does in life, and learns nothing
        values.put(EbmOptions.LEARNER_IMAGES_PER_UPDATE.key(), "1000000");
        return JobConfig.of(values);
    }

    /** Names that Flink gives to a subtask of their own each, so that all have the same work. */
    static List<String> oneStreamForEach(int workers) {
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
