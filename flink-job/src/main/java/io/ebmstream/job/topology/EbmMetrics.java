package io.ebmstream.job.topology;

import io.ebmstream.job.compute.ComputeChoice;
import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.snapshot.ModelVersion;
import java.util.function.Supplier;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.metrics.DescriptiveStatisticsHistogram;

/**
 * Names of all metrics of the job. They lie in the group {@code ebm} of their operator, so that a
 * reporter shows them as for example {@code ...operator.ebm.updates}.
 */
public final class EbmMetrics {
    /** Group of all metrics below. */
    public static final String GROUP = "ebm";

    /** Counter: images decoded. */
    public static final String IMAGES_DECODED = "images_decoded";

    /** Counter: records that became dead letters. */
    public static final String DEAD_LETTERS = "dead_letters";

    /** Counter: learner updates since the task started. */
    public static final String UPDATES = "updates";

    /** Gauge: number of the last update, counted from the model's first. */
    public static final String LAST_UPDATE = "last_update";

    /** Gauge: d of the last update, no unit. */
    public static final String ENERGY_DIFFERENCE = "energy_difference";

    /** Gauge: r of the last update, pixel units of [-1, 1]. */
    public static final String GRADIENT_MAGNITUDE = "gradient_magnitude";

    /** Counter: updates dropped because something was not finite, since the task started. */
    public static final String UPDATES_DROPPED = "updates_dropped";

    /**
     * Counter: actions of the learner's guard rails since the task started, dropped updates too.
     */
    public static final String GUARD_ACTIONS = "guard_actions";

    /** Gauge: roll-backs since the model's first update. */
    public static final String ROLL_BACKS = "roll_backs";

    /** Gauge: 1 if learning is frozen after too many roll-backs, else 0. */
    public static final String LEARNING_FROZEN = "learning_frozen";

    /** Gauge: factor that the guard rails put on the learning rate, 1 for none. */
    public static final String GUARD_RATE_FACTOR = "guard_rate_factor";

    /** Gauge (text): what the guard rails did last; empty for nothing. */
    public static final String GUARD_LAST_ACTION = "guard_last_action";

    /** Counter: versions that failed a check and were not published, since the task started. */
    public static final String VERSIONS_REFUSED = "versions_refused";

    /** Gauge: counter of the version last published or received. */
    public static final String VERSION_COUNTER = "version_counter";

    /** Gauge: epoch of the version last published or received. */
    public static final String VERSION_EPOCH = "version_epoch";

    /** Counter: images purified since the task started. */
    public static final String IMAGES_PURIFIED = "images_purified";

    /** Counter: images refined from their latents since the task started. */
    public static final String IMAGES_REFINED = "images_refined";

    /** Counter: images whose latents were ignored, because the job has no generator. */
    public static final String LATENTS_IGNORED = "latents_ignored";

    /** Histogram: Langevin steps of an image, fewer than configured where runs end early. */
    public static final String STEPS = "steps";

    /** Counter: images that were given fewer steps than configured because images backed up. */
    public static final String IMAGES_FEWER_STEPS = "images_fewer_steps";

    /** Counter: purified images that were flagged as lying far from those that the model knows. */
    public static final String IMAGES_FLAGGED = "images_flagged";

    /** Counter: images that the learner kept out of what it learns from, as lying too far out. */
    public static final String IMAGES_KEPT_OUT = "images_kept_out";

    /** Counter: purified images that were classified since the task started. */
    public static final String IMAGES_CLASSIFIED = "images_classified";

    /** Gauge: images that wait, those in work included. */
    public static final String QUEUE = "queue";

    /** Histogram: length of slices, milliseconds. */
    public static final String SLICE_MILLIS = "slice_millis";

    /** Gauge (text): executor and precision in use. */
    public static final String EXECUTOR = "executor";

    /** Gauge: 1 if {@code auto} had to take another executor than the fastest it knows, else 0. */
    public static final String EXECUTOR_FALLBACK = "executor_fallback";

    /** Gauge: records that the merge of partitions holds until their turn (lockstep). */
    public static final String LOCKSTEP_HELD = "lockstep_held";

    /** Gauge (text): number and partition of the record that all held ones wait for. */
    public static final String LOCKSTEP_WAITS_FOR = "lockstep_waits_for";

    /** Counter: density readings. */
    public static final String READINGS = "readings";

    /** Counter: drift alarms. */
    public static final String ALARMS = "alarms";

    private static final int HISTOGRAM_WINDOW = 512;

    private EbmMetrics() {}

    /** The job's group within an operator's. */
    public static MetricGroup group(MetricGroup operator) {
        return operator.addGroup(GROUP);
    }

    /** The job's group within a function's operator. */
    public static MetricGroup group(RuntimeContext context) {
        return group(context.getMetricGroup());
    }

    /** Registers a gauge. */
    public static <T> void gauge(MetricGroup group, String name, Gauge<T> gauge) {
        group.gauge(name, gauge);
    }

    /** Registers the gauges of a version; null stands for the untrained model. */
    public static void version(MetricGroup group, Supplier<ModelVersion> version) {
        gauge(group, VERSION_EPOCH, () -> version.get() == null ? 0 : version.get().epoch());
        gauge(group, VERSION_COUNTER, () -> version.get() == null ? 0 : version.get().counter());
    }

    /** Registers the gauges of what an operator computes with. */
    public static void compute(MetricGroup group, Executors.Choice compute) {
        gauge(group, EXECUTOR, () -> ComputeChoice.label(compute));
        gauge(group, EXECUTOR_FALLBACK, () -> compute.passedOver().isEmpty() ? 0 : 1);
    }

    /** A histogram over the last {@value #HISTOGRAM_WINDOW} values. */
    public static Histogram histogram(MetricGroup group, String name) {
        return group.histogram(name, new DescriptiveStatisticsHistogram(HISTOGRAM_WINDOW));
    }
}
