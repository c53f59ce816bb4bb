package io.ebmstream.job.demo;

import io.ebmstream.job.config.EbmOptions;
import io.ebmstream.job.config.JobConfig;
import io.ebmstream.ops.energy.ImageShape;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The job's configuration in a demo: small and quick, and everything else as by default. */
final class DemoConfig {
    private static final long MOST_UPDATES_TO_PUBLISH = 10;

    private DemoConfig() {}

    /**
     * @param options what the demo is to do
     * @param shape shape of its images
     * @param bootstrap its broker
     * @param scratch folder for checkpoints and working state
     * @throws io.ebmstream.job.config.ConfigException if the options do not fit
     */
    static JobConfig of(DemoOptions options, ImageShape shape, String bootstrap, Path scratch) {
        Map<String, String> values = new HashMap<>();
        put(values, EbmOptions.JOB_NAME.key(), "ebm-demo");
        put(values, EbmOptions.JOB_PARALLELISM.key(), options.parallelism());
        put(values, EbmOptions.JOB_SEED.key(), options.seed());
        put(values, EbmOptions.CHECKPOINT_INTERVAL.key(), "5 s");
        put(values, EbmOptions.CHECKPOINT_DIR.key(), scratch.resolve("checkpoints").toUri());
        put(values, EbmOptions.KAFKA_BOOTSTRAP.key(), bootstrap);
        put(values, EbmOptions.IMAGE_CHANNELS.key(), shape.channels());
        put(values, EbmOptions.IMAGE_HEIGHT.key(), shape.height());
        put(values, EbmOptions.IMAGE_WIDTH.key(), shape.width());
        put(values, EbmOptions.MODEL_WIDTH.key(), shape.channels() == 1 ? 16 : 32);
        put(values, EbmOptions.COMPUTE_EXECUTOR.key(), options.executor());
        put(values, EbmOptions.COMPUTE_PRECISION.key(), options.precision());
        put(values, EbmOptions.LEARNER_MAX_UPDATES.key(), options.updates());
        long publish =
                options.updates() == 0
                        ? MOST_UPDATES_TO_PUBLISH
                        : Math.max(1, Math.min(options.updates() / 2, MOST_UPDATES_TO_PUBLISH));
        put(values, EbmOptions.LEARNER_PUBLISH_EVERY.key(), publish);
        put(values, "restart-strategy.type", "fixed-delay");
        put(values, "restart-strategy.fixed-delay.attempts", 3);
        put(values, "restart-strategy.fixed-delay.delay", "1 s");
        values.putAll(options.overrides());
        return JobConfig.of(values);
    }

    private static void put(Map<String, String> values, String key, Object value) {
        values.put(key, String.valueOf(value));
    }
}
