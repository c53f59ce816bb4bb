package io.ebmstream.job.cli;

import io.ebmstream.job.bench.BacklogBench;
import io.ebmstream.job.bench.BacklogResult;
import io.ebmstream.job.bench.BarrierBench;
import io.ebmstream.job.bench.BarrierPlan;
import io.ebmstream.job.bench.BarrierResult;
import io.ebmstream.job.bench.PipelineBench;
import io.ebmstream.job.bench.PipelinePlan;
import io.ebmstream.job.bench.PipelineResult;
import io.ebmstream.job.bench.Workload;
import io.ebmstream.ops.bench.Bench;
import io.ebmstream.ops.bench.BenchConfig;
import io.ebmstream.ops.bench.BenchRow;
import io.ebmstream.ops.bench.BenchSuite;
import io.ebmstream.ops.bench.Peer;
import io.ebmstream.ops.bench.Work;
import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.energy.NetworkFamily;
import io.ebmstream.ops.energy.Networks;
import io.ebmstream.ops.image.ShapesDataset;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
                "Measure whole Langevin runs (forward, input gradient, noise, update), in turns with"
                        + " a large matrix product on the same threads: on a busy machine trust the"
                        + " shares and ratios. With libtorch on the class path (build with"
                        + " EBM_PROFILES=peers) it does the same work in the same turns.")
final class BenchCommand implements Callable<Integer> {
    /** What {@code --all} measures; updates on the first. */
    private static final List<String> SUITE = List.of("light32", "sngan32");

    /** Standard output in place of a file. */
    private static final String SCREEN = "-";

    @Spec private CommandSpec spec;
    @Mixin private ComputeOptions compute;

    @Mixin private OverrideOptions overrides;

    @Option(
            names = "--all",
            description =
                    "Measure light32 and sngan32 with every executor and precision, batches 1, 8, 64"
                            + " and 256, on one thread and on all (--workers).")
    private boolean all;

    @Option(
            names = "--json",
            paramLabel = "FILE",
            arity = "0..1",
            fallbackValue = SCREEN,
            description =
                    "Also write the result to this file, as JSON. Without a file: on standard"
                            + " output, and the table on standard error.")
    private Path json;

    @Option(
            names = "--minutes",
            paramLabel = "M",
            defaultValue = "" + BenchSuite.DEFAULT_MINUTES,
            description = "Time that --all takes, about; what does not fit is left out, and said.")
    private double minutes;

    @Option(
            names = "--peers",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Measure libtorch too where it is on the class path (the default).")
    private boolean withPeers;

    @Option(
            names = "--update",
            description =
                    "Measure the gradient of a parameter update on as many data images and chains"
                            + " instead of Langevin steps.")
    private boolean update;

    @Option(
            names = "--pipeline",
            description =
                    "Measure what the stream costs: purification through a Kafka broker and Flink"
                            + " against the same work in a bare loop, in turns in this process.")
    private boolean pipeline;

    @Option(
            names = "--barriers",
            description =
                    "Measure how long checkpoint barriers wait while a job learns and purifies at"
                            + " full load (--workers, --steps, --batch; --seconds of checkpoints,"
                            + " one each second).")
    private boolean barriers;

    @Option(
            names = "--backlog",
            paramLabel = "N",
            description =
                    "Measure the memory that a job needs for so many images that wait in the topic"
                            + " before it starts (--steps, --workers, --batch; EBM_HEAP is the"
                            + " limit of the heap).")
    private Integer backlog;

    @Option(
            names = "--warm-up",
            paramLabel = "S",
            defaultValue = "15",
            description = "Seconds of full load before --barriers counts.")
    private double warmUp;

    @Option(
            names = "--steps",
            paramLabel = "K",
            defaultValue = "50",
            description = "Langevin steps of an image with --pipeline, --barriers and --backlog.")
    private int steps;

    @Option(
            names = "--images",
            paramLabel = "N",
            defaultValue = "2048",
            description = "Images that a round of --pipeline counts.")
    private int images;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "5",
            description = "Rounds of --pipeline, after two that warm up.")
    private int rounds;

    @Option(
            names = "--network",
            paramLabel = "NAME",
            defaultValue = "light32",
            description = "Network of an energy: light32, sngan32, sngan64 or sngan128.")
    private String family;

    @Option(
            names = "--n",
            paramLabel = "N",
            description = "Channels of the network's first layer; the papers' width by default.")
    private Integer n;

    @Option(
            names = "--size",
            paramLabel = "PIXELS",
            defaultValue = "32",
            description = "Side of an image.")
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
            description =
                    "Most images that a worker takes at once; "
                            + BenchConfig.LANGEVIN_PART
                            + " by default, "
                            + BenchConfig.UPDATE_PART
                            + " with --update.")
    private Integer part;

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
            description = "How long to measure one network; building and warming up come on top.")
    private double seconds;

    @Override
    public Integer call() throws Exception {
        int threads = workers == 0 ? Runtime.getRuntime().availableProcessors() : workers;
        if (json != null && json.getParent() != null && !Files.isDirectory(json.getParent())) {
            throw new UsageException(
                    "--json: expected a folder, found none at " + json.getParent());
        }
        if (pipeline) {
            write(measurePipeline(threads));
            return ExitCode.OK;
        }
        if (barriers) {
            write(measureBarriers(threads));
            return ExitCode.OK;
        }
        if (backlog != null) {
            write(measureBacklog(threads));
            return ExitCode.OK;
        }
        List<Peer> peers = withPeers ? Bench.peers() : List.of();
        BenchTable table = new BenchTable(text());
        List<BenchRow> rows = all ? measureAll(threads, peers, table) : measure(threads, peers);
        if (!all) {
            table.header();
            table.rows(rows);
        }
        table.legend();
        write(rows);
        return ExitCode.OK;
    }

    private void write(Object result) throws IOException {
        if (onScreen()) {
            PrintWriter out = spec.commandLine().getOut();
            out.println(JsonText.of(result));
            out.flush();
        } else if (json != null) {
            Files.writeString(json, JsonText.of(result));
        }
    }

    private boolean onScreen() {
        return json != null && json.toString().equals(SCREEN);
    }

    /** Where tables go. */
    private PrintWriter text() {
        return onScreen() ? spec.commandLine().getErr() : spec.commandLine().getOut();
    }

    private Workload workload(int threads) {
        Workload work =
                new Workload(
                        family,
                        n == null ? Networks.energyNamed(family).defaultWidth() : n,
                        compute.executor(),
                        compute.precision(),
                        threads,
                        steps,
                        batch,
                        overrides.values());
        work.check(new ImageShape(channels, size, size));
        return work;
    }

    private PipelineResult measurePipeline(int threads) throws Exception {
        ImageShape shape = new ImageShape(channels, size, size);
        PipelinePlan plan;
        try {
            plan = new PipelinePlan(workload(threads), images, rounds);
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage(), e);
        }
        PrintWriter out = text();
        out.printf("%5s %14s %14s %7s%n", "round", "stream img/s", "loop img/s", "share");
        PipelineResult result =
                new PipelineBench(plan, new ShapesDataset(shape, 1, 1_024))
                        .run(
                                round -> {
                                    out.printf(
                                            Locale.ROOT,
                                            "%5d %14.1f %14.1f %6.1f%%%n",
                                            round.round(),
                                            round.streamed(),
                                            round.bare(),
                                            100 * round.ratio());
                                    out.flush();
                                });
        out.printf(
                Locale.ROOT,
                "median: the stream purifies %.1f images per second, %.1f %% of the bare loop's"
                        + " %.1f (%s, %d workers, K %d, micro-batches of %d)%n",
                result.streamed(),
                100 * result.ratio(),
                result.bare(),
                result.compute(),
                threads,
                steps,
                batch);
        out.flush();
        return result;
    }

    private BarrierResult measureBarriers(int threads) throws Exception {
        BarrierPlan plan;
        try {
            plan = new BarrierPlan(workload(threads), warmUp, seconds);
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage(), e);
        }
        ImageShape shape = new ImageShape(channels, size, size);
        BarrierResult result = new BarrierBench(plan, new ShapesDataset(shape, 1, 1_024)).run();
        PrintWriter out = text();
        out.printf("%-32s %7s %7s %7s %7s %7s%n", "", "values", "p50", "p90", "p99", "max");
        for (BarrierResult.Row row : result.rows()) {
            out.printf(
                    "%-32s %7d %7d %7d %7d %7d%n",
                    row.what(), row.count(), row.p50(), row.p90(), row.p99(), row.max());
        }
        out.printf(
                Locale.ROOT,
                "%d checkpoints in %.0f s, %d failed, while %d updates were learned and %d images"
                        + " purified (%s, %d workers, K %d, batches of %d)%n",
                result.checkpoints(),
                seconds,
                result.failed(),
                result.updates(),
                result.purified(),
                result.compute(),
                threads,
                steps,
                batch);
        out.flush();
        return result;
    }

    private BacklogResult measureBacklog(int threads) throws Exception {
        ImageShape shape = new ImageShape(channels, size, size);
        BacklogResult result;
        try {
            result =
                    new BacklogBench(workload(threads), new ShapesDataset(shape, 1, 1_024))
                            .run(backlog);
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage(), e);
        }
        PrintWriter out = text();
        out.printf(
                Locale.ROOT,
                "%d images in %.0f s; heap: at most %d MiB in use of %d, after a collection %d MiB"
                        + " early and %d at the end; resident at most %d MiB (%d workers, K %d,"
                        + " micro-batches of %d)%n",
                result.images(),
                result.seconds(),
                result.heapPeak(),
                result.heapLimit(),
                result.liveEarly(),
                result.liveEnd(),
                result.residentPeak(),
                threads,
                steps,
                batch);
        out.flush();
        return result;
    }

    private List<BenchRow> measure(int threads, List<Peer> peers) {
        Executors.Choice choice = compute.resolve();
        Work work = update ? Work.UPDATE : Work.LANGEVIN;
        BenchConfig config;
        try {
            NetworkFamily found = Networks.energyNamed(family);
            ImageShape shape = new ImageShape(channels, size, size);
            Network network = n == null ? found.build(shape) : found.build(shape, n);
            config =
                    new BenchConfig(
                            work,
                            n == null ? family : family + "/" + n,
                            network,
                            batch,
                            part == null ? BenchConfig.defaultPart(work) : part,
                            choice.executor(),
                            choice.precision(),
                            threads);
            return Bench.run(config, peers, seconds, this::leftOut);
        } catch (IllegalArgumentException | UnsupportedOperationException e) {
            throw new UsageException(e.getMessage(), e);
        }
    }

    private List<BenchRow> measureAll(int threads, List<Peer> peers, BenchTable table) {
        Map<String, Network> networks = new LinkedHashMap<>();
        for (String name : SUITE) {
            networks.put(name, Networks.energyNamed(name).build(new ImageShape(3, 32, 32)));
        }
        if (peers.isEmpty()) {
            leftOut("libtorch: not on the class path; build with EBM_PROFILES=peers");
        }
        BenchSuite suite;
        try {
            suite = new BenchSuite(networks, executors(), peers, threads, minutes, this::leftOut);
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage(), e);
        }
        List<BenchRow> rows = new ArrayList<>();
        table.header();
        suite.run(
                some -> {
                    table.rows(some);
                    rows.addAll(some);
                });
        return rows;
    }

    /** All that work here. */
    private List<Executor> executors() {
        List<Executor> executors = new ArrayList<>();
        for (String name : Executors.names()) {
            if (!name.equals(Executors.AUTO)) {
                try {
                    executors.add(Executors.resolve(name, Executors.AUTO).executor());
                } catch (IllegalStateException e) {
                    leftOut(name + ": " + e.getMessage());
                }
            }
        }
        return executors;
    }

    private void leftOut(String what) {
        spec.commandLine().getErr().println("left out: " + what);
        spec.commandLine().getErr().flush();
    }
}
