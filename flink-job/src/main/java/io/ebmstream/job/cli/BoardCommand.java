package io.ebmstream.job.cli;

import io.ebmstream.job.board.Board;
import io.ebmstream.job.board.BoardSettings;
import io.ebmstream.job.config.EbmOptions;
import io.ebmstream.job.config.JobConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ebm board}: a web page that shows a running job. */
@Command(
        name = "board",
        description = {
            "Serve a web page that shows a running job from its topics, until Ctrl-C: chains,"
                    + " images as they came and purified, energies with alarms, the learner's"
                    + " diagnostics, versions, throughput and latency.",
            "With a token the page can also give orders (pin, roll back, ..) to a job with"
                    + " ebm.control.enabled; see docs/BOARD.md."
        })
final class BoardCommand implements Callable<Integer> {
    /** Holds the token where no file does. */
    static final String TOKEN_VARIABLE = "EBM_BOARD_TOKEN";

    private static final int DEFAULT_PORT = 8899;

    @Spec private CommandSpec spec;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description =
                    "YAML file of the job's options: brokers, names of topics and model. Without:"
                            + " the defaults.")
    private Path file;

    @Mixin private OverrideOptions overrides;

    @Option(
            names = "--bootstrap",
            paramLabel = "HOST:PORT",
            showDefaultValue = Visibility.NEVER,
            description = "Kafka brokers, in place of the configuration's.")
    private String bootstrap;

    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            defaultValue = BoardSettings.DEFAULT_HOST,
            description =
                    "Address to listen on. The page is not encrypted and whoever reaches it sees"
                            + " the images: another than this machine's own wants a proxy before"
                            + " it.")
    private String host;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "" + DEFAULT_PORT,
            description = "Port to listen on; 0 takes a free one.")
    private int port;

    @Option(
            names = "--minutes",
            paramLabel = "M",
            defaultValue = "" + BoardSettings.DEFAULT_MINUTES,
            description = "How far back charts go.")
    private int minutes;

    @Option(
            names = "--uncommitted",
            description =
                    "Show records as they are written, not with the checkpoint that commits them;"
                            + " after a failure some are counted twice.")
    private boolean uncommitted;

    @Option(
            names = "--control-token-file",
            paramLabel = "FILE",
            showDefaultValue = Visibility.NEVER,
            description =
                    "File with the token that the page must be given to give orders; the"
                            + " environment's "
                            + TOKEN_VARIABLE
                            + " does as well. Without: no orders.")
    private Path tokenFile;

    @Override
    public Integer call() throws Exception {
        BoardSettings settings = settings();
        PrintWriter out = spec.commandLine().getOut();
        CountDownLatch end = new CountDownLatch(1);
        try (Interrupts interrupts = Interrupts.handle(end::countDown);
                Board board = Board.start(settings)) {
            out.printf("board of model %s at %s%n", settings.model(), board.address());
            out.println(
                    settings.token().isPresent()
                            ? "orders can be given with the token; Ctrl-C ends it"
                            : "orders cannot be given (no token); Ctrl-C ends it");
            out.flush();
            end.await();
            return interrupts.exitCode(ExitCode.OK);
        }
    }

    private BoardSettings settings() {
        Map<String, String> values = new LinkedHashMap<>(overrides.values());
        if (bootstrap != null) {
            values.put(EbmOptions.KAFKA_BOOTSTRAP.key(), bootstrap);
        }
        JobConfig job = file == null ? JobConfig.of(values) : JobConfig.load(file, values);
        try {
            return new BoardSettings(
                    job.kafka().properties(),
                    job.topics(),
                    job.model().name(),
                    !uncommitted,
                    Duration.ofMinutes(minutes),
                    host,
                    port,
                    token());
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage(), e);
        }
    }

    private Optional<String> token() {
        if (tokenFile == null) {
            return Optional.ofNullable(System.getenv(TOKEN_VARIABLE)).map(String::strip);
        }
        try {
            return Optional.of(Files.readString(tokenFile).strip());
        } catch (IOException e) {
            throw new UsageException(
                    "--control-token-file: expected a file that can be read, found " + tokenFile,
                    e);
        }
    }
}
