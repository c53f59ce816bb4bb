package io.ebmstream.job.cli;

import io.ebmstream.job.demo.Demo;
import io.ebmstream.job.demo.DemoOptions;
import io.ebmstream.job.demo.DemoSummary;
import io.ebmstream.ops.image.DatasetOptions;
import io.ebmstream.ops.image.Datasets;
import io.ebmstream.ops.image.ImageDataset;
import io.ebmstream.ops.image.MosaicDataset;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ebm demo}: everything in one JVM. */
@Command(
        name = "demo",
        description =
                "Run everything in one JVM: a Kafka broker, a Flink cluster, the job, and a feed of"
                        + " images of which a known part is corrupted. Ends by itself; Ctrl-C ends"
                        + " it early with the same files.")
final class DemoCommand implements Callable<Integer> {
    private static final long DEFAULT_UPDATES = 200;

    /** Made-up images of another kind before they repeat. */
    private static final int MOSAICS = 50_000;

    @Spec private CommandSpec spec;
    @Mixin private ImageOptions images;
    @Mixin private OverrideOptions overrides;
    @Mixin private SnapshotOption snapshot;
    @Mixin private JsonOption json;

    @ArgGroup private End end = new End();

    /** What ends a demo. */
    static final class End {
        @Option(
                names = "--updates",
                paramLabel = "N",
                description = "Learner updates to end after (" + DEFAULT_UPDATES + " by default).",
                showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER)
        private Long updates;

        @Option(
                names = "--minutes",
                paramLabel = "M",
                description = "Minutes to end after, instead.",
                showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER)
        private Double minutes;
    }

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "ebm-demo",
            description = "Folder for the files; those of an earlier demo are written over.")
    private Path out;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "1",
            description = "Seed of everything.")
    private long seed;

    @Mixin private ComputeOptions compute;

    @Option(
            names = "--parallelism",
            paramLabel = "P",
            defaultValue = "1",
            description = "Parallel subtasks, and streams that the images are dealt to.")
    private int parallelism;

    @Option(
            names = "--corrupt",
            paramLabel = "SHARE",
            defaultValue = "0.1",
            description = "Share of images, 0 to 1, that get noise or an occlusion.")
    private double corrupt;

    @ArgGroup private BoardChoice board = new BoardChoice();

    /** Whether there is a board, and where. */
    static final class BoardChoice {
        @Option(
                names = "--board-port",
                paramLabel = "PORT",
                description =
                        "Port of the web page that shows the demo live; 0 takes a free one (0 by"
                                + " default).",
                showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER)
        private int port;

        @Option(
                names = "--no-board",
                description = "No such page.",
                showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER)
        private boolean none;
    }

    @Option(
            names = "--keep-board",
            description =
                    "At the end leave the page open, with broker and job, until Ctrl-C; the files"
                            + " are written before.")
    private boolean keepBoard;

    @Option(
            names = "--drift",
            description =
                    "Let the feed change half-way to another kind of image: made-up mosaics, or"
                            + " those of --drift-images. An alarm should tell.")
    private boolean drift;

    @Option(
            names = "--drift-images",
            paramLabel = "PATH",
            arity = "1..*",
            showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER,
            description =
                    "Images that the feed changes to, brought to the shape of the others; goes with"
                            + " --drift.")
    private List<Path> driftImages = new ArrayList<>();

    @Override
    public Integer call() throws Exception {
        if (!drift && !driftImages.isEmpty()) {
            throw new UsageException("expected --drift with --drift-images");
        }
        checkNumbers();
        // what cannot compute here fails before anything starts
        compute.resolve();
        ImageDataset dataset = images.open(seed);
        DemoOptions options = options(drift ? others(dataset) : null);
        Demo demo = new Demo(options, dataset, json.progress(spec), System.console() != null);
        try {
            demo.check();
        } catch (IOException e) {
            throw new UsageException(
                    "--out: expected a folder that can be written, found " + out + ": " + e, e);
        }
        try (Interrupts interrupts = Interrupts.handle(demo::stop)) {
            DemoSummary summary = demo.run();
            json.print(spec, summary, text -> {});
            return interrupts.exitCode(summary.complete() ? ExitCode.OK : ExitCode.FAILED);
        }
    }

    private ImageDataset others(ImageDataset first) {
        if (driftImages.isEmpty()) {
            return new MosaicDataset(first.shape(), seed, MOSAICS);
        }
        try {
            return Datasets.open(
                    DatasetOptions.DEFAULT.withShape(first.shape()),
                    driftImages.toArray(Path[]::new));
        } catch (IOException | IllegalArgumentException e) {
            throw new UsageException("--drift-images: " + e.getMessage(), e);
        }
    }

    private void checkNumbers() {
        if (end.updates != null && end.updates < 1
                || end.minutes != null && !(end.minutes > 0 && end.minutes <= 1e6)) {
            throw new UsageException(
                    "expected --updates of at least 1 or --minutes above 0, found "
                            + (end.updates != null ? end.updates : end.minutes));
        }
        if (parallelism < 1 || !(corrupt >= 0 && corrupt <= 1)) {
            throw new UsageException(
                    "expected --parallelism of at least 1 and --corrupt from 0 to 1, found "
                            + parallelism
                            + " and "
                            + corrupt);
        }
        if (keepBoard && board.none) {
            throw new UsageException("expected a board with --keep-board, found --no-board");
        }
        if (board.port < 0 || board.port > 65_535) {
            throw new UsageException("--board-port: expected 0 to 65535, found " + board.port);
        }
    }

    private DemoOptions options(ImageDataset others) {
        long updates =
                end.minutes != null ? 0 : end.updates != null ? end.updates : DEFAULT_UPDATES;
        Duration time =
                end.minutes == null
                        ? Duration.ZERO
                        : Duration.ofMillis((long) Math.ceil(end.minutes * 60_000));
        return new DemoOptions(
                updates,
                time,
                out,
                seed,
                compute.executor(),
                compute.precision(),
                parallelism,
                corrupt,
                board.none ? OptionalInt.empty() : OptionalInt.of(board.port),
                keepBoard,
                others,
                snapshot.addTo(overrides.values()));
    }
}
