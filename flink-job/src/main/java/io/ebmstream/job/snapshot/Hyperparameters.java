package io.ebmstream.job.snapshot;

import io.ebmstream.job.config.JobConfig;
import java.lang.reflect.RecordComponent;
import java.util.Map;
import java.util.TreeMap;

/** The settings that shape a model, as names and values for its provenance. */
final class Hyperparameters {
    private Hyperparameters() {}

    /** Every component of the model's, learner's and compute settings, those of parts too. */
    static Map<String, String> of(JobConfig config) {
        Map<String, String> all = new TreeMap<>();
        add(all, "model", config.model());
        add(all, "learner", config.learner());
        add(all, "compute", config.compute());
        return all;
    }

    private static void add(Map<String, String> all, String prefix, Record settings) {
        for (RecordComponent component : settings.getClass().getRecordComponents()) {
            try {
                Object value = component.getAccessor().invoke(settings);
                String name = prefix + "." + component.getName();
                if (value instanceof Record part) {
                    add(all, name, part);
                } else {
                    all.put(name, String.valueOf(value));
                }
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(
                        "the accessor of " + component + " is public and throws nothing", e);
            }
        }
    }
}
