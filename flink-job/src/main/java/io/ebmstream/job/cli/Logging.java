package io.ebmstream.job.cli;

import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.config.Configurator;

/** How much is logged: warnings, or with {@code --verbose} all that happens. */
final class Logging {
    private Logging() {}

    static void verbose() {
        Configurator.setAllLevels(LogManager.getRootLogger().getName(), Level.INFO);
    }

    /** Without {@code --verbose}, Kafka's clients do not tell that brokers went away. */
    static void brokersGoAway() {
        if (!LogManager.getRootLogger().isInfoEnabled()) {
            Configurator.setLevel("org.apache.kafka.clients", Level.ERROR);
        }
    }
}
