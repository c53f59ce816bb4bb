package io.ebmstream.job.topology;

/** The reference of all metrics, generated from {@link EbmMetrics}. */
public final class MetricsReference {
    private MetricsReference() {}

    /** A Markdown page: one table row for each metric. */
    public static String markdown() {
        StringBuilder page =
                new StringBuilder(
                        """
                        # Metrics

                        Generated from `EbmMetrics`: `./ebm config --metrics > flink-job/docs/METRICS.md`. All are numbers. They lie in
                        the group `ebm` of their operators; `%s` stands before each name in Prometheus, labels between
                        the group and the name: %s.

                        Nothing is reported unless Flink is told to. In the same file as the job's other options:

                            metrics.reporters: prom
                            metrics.reporter.prom.factory.class: org.apache.flink.metrics.prometheus.PrometheusReporterFactory
                            metrics.reporter.prom.port: 9249

                        `./ebm run` then answers at `http://localhost:9249/metrics`. On a cluster these keys belong to the cluster's
                        configuration, as in [k8s](../../k8s/README.md), where a dashboard and alert rules use them. Flink's reporter
                        writes `_` for any other sign of a name: operator `density-monitor` is `operator_name="density_monitor"`. Counters
                        start at 0 with their task: use `rate` and `increase`. A histogram has the label `quantile` and `.._count`.

                        | name | type | unit | labels | operators | meaning |
                        |---|---|---|---|---|---|
                        """
                                .formatted(
                                        Metric.PROMETHEUS_SCOPE + EbmMetrics.GROUP + "_",
                                        "`" + EbmMetrics.GUARD_ACTIONS.prometheus() + "`"));
        for (Metric metric : EbmMetrics.all()) {
            page.append("| `")
                    .append(metric.name())
                    .append("` | ")
                    .append(metric.typeText())
                    .append(" | ")
                    .append(metric.unit().label())
                    .append(" | ")
                    .append(String.join(", ", metric.labels()))
                    .append(" | ")
                    .append(String.join(", ", metric.operators()))
                    .append(" | ")
                    .append(metric.meaning().replace("|", "\\|"))
                    .append(" |\n");
        }
        return page.toString();
    }
}
