package io.ebmstream.ops.training;

import io.ebmstream.ops.learner.LearnerConfig;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;

/**
 * All that shapes the course of a training run, as texts by name, so that a run is gone on with
 * only under the settings it began with. A value, thread-safe.
 *
 * @param values text by name, in an order for people
 */
record Settings(Map<String, String> values) {
    Settings {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /** Every component of the learner's configuration, and what stands beside it. */
    static Settings of(LearnerConfig config, Map<String, String> others) {
        Map<String, String> values = new LinkedHashMap<>();
        try {
            for (RecordComponent component : LearnerConfig.class.getRecordComponents()) {
                Object value = component.getAccessor().invoke(config);
                values.put(component.getName(), String.valueOf(value));
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("a record's accessors can be called", e);
        }
        values.putAll(others);
        return new Settings(values);
    }

    /**
     * Checks that these settings are those that a run began with.
     *
     * @throws IllegalArgumentException if not; the message names every one that differs
     */
    void requireSame(Settings began) {
        TreeSet<String> names = new TreeSet<>(values.keySet());
        names.addAll(began.values.keySet());
        List<String> different = new ArrayList<>();
        for (String name : names) {
            String now = values.get(name);
            String then = began.values.get(name);
            if (!Objects.equals(now, then)) {
                different.add(name + " (began with " + then + ", now " + now + ")");
            }
        }
        if (!different.isEmpty()) {
            throw new IllegalArgumentException(
                    "expected the settings that the run began with, found other "
                            + String.join(", ", different)
                            + "; train into another folder, or give the same settings");
        }
    }
}
