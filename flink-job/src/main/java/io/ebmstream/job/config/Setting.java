package io.ebmstream.job.config;

import java.util.function.Predicate;
import org.apache.flink.configuration.ConfigOption;

/**
 * One option of the job: Flink's typed option with its default and description, and the values that
 * are allowed.
 *
 * @param <T> type of the value
 * @param option key, type, default, description with unit
 * @param expected the allowed values in words, as error messages and the reference say them
 * @param valid whether a value is allowed
 */
public record Setting<T>(ConfigOption<T> option, String expected, Predicate<T> valid) {

    /** Full key, for example {@code ebm.learner.batch}. */
    public String key() {
        return option.key();
    }
}
