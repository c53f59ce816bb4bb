package io.ebmstream.job.bench;

import io.ebmstream.job.config.EbmOptions;
import io.ebmstream.job.config.JobConfig;
import io.ebmstream.ops.energy.ImageShape;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * What the job of a benchmark computes.
 *
 * @param network name of the energy network
 * @param width channels of its first layer
 * @param executor name of what computes, {@code auto} among them
 * @param precision number format, {@code auto} among them
 * @param workers parallelism, at least 1
 * @param steps Langevin steps of an image, at least 1
 * @param batch images of a micro-batch, at least 1
 * @param settings options of the configuration that win over all others
 */
public record Workload(
        String network,
        int width,
        String executor,
        String precision,
        int workers,
        int steps,
        int batch,
        Map<String, String> settings) {
    /**
     * @throws IllegalArgumentException if a number is below 1
     */
    public Workload {
        if (workers < 1 || steps < 1 || batch < 1) {
            throw new IllegalArgumentException(
                    "expected workers, steps and batch of at least 1, found "
                            + workers
                            + ", "
                            + steps
                            + " and "
                            + batch);
        }
        settings = Map.copyOf(settings);
    }

    /**
     * @throws io.ebmstream.job.config.ConfigException if the settings do not make a configuration
     */
    public void check(ImageShape shape) {
        config(shape, "localhost:9092", Path.of("scratch"), Map.of());
    }

    /**
     * Configuration of a job that does it; a queue holds two micro-batches. The learner takes the
     * images in, as it does in life, and learns nothing.
     *
     * @param own options of one benchmark
     * @throws io.ebmstream.job.config.ConfigException if they do not make a configuration
     */
    JobConfig config(ImageShape shape, String bootstrap, Path scratch, Map<String, String> own) {
        Map<String, String> values = new HashMap<>();
        values.put(EbmOptions.JOB_NAME.key(), "ebm-bench");
        values.put(EbmOptions.JOB_PARALLELISM.key(), String.valueOf(workers));
        values.put(
                EbmOptions.CHECKPOINT_DIR.key(), scratch.resolve("checkpoints").toUri().toString());
        values.put(EbmOptions.KAFKA_BOOTSTRAP.key(), bootstrap);
        values.put(EbmOptions.IMAGE_CHANNELS.key(), String.valueOf(shape.channels()));
        values.put(EbmOptions.IMAGE_HEIGHT.key(), String.valueOf(shape.height()));
        values.put(EbmOptions.IMAGE_WIDTH.key(), String.valueOf(shape.width()));
        values.put(EbmOptions.MODEL_NETWORK.key(), network);
        values.put(EbmOptions.MODEL_WIDTH.key(), String.valueOf(width));
        values.put(EbmOptions.COMPUTE_EXECUTOR.key(), executor);
        values.put(EbmOptions.COMPUTE_PRECISION.key(), precision);
        values.put(EbmOptions.PURIFIER_STEPS.key(), String.valueOf(steps));
        values.put(EbmOptions.PURIFIER_BATCH.key(), String.valueOf(batch));
        values.put(EbmOptions.PURIFIER_QUEUE.key(), String.valueOf(2 * batch));
        values.put(EbmOptions.LEARNER_IMAGES_PER_UPDATE.key(), "1000000");
        values.putAll(own);
        values.putAll(settings);
        return JobConfig.of(values);
    }
}
