package io.ebmstream.ops.study;

/** Watches a series of numbers. Not thread-safe. */
@FunctionalInterface
public interface ChangeDetector {
    /**
     * Takes in a number.
     *
     * @return whether it raises an alarm
     */
    boolean observe(double value);
}
