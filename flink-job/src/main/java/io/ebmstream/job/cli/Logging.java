package io.ebmstream.job.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.Appender;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.RollingFileAppender;
import org.apache.logging.log4j.core.appender.rolling.DefaultRolloverStrategy;
import org.apache.logging.log4j.core.appender.rolling.SizeBasedTriggeringPolicy;
import org.apache.logging.log4j.core.config.Configuration;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.apache.logging.log4j.core.layout.PatternLayout;

/**
 * How much is logged: warnings, or with {@code --verbose} all that happens; with {@code --log-file}
 * all that happens goes to a file as well, whatever stands on the terminal.
 */
final class Logging {
    /** Size at which a log file is put away, as Log4j writes it. */
    static final String FILE_SIZE = "10 MB";

    /** Old log files that are kept, beside the one that is written: NAME.1 is the newest. */
    static final int OLD_FILES = 5;

    private static final String FILE = "file";
    private static final String PATTERN = "%d{ISO8601}{UTC}Z %-5p [%t] %c{1.} - %m%n%throwable";

    private Logging() {}

    static void verbose() {
        String root = LogManager.getRootLogger().getName();
        LoggerConfig config = context().getConfiguration().getRootLogger();
        if (config.getAppenders().containsKey(FILE)) {
            // the terminal was held at warnings; the file has everything already
            List.copyOf(config.getAppenders().values()).stream()
                    .filter(appender -> !appender.getName().equals(FILE))
                    .forEach(appender -> hold(config, appender, null));
        }
        Configurator.setAllLevels(root, Level.INFO);
    }

    /**
     * Writes what happens into a file, which is put away at {@link #FILE_SIZE}.
     *
     * @throws UsageException if it cannot be written
     */
    static void toFile(Path file) {
        Path absolute = file.toAbsolutePath();
        try {
            Files.createDirectories(absolute.getParent());
            Files.newByteChannel(absolute, StandardOpenOption.CREATE, StandardOpenOption.APPEND)
                    .close();
        } catch (IOException e) {
            throw new UsageException(
                    "--log-file: expected a file that can be written, found " + file + ": " + e, e);
        }
        LoggerContext context = context();
        Configuration config = context.getConfiguration();
        LoggerConfig root = config.getRootLogger();
        close(root);
        RollingFileAppender appender =
                RollingFileAppender.newBuilder()
                        .setName(FILE)
                        .setConfiguration(config)
                        .withFileName(absolute.toString())
                        .withFilePattern(absolute + ".%i")
                        .withPolicy(SizeBasedTriggeringPolicy.createPolicy(FILE_SIZE))
                        .withStrategy(
                                DefaultRolloverStrategy.newBuilder()
                                        .withMin("1")
                                        .withMax(Integer.toString(OLD_FILES))
                                        .withFileIndex("min")
                                        .withConfig(config)
                                        .build())
                        .setLayout(
                                PatternLayout.newBuilder()
                                        .withPattern(PATTERN)
                                        .withConfiguration(config)
                                        .build())
                        .build();
        appender.start();
        Level shown = root.getLevel();
        List.copyOf(root.getAppenders().values()).forEach(other -> hold(root, other, shown));
        root.addAppender(appender, Level.INFO, null);
        root.setLevel(shown.isLessSpecificThan(Level.INFO) ? shown : Level.INFO);
        context.updateLoggers();
    }

    /** Ends the file, if there is one, and puts the terminal back to what it showed. */
    static void closeFile() {
        LoggerContext context = context();
        LoggerConfig root = context.getConfiguration().getRootLogger();
        if (close(root)) {
            root.setLevel(Level.WARN);
            context.updateLoggers();
        }
    }

    private static boolean close(LoggerConfig root) {
        Appender open = root.getAppenders().get(FILE);
        if (open == null) {
            return false;
        }
        root.removeAppender(FILE);
        open.stop();
        return true;
    }

    /** Lets an appender have events of a level and above only. */
    private static void hold(LoggerConfig config, Appender appender, Level level) {
        config.removeAppender(appender.getName());
        config.addAppender(appender, level, null);
    }

    private static LoggerContext context() {
        return (LoggerContext) LogManager.getContext(false);
    }

    /** Without {@code --verbose}, Kafka's clients do not tell that brokers went away. */
    static void brokersGoAway() {
        if (!LogManager.getRootLogger().isInfoEnabled()) {
            Configurator.setLevel("org.apache.kafka.clients", Level.ERROR);
        }
    }
}
