package io.ebmstream.job.demo;

import io.ebmstream.job.board.Board;
import io.ebmstream.job.config.EbmOptions;
import io.ebmstream.job.config.JobConfig;
import io.ebmstream.ops.bank.ChainStart;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.image.ImageDataset;
import io.ebmstream.ops.image.ShapesDataset;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The job's configuration in a demo: small and quick, and everything else as by default.
 *
 * <p>Learning: few chains that start from noise, steps twice as large as by default and a rate that
 * shapes the energy within 100 updates instead of thousands. After 200 updates chains show blobs
 * and outlines. The first 50 updates are wild (abs(d) in the tens of thousands), which a short run
 * gets over; long runs are better served by the defaults.
 *
 * <p>Purification: the learner's drift (eps^2/(2 T) = 2) with a quarter of its noise, and few
 * steps, so that the young versions do little harm and the later ones take noise away.
 */
final class DemoConfig {
    private static final long MOST_UPDATES_TO_PUBLISH = 10;

    private static final int WIDTH = 32;

    /** For gray images and made-up ones: a quarter of the work. */
    private static final int SMALL_WIDTH = 16;

    /** Who sets one of these may ask for a job that takes no orders, from its board or anyone. */
    private static final List<String> STEERLESS =
            List.of(EbmOptions.PURIFIER_CONSISTENCY.key(), EbmOptions.LEARNER_SHARDS.key());

    private DemoConfig() {}

    /**
     * @param options what the demo is to do
     * @param images what it feeds
     * @param bootstrap its broker
     * @param scratch folder for checkpoints and working state
     * @throws io.ebmstream.job.config.ConfigException if the options do not fit
     */
    static JobConfig of(DemoOptions options, ImageDataset images, String bootstrap, Path scratch) {
        ImageShape shape = images.shape();
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
        boolean small = shape.channels() == 1 || images instanceof ShapesDataset;
        put(values, EbmOptions.MODEL_WIDTH.key(), small ? SMALL_WIDTH : WIDTH);
        put(values, EbmOptions.COMPUTE_EXECUTOR.key(), options.executor());
        put(values, EbmOptions.COMPUTE_PRECISION.key(), options.precision());
        put(values, EbmOptions.LEARNER_MAX_UPDATES.key(), options.updates());
        put(values, EbmOptions.LEARNER_START.key(), ChainStart.PERSISTENT.label());
        put(values, EbmOptions.LEARNER_BANK.key(), 128);
        put(values, EbmOptions.LEARNER_BATCH.key(), 32);
        put(values, EbmOptions.LEARNER_STEPS.key(), 20);
        put(values, EbmOptions.LEARNER_STEP_SIZE.key(), 2e-2);
        put(values, EbmOptions.LEARNER_TEMPERATURE.key(), 1e-4);
        put(values, EbmOptions.LEARNER_DATA_NOISE.key(), 4e-2);
        put(values, EbmOptions.LEARNER_LEARNING_RATE.key(), "5e-4@0,2e-4@120");
        put(values, EbmOptions.PURIFIER_STEPS.key(), 15);
        put(values, EbmOptions.PURIFIER_STEP_SIZE.key(), 5e-3);
        put(values, EbmOptions.PURIFIER_TEMPERATURE.key(), 6.25e-6);
        // versions of a model this young shift calibrated energies by up to half a deviation
        put(values, EbmOptions.DENSITY_SLACK.key(), 0.5);
        long publish =
                options.updates() == 0
                        ? MOST_UPDATES_TO_PUBLISH
                        : Math.max(1, Math.min(options.updates() / 2, MOST_UPDATES_TO_PUBLISH));
        put(values, EbmOptions.LEARNER_PUBLISH_EVERY.key(), publish);
        put(values, "restart-strategy.type", "fixed-delay");
        put(values, "restart-strategy.fixed-delay.attempts", 3);
        put(values, "restart-strategy.fixed-delay.delay", "1 s");
        if (options.boardPort().isPresent()
                && STEERLESS.stream().noneMatch(options.overrides()::containsKey)) {
            put(values, EbmOptions.CONTROL_ENABLED.key(), true);
            // as many as the board lists
            put(values, EbmOptions.CONTROL_KEEP.key(), Board.VERSIONS);
        }
        values.putAll(options.overrides());
        return JobConfig.of(values);
    }

    private static void put(Map<String, String> values, String key, Object value) {
        values.put(key, String.valueOf(value));
    }
}
