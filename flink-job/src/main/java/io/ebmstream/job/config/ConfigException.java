package io.ebmstream.job.config;

import java.util.List;

/** A configuration with errors: all of them at once, one line each. */
public final class ConfigException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final transient List<String> violations;

    /**
     * @param violations one line for each error: key, found, expected; at least one
     */
    public ConfigException(List<String> violations) {
        super(String.join("\n", violations));
        this.violations = List.copyOf(violations);
    }

    /** One line for each error. */
    public List<String> violations() {
        return violations;
    }
}
