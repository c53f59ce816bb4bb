package io.ebmstream.job.cli;

import io.ebmstream.ops.bench.BenchConfig;
import io.ebmstream.ops.bench.BenchRow;
import io.ebmstream.ops.bench.LangevinBench;
import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Light32;
import io.ebmstream.ops.energy.Network;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ebm bench}: how fast chains move here. */
@Command(
        name = "bench",
        description =
                "Measure whole Langevin runs (forward, input gradient, noise, update) of light32, in"
                        + " turns with a large matrix product on the same threads: on a busy machine"
                        + " trust the share.")
final class BenchCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private ComputeOptions compute;

    @Option(
            names = "--network",
            paramLabel = "NAME",
            defaultValue = "light32",
            description = "Network: light32.")
    private String family;

    @Option(
            names = "--n",
            paramLabel = "N",
            defaultValue = "32",
            description = "Channels of the network's first layer.")
    private int n;

    @Option(
            names = "--size",
            paramLabel = "PIXELS",
            defaultValue = "32",
            description = "Side of an image: 16, 28, 32, 64 or 128.")
    private int size;

    @Option(
            names = "--channels",
            paramLabel = "C",
            defaultValue = "3",
            description = "Channels of an image.")
    private int channels;

    @Option(
            names = "--batch",
            paramLabel = "B",
            defaultValue = "64",
            description = "Chains that move together.")
    private int batch;

    @Option(
            names = "--part",
            paramLabel = "B",
            defaultValue = "" + BenchConfig.DEFAULT_PART,
            description = "Images that a worker takes at once.")
    private int part;

    @Option(
            names = "--workers",
            paramLabel = "W",
            defaultValue = "0",
            description = "Threads; 0 is one for each processor.")
    private int workers;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "10",
            description = "How long to measure; building and warming up come on top.")
    private double seconds;

    @Override
    public Integer call() {
        int threads = workers == 0 ? Runtime.getRuntime().availableProcessors() : workers;
        Executors.Choice choice = compute.resolve();
        BenchConfig config;
        if (!family.equals("light32")) {
            throw new UsageException("--network: expected light32, found " + family);
        }
        try {
            Network network = Light32.of(new ImageShape(channels, size, size), n);
            config =
                    new BenchConfig(
                            network,
                            batch,
                            part,
                            choice.executor(),
                            choice.precision(),
                            threads,
                            seconds);
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage(), e);
        }
        BenchRow row = LangevinBench.run(config);
        PrintWriter out = spec.commandLine().getOut();
        out.printf(
                Locale.ROOT,
                "%-10s %5s %5s %-10s %-9s %7s %11s %8s %13s %13s %11s%n",
                "network",
                "batch",
                "part",
                "executor",
                "precision",
                "workers",
                "img-steps/s",
                "GFLOP/s",
                "matmul GF/s",
                "share of it",
                "by CPU time");
        out.printf(
                Locale.ROOT,
                "%-10s %5d %5d %-10s %-9s %7d %,11.0f %,8.1f %,13.1f %12.1f%% %10.1f%%%n",
                row.network() + "/" + n,
                row.batch(),
                row.part(),
                row.executor(),
                row.precision(),
                row.workers(),
                row.imageStepsPerSecond(),
                row.gflops(),
                row.matmulGflops(),
                100 * row.matmulShare(),
                100 * row.cpuShare());
        out.flush();
        return ExitCode.OK;
    }
}
