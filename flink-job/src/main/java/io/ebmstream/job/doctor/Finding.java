package io.ebmstream.job.doctor;

import java.util.Locale;

/**
 * One thing that was looked at.
 *
 * @param name what it is, a word or two
 * @param level whether it will do
 * @param found what it is here
 * @param advice what to do about it; empty where it is all right
 */
public record Finding(String name, Level level, String found, String advice) {
    /** How good it is. */
    public enum Level {
        /** As it should be. */
        OK,
        /** A job runs, worse than it could. */
        WARN,
        /** A job will not run, or will lose something. */
        FAIL;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * @throws IllegalArgumentException if a warning or failure says nothing of what to do
     */
    public Finding {
        if (level != Level.OK && advice.isBlank()) {
            throw new IllegalArgumentException(
                    "expected " + name + " to say what to do, found " + level + " without");
        }
    }

    static Finding ok(String name, String found) {
        return new Finding(name, Level.OK, found, "");
    }

    static Finding warn(String name, String found, String advice) {
        return new Finding(name, Level.WARN, found, advice);
    }

    static Finding fail(String name, String found, String advice) {
        return new Finding(name, Level.FAIL, found, advice);
    }
}
