package io.ebmstream.job.topology;

import io.ebmstream.job.topology.Metric.Type;
import io.ebmstream.job.topology.Metric.Unit;
import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.snapshot.ModelVersion;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.metrics.DescriptiveStatisticsHistogram;

/**
 * All metrics of the job. They lie in the group {@code ebm} of their operator, so that a reporter
 * shows them as for example {@code ...operator.ebm.updates}; {@code docs/METRICS.md} is generated
 * from here.
 */
public final class EbmMetrics {
    /** Group of all metrics below. */
    public static final String GROUP = "ebm";

    private static final String DECODE = "decode";

    /** Decodes in lockstep. */
    private static final String NUMBER = "number";

    private static final String CONTROL = "control-decode";
    private static final String LEARNER = "learner";
    private static final String PURIFIER = "purifier";
    private static final String MERGE = "merge";
    private static final String DENSITY = "density-monitor";

    // ---- input

    public static final Metric IMAGES_DECODED =
            counter("images_decoded", Unit.IMAGES, "Images decoded.", DECODE, NUMBER);

    public static final Metric DEAD_LETTERS =
            counter(
                    "dead_letters",
                    Unit.RECORDS,
                    "Records that became dead letters.",
                    DECODE,
                    NUMBER,
                    CONTROL,
                    PURIFIER);

    public static final Metric LATENTS_IGNORED =
            counter(
                    "latents_ignored",
                    Unit.IMAGES,
                    "Images whose latents were ignored, because the job has no generator.",
                    DECODE,
                    NUMBER);

    public static final Metric LOCKSTEP_HELD =
            gauge(
                    "lockstep_held",
                    Unit.RECORDS,
                    "Records that the merge of partitions holds until their turn.",
                    MERGE);

    public static final Metric LOCKSTEP_WAITS_FOR_PARTITION =
            gauge(
                    "lockstep_waits_for_partition",
                    Unit.PARTITION,
                    "Partition of the record that all held ones wait for; -1 if none is held.",
                    MERGE);

    public static final Metric LOCKSTEP_WAITS_FOR_NUMBER =
            gauge(
                    "lockstep_waits_for_number",
                    Unit.RECORDS,
                    "Number in its partition of the record that all held ones wait for; -1 if"
                            + " none is held.",
                    MERGE);

    // ---- learning

    public static final Metric UPDATES =
            counter("updates", Unit.UPDATES, "Learner updates since the task started.", LEARNER);

    public static final Metric LAST_UPDATE =
            gauge(
                    "last_update",
                    Unit.UPDATES,
                    "Number of the last update, counted from the model's first.",
                    LEARNER);

    public static final Metric ENERGY_DIFFERENCE =
            gauge(
                    "energy_difference",
                    Unit.NONE,
                    "d of the last update, (mean U(data) - mean U(chains)) / T; NaN before the"
                            + " first.",
                    LEARNER);

    public static final Metric GRADIENT_MAGNITUDE =
            gauge(
                    "gradient_magnitude",
                    Unit.PIXELS,
                    "r of the last update, mean norm of (eps^2/2) grad U/T; NaN before the first.",
                    LEARNER);

    public static final Metric UPDATES_DROPPED =
            counter(
                    "updates_dropped",
                    Unit.UPDATES,
                    "Updates dropped because something was not finite, since the task started.",
                    LEARNER);

    public static final Metric IMAGES_KEPT_OUT =
            counter(
                    "images_kept_out",
                    Unit.IMAGES,
                    "Images that were kept out of learning, as lying too far out.",
                    LEARNER);

    public static final Metric GUARD_ACTIONS =
            new Metric(
                    "guard_actions",
                    Type.COUNTER,
                    Unit.ACTIONS,
                    "Actions of the learner's guard rails since the task started, by remedy;"
                            + " dropped updates too.",
                    List.of("remedy"),
                    List.of(LEARNER));

    public static final Metric ROLL_BACKS =
            gauge(
                    "roll_backs",
                    Unit.ACTIONS,
                    "Roll-backs since the model's first update.",
                    LEARNER);

    public static final Metric LEARNING_FROZEN =
            gauge(
                    "learning_frozen",
                    Unit.FLAG,
                    "1 if learning is frozen after too many roll-backs.",
                    LEARNER);

    public static final Metric GUARD_RATE_FACTOR =
            gauge(
                    "guard_rate_factor",
                    Unit.FACTOR,
                    "What the guard rails multiply the learning rate by; 1 for nothing.",
                    LEARNER);

    // ---- versions

    public static final Metric VERSIONS_REFUSED =
            counter(
                    "versions_refused",
                    Unit.VERSIONS,
                    "Versions that failed a check and were not published, since the task started.",
                    LEARNER);

    public static final Metric VERSION_EPOCH =
            gauge(
                    "version_epoch",
                    Unit.EPOCHS,
                    "Epoch of the version last published or received.",
                    LEARNER,
                    PURIFIER);

    public static final Metric VERSION_COUNTER =
            gauge(
                    "version_counter",
                    Unit.VERSIONS,
                    "Counter, within its epoch, of the version last published or received.",
                    LEARNER,
                    PURIFIER);

    // ---- purification

    public static final Metric IMAGES_PURIFIED =
            counter(
                    "images_purified",
                    Unit.IMAGES,
                    "Images purified since the task started.",
                    PURIFIER);

    public static final Metric IMAGES_REFINED =
            counter(
                    "images_refined",
                    Unit.IMAGES,
                    "Images refined from their latents since the task started.",
                    PURIFIER);

    public static final Metric IMAGES_CLASSIFIED =
            counter(
                    "images_classified",
                    Unit.IMAGES,
                    "Purified images that were classified since the task started.",
                    PURIFIER);

    public static final Metric IMAGES_FEWER_STEPS =
            counter(
                    "images_fewer_steps",
                    Unit.IMAGES,
                    "Images that were given fewer steps than configured because images backed up.",
                    PURIFIER);

    public static final Metric IMAGES_FLAGGED =
            counter(
                    "images_flagged",
                    Unit.IMAGES,
                    "Purified images that were flagged as lying far from those the model knows.",
                    PURIFIER);

    public static final Metric STEPS =
            histogram(
                    "steps",
                    Unit.STEPS,
                    "Steps of an image, fewer than configured where runs end early.",
                    PURIFIER);

    // ---- density

    public static final Metric READINGS =
            counter("readings", Unit.READINGS, "Density readings.", DENSITY);

    public static final Metric ALARMS = counter("alarms", Unit.ALARMS, "Drift alarms.", DENSITY);

    // ---- computing

    public static final Metric QUEUE =
            gauge(
                    "queue",
                    Unit.IMAGES,
                    "Images that wait, those in work included.",
                    LEARNER,
                    PURIFIER);

    public static final Metric SLICE_MILLIS =
            histogram(
                    "slice_millis",
                    Unit.MILLISECONDS,
                    "Length of the slices that computing is cut into.",
                    LEARNER,
                    PURIFIER);

    public static final Metric COMPUTE =
            new Metric(
                    "compute",
                    Type.GAUGE,
                    Unit.FLAG,
                    "1 for the executor and the precision in use.",
                    List.of("executor", "precision"),
                    List.of(LEARNER, PURIFIER));

    public static final Metric EXECUTOR_FALLBACK =
            gauge(
                    "executor_fallback",
                    Unit.FLAG,
                    "1 if auto had to take another executor than the fastest it knows.",
                    LEARNER,
                    PURIFIER);

    public static final Metric BATCH_SPLITS =
            gauge(
                    "batch_splits",
                    Unit.SPLITS,
                    "How often a lack of memory made a GPU's micro-batches smaller in this process.",
                    LEARNER,
                    PURIFIER);

    private static final int HISTOGRAM_WINDOW = 512;
    private static final List<Metric> ALL = collect();

    private EbmMetrics() {}

    /** All metrics, in the order in which they stand here. */
    public static List<Metric> all() {
        return ALL;
    }

    /** The job's group within an operator's. */
    public static MetricGroup group(MetricGroup operator) {
        return operator.addGroup(GROUP);
    }

    /** The job's group within a function's operator. */
    public static MetricGroup group(RuntimeContext context) {
        return group(context.getMetricGroup());
    }

    /**
     * Registers a counter.
     *
     * @param labels values of the metric's labels, in their order
     */
    public static Counter counter(MetricGroup group, Metric metric, String... labels) {
        return labelled(group, metric, Type.COUNTER, labels).counter(metric.name());
    }

    /**
     * Registers a gauge.
     *
     * @param labels values of the metric's labels, in their order
     */
    public static <T extends Number> void gauge(
            MetricGroup group, Metric metric, Gauge<T> gauge, String... labels) {
        labelled(group, metric, Type.GAUGE, labels).gauge(metric.name(), gauge);
    }

    /** Registers a histogram over the last {@value #HISTOGRAM_WINDOW} values. */
    public static Histogram histogram(MetricGroup group, Metric metric, String... labels) {
        return labelled(group, metric, Type.HISTOGRAM, labels)
                .histogram(metric.name(), new DescriptiveStatisticsHistogram(HISTOGRAM_WINDOW));
    }

    /** Registers the gauges of a version; null stands for the untrained model. */
    public static void version(MetricGroup group, Supplier<ModelVersion> version) {
        gauge(group, VERSION_EPOCH, () -> version.get() == null ? 0 : version.get().epoch());
        gauge(group, VERSION_COUNTER, () -> version.get() == null ? 0 : version.get().counter());
    }

    /** Registers the gauges of what an operator computes with. */
    public static void compute(MetricGroup group, Executors.Choice compute) {
        gauge(group, COMPUTE, () -> 1, compute.executor().name(), compute.precision().label());
        gauge(group, EXECUTOR_FALLBACK, () -> compute.passedOver().isEmpty() ? 0 : 1);
        gauge(group, BATCH_SPLITS, () -> compute.executor().splits());
    }

    private static MetricGroup labelled(
            MetricGroup group, Metric metric, Type type, String... values) {
        if (metric.type() != type || metric.labels().size() != values.length) {
            throw new IllegalArgumentException(
                    "expected "
                            + metric.name()
                            + " as "
                            + metric.type()
                            + " with labels "
                            + metric.labels()
                            + ", found "
                            + type
                            + " with "
                            + Arrays.toString(values));
        }
        MetricGroup innermost = group;
        for (int i = 0; i < values.length; i++) {
            innermost = innermost.addGroup(metric.labels().get(i), values[i]);
        }
        return innermost;
    }

    private static Metric counter(String name, Unit unit, String meaning, String... operators) {
        return new Metric(name, Type.COUNTER, unit, meaning, List.of(), List.of(operators));
    }

    private static Metric gauge(String name, Unit unit, String meaning, String... operators) {
        return new Metric(name, Type.GAUGE, unit, meaning, List.of(), List.of(operators));
    }

    private static Metric histogram(String name, Unit unit, String meaning, String... operators) {
        return new Metric(name, Type.HISTOGRAM, unit, meaning, List.of(), List.of(operators));
    }

    private static List<Metric> collect() {
        return Arrays.stream(EbmMetrics.class.getDeclaredFields())
                .filter(f -> Modifier.isPublic(f.getModifiers()) && f.getType() == Metric.class)
                .map(
                        f -> {
                            try {
                                return (Metric) f.get(null);
                            } catch (IllegalAccessException e) {
                                throw new IllegalStateException("metric " + f.getName(), e);
                            }
                        })
                .toList();
    }
}
