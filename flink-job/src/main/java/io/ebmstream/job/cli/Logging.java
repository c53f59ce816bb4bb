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
}
