package io.ebmstream.job.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ebmstream.ops.attack.TrialResult;
import io.ebmstream.ops.classifier.Proportion;
import io.ebmstream.ops.plot.Chart;
import io.ebmstream.ops.plot.ChartImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** What came out of trials: report.json, curve.csv, curve.png, queries.png and a table. */
final class RobustnessReport {
    private RobustnessReport() {}

    /**
     * Writes the files.
     *
     * @param report holds the protocol; trials are added
     * @param title of the charts
     */
    static void write(Path out, ObjectNode report, String title, List<TrialResult> results)
            throws IOException {
        ArrayNode rows = report.putArray("trials");
        for (TrialResult result : results) {
            ObjectNode row = rows.addObject();
            row.put("trial", result.name());
            row.put("images", result.verdicts().size());
            put(row.putObject("accuracy"), result.accuracy());
            ArrayNode worst = row.putArray("worst_of");
            for (int n = 1; n <= result.submissions(); n++) {
                worst.add(result.worstOf(n).value());
            }
            put(row.putObject("worst_of_n"), result.worstOf(result.submissions()));
            if (!Double.isNaN(result.meanSteps())) {
                row.put("mean_steps", result.meanSteps());
            }
            if (!Double.isNaN(result.meanReplicates())) {
                row.put("mean_replicates", result.meanReplicates());
            }
        }
        new ObjectMapper()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .writeValue(out.resolve("report.json").toFile(), report);
        curves(out, title, results);
    }

    /** Prints a table. */
    static void print(PrintWriter table, List<TrialResult> results, Path out) {
        table.printf(
                "%-12s %6s  %-28s %10s  %10s  %s%n",
                "trial", "images", "accuracy", "mean steps", "mean R", "worst of N answers");
        for (TrialResult result : results) {
            table.printf(
                    Locale.ROOT,
                    "%-12s %6d  %-28s %10s  %10s  %s%n",
                    result.name(),
                    result.verdicts().size(),
                    result.accuracy(),
                    orNothing(result.meanSteps()),
                    orNothing(result.meanReplicates()),
                    result.submissions() > 1
                            ? result.submissions() + ": " + result.worstOf(result.submissions())
                            : "");
        }
        table.println(out.resolve("report.json"));
    }

    private static String orNothing(double mean) {
        return Double.isNaN(mean) ? "" : String.format(Locale.ROOT, "%.1f", mean);
    }

    private static void put(ObjectNode node, Proportion share) {
        node.put("value", share.value());
        node.put("low", share.low());
        node.put("high", share.high());
    }

    /** Accuracy after every step of the attacks: a table, a chart of steps, one of queries. */
    private static void curves(Path out, String title, List<TrialResult> results)
            throws IOException {
        StringBuilder csv = new StringBuilder("trial,step,accuracy,low,high\n");
        Chart steps = new Chart(title, "steps of the attack", "accuracy").yRange(0, 1);
        Chart asked = new Chart(title, "queries of the attack", "accuracy").yRange(0, 1);
        boolean anySteps = false;
        boolean anyAsked = false;
        for (TrialResult result : results) {
            if (result.steps() == 0) {
                steps.level(result.name(), result.accuracy().value());
                asked.level(result.name(), result.accuracy().value());
            } else if (result.name().endsWith("square")) {
                draw(result, asked, csv);
                anyAsked = true;
            } else {
                draw(result, steps, csv);
                anySteps = true;
            }
        }
        Files.writeString(out.resolve("curve.csv"), csv);
        if (anySteps) {
            ChartImage.write(out.resolve("curve.png"), steps);
        }
        if (anyAsked) {
            ChartImage.write(out.resolve("queries.png"), asked);
        }
    }

    private static void draw(TrialResult result, Chart chart, StringBuilder csv) {
        int points = result.steps() + 1;
        double[] x = new double[points];
        double[] y = new double[points];
        double[] low = new double[points];
        double[] high = new double[points];
        for (int step = 0; step < points; step++) {
            Proportion share = result.standingAfter(step);
            x[step] = step;
            y[step] = share.value();
            low[step] = share.low();
            high[step] = share.high();
            csv.append(
                    String.format(
                            Locale.ROOT,
                            "%s,%d,%.6f,%.6f,%.6f%n",
                            result.name(),
                            step,
                            y[step],
                            low[step],
                            high[step]));
        }
        chart.band(result.name(), x, y, low, high);
    }
}
