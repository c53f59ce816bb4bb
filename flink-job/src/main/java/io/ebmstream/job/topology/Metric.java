package io.ebmstream.job.topology;

import java.util.List;
import java.util.Locale;

/**
 * One metric of the job: how it is called, what it counts and who has it. Its value is a number
 * always. Immutable.
 *
 * @param name name within {@link EbmMetrics#GROUP}
 * @param type how it is to be read
 * @param unit unit of its values
 * @param meaning one line that says what it is
 * @param labels names of labels that stand between group and name; empty for none
 * @param operators names of the operators that have it, as in Flink's label {@code operator_name}
 */
public record Metric(
        String name,
        Type type,
        Unit unit,
        String meaning,
        List<String> labels,
        List<String> operators) {
    /** What Flink's Prometheus reporter puts before the group of an operator's metric. */
    static final String PROMETHEUS_SCOPE = "flink_taskmanager_job_task_operator_";

    /** How the values of a metric are to be read. */
    public enum Type {
        /** Only grows, from 0 at the start of a task: look at its rate. */
        COUNTER,
        /** What is the case now. */
        GAUGE,
        /** Count, quantiles and extremes of the last values. */
        HISTOGRAM
    }

    /** What the values of a metric are counted in. */
    public enum Unit {
        ACTIONS("actions"),
        ALARMS("alarms"),
        EPOCHS("epochs"),
        FACTOR("factor"),
        FLAG("0 or 1"),
        IMAGES("images"),
        MILLISECONDS("ms"),
        NONE("no unit"),
        PARTITION("partition"),
        PIXELS("pixel units of [-1, 1]"),
        READINGS("readings"),
        RECORDS("records"),
        SPLITS("splits"),
        STEPS("Langevin steps"),
        UPDATES("updates"),
        VERSIONS("versions");

        private final String label;

        Unit(String label) {
            this.label = label;
        }

        /** Its name in text. */
        public String label() {
            return label;
        }
    }

    /**
     * @throws IllegalArgumentException if a name would not be the same in Prometheus, or nobody has
     *     the metric
     */
    public Metric {
        labels = List.copyOf(labels);
        operators = List.copyOf(operators);
        requireName(name);
        labels.forEach(Metric::requireName);
        if (operators.isEmpty() || meaning.isBlank()) {
            throw new IllegalArgumentException(
                    "expected a meaning and operators of metric " + name + ", found none");
        }
    }

    private static void requireName(String name) {
        if (!name.matches("[a-z][a-z0-9_]*")) {
            throw new IllegalArgumentException(
                    "expected lower case letters, digits and underscores in the name of a metric,"
                            + " found \""
                            + name
                            + "\"");
        }
    }

    /** Its name as Flink's Prometheus reporter shows it. */
    public String prometheus() {
        StringBuilder full = new StringBuilder(PROMETHEUS_SCOPE).append(EbmMetrics.GROUP);
        labels.forEach(label -> full.append('_').append(label));
        return full.append('_').append(name).toString();
    }

    /** The type in text. */
    String typeText() {
        return type.name().toLowerCase(Locale.ROOT);
    }
}
