package io.ebmstream.job.config;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * A value that changes at given updates: {@code 1e-4} or {@code 1e-4@0,1e-5@50000}. Constant
 * between the changes.
 *
 * @param steps changes in ascending order of updates, the first at 0
 */
public record Schedule(List<Step> steps) implements Serializable {
    private static final long serialVersionUID = 1L;

    /**
     * From this update on, this value.
     *
     * @param update number of updates made before it holds, at least 0
     * @param value the value
     */
    public record Step(long update, double value) implements Serializable {
        private static final long serialVersionUID = 1L;
    }

    /**
     * @throws IllegalArgumentException if empty, not ascending or not beginning at 0
     */
    public Schedule {
        steps = List.copyOf(steps);
        if (steps.isEmpty() || steps.get(0).update() != 0) {
            throw new IllegalArgumentException(
                    "expected a schedule that begins at update 0, found " + steps);
        }
        for (int i = 1; i < steps.size(); i++) {
            if (steps.get(i).update() <= steps.get(i - 1).update()) {
                throw new IllegalArgumentException(
                        "expected updates in ascending order, found " + steps);
            }
        }
    }

    /**
     * Reads {@code value} or {@code value@update,value@update,...}.
     *
     * @throws IllegalArgumentException if the text is neither
     */
    public static Schedule parse(String text) {
        List<Step> steps = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            String[] pair = part.trim().split("@", -1);
            if (pair.length > 2 || pair.length == 1 && text.contains(",")) {
                throw unreadable(text, null);
            }
            try {
                double value = Double.parseDouble(pair[0].trim());
                long update = pair.length == 1 ? 0 : Long.parseLong(pair[1].trim());
                if (!Double.isFinite(value)) {
                    throw unreadable(text, null);
                }
                steps.add(new Step(update, value));
            } catch (NumberFormatException e) {
                throw unreadable(text, e);
            }
        }
        return new Schedule(steps);
    }

    static boolean parses(String text) {
        try {
            parse(text);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** The value at an update. */
    public double at(long update) {
        double value = steps.get(0).value();
        for (Step step : steps) {
            if (step.update() > update) {
                break;
            }
            value = step.value();
        }
        return value;
    }

    private static IllegalArgumentException unreadable(String text, Exception cause) {
        return new IllegalArgumentException(
                "expected a number or value@update pairs such as 1e-4@0,1e-5@50000, found \""
                        + text
                        + "\"",
                cause);
    }
}
