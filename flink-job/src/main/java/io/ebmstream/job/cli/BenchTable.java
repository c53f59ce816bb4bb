package io.ebmstream.job.cli;

import io.ebmstream.ops.bench.BenchRow;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

/** Rows of benchmarks for people. */
final class BenchTable {
    private static final String HEADER_FORMAT =
            "%-16s %-10s %-9s %-13s %5s %7s %5s %11s %9s %8s %6s %6s %9s %8s %6s%n";

    private final PrintWriter out;

    BenchTable(PrintWriter out) {
        this.out = out;
    }

    void header() {
        out.printf(
                Locale.ROOT,
                HEADER_FORMAT,
                "network",
                "executor",
                "precision",
                "layout",
                "batch",
                "workers",
                "part",
                "img-steps/s",
                "ms",
                "GFLOP/s",
                "matmul",
                "by CPU",
                "libtorch",
                "heap B",
                "MiB");
        out.flush();
    }

    void rows(List<BenchRow> rows) {
        for (BenchRow row : rows) {
            out.printf(
                    Locale.ROOT,
                    "%-16s %-10s %-9s %-13s %5d %7d %5d %,11.1f %,9.1f %,8.1f %5.0f%% %5.0f%% %9s"
                            + " %,8.0f %6s%n",
                    row.network(),
                    row.executor(),
                    row.precision(),
                    row.layout() == null ? "" : row.layout(),
                    row.batch(),
                    row.workers(),
                    row.part(),
                    row.imageStepsPerSecond(),
                    row.millis(),
                    row.gflops(),
                    100 * row.matmulShare(),
                    100 * row.cpuShare(),
                    row.ratioToPeer() == null
                            ? ""
                            : String.format(Locale.ROOT, "%.2f x", row.ratioToPeer()),
                    row.heapBytesPerStep(),
                    row.peakNativeBytes() == null ? "?" : row.peakNativeBytes() >> 20);
        }
        out.flush();
    }

    void legend() {
        out.println(
                "matmul: share of a large matrix product's rate on the same threads in the same"
                        + " minutes, of the network's nominal operations; by CPU: the same by CPU"
                        + " time; libtorch: times its rate in its best layout and the same"
                        + " precision; heap B: Java heap for one more step; MiB: growth of resident"
                        + " memory");
        out.flush();
    }
}
