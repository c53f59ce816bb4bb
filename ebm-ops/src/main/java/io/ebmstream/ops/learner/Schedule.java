package io.ebmstream.ops.learner;

import java.util.Collections;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A value that changes in steps with the number of updates: from each listed update on, its value
 * holds until the next one. Written {@code 1e-4@0, 1e-5@50000}. A value, thread-safe.
 *
 * @param steps first update (0 for the first learned) to value; the key 0 must be there
 */
public record Schedule(NavigableMap<Long, Double> steps) {
    /**
     * @throws IllegalArgumentException if there is no value for update 0, or an update is negative
     *     or a value is not finite
     */
    public Schedule {
        steps = Collections.unmodifiableNavigableMap(new TreeMap<>(steps));
        if (!steps.containsKey(0L) || steps.firstKey() < 0) {
            throw new IllegalArgumentException(
                    "expected a schedule that starts at update 0, found " + steps);
        }
        for (double value : steps.values()) {
            if (!Double.isFinite(value)) {
                throw new IllegalArgumentException(
                        "expected finite values in a schedule, found " + steps);
            }
        }
    }

    /** The same value for ever. */
    public static Schedule constant(double value) {
        return new Schedule(new TreeMap<>(Map.of(0L, value)));
    }

    /**
     * Reads {@code value@update, value@update, ...}; {@code @0} may be left out.
     *
     * @throws IllegalArgumentException if the text is no schedule
     */
    public static Schedule parse(String text) {
        TreeMap<Long, Double> steps = new TreeMap<>();
        for (String part : text.split(",", -1)) {
            String[] sides = part.trim().split("@", 2);
            try {
                long update = sides.length == 1 ? 0 : Long.parseLong(sides[1].trim());
                if (steps.put(update, Double.parseDouble(sides[0].trim())) != null) {
                    throw new IllegalArgumentException(
                            "expected one value for update " + update + ", found two in: " + text);
                }
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(
                        "expected value@update, value@update, ... (for example 1e-4@0, 1e-5@50000),"
                                + " found: "
                                + text,
                        e);
            }
        }
        return new Schedule(steps);
    }

    /**
     * The same values over a longer or shorter course: an update's number times the factor,
     * rounded. Values whose updates fall together are the last one's.
     *
     * @param factor above 0
     */
    public Schedule stretched(double factor) {
        if (!(factor > 0) || !Double.isFinite(factor)) {
            throw new IllegalArgumentException("expected a factor above 0, found " + factor);
        }
        TreeMap<Long, Double> stretched = new TreeMap<>();
        steps.forEach((update, value) -> stretched.put(Math.round(update * factor), value));
        return new Schedule(stretched);
    }

    /** The value for the update after {@code update} completed ones. */
    public double at(long update) {
        return steps.floorEntry(update).getValue();
    }

    /** The value for the update after {@code update} completed ones, of a schedule of counts. */
    public int countAt(long update) {
        return (int) Math.min(Integer.MAX_VALUE, Math.round(at(update)));
    }

    /**
     * Checks a schedule of counts.
     *
     * @param what they count, for messages
     * @throws IllegalArgumentException if a value is not a whole number of at least 1
     */
    void requireCounts(String what) {
        for (double value : steps.values()) {
            if (value < 1 || value != Math.rint(value) || value > Integer.MAX_VALUE) {
                throw new IllegalArgumentException(
                        "expected whole numbers of at least 1 as " + what + ", found " + this);
            }
        }
    }

    @Override
    public String toString() {
        return steps.entrySet().stream()
                .map(step -> step.getValue() + "@" + step.getKey())
                .collect(Collectors.joining(", "));
    }
}
