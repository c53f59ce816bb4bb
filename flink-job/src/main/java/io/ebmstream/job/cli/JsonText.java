package io.ebmstream.job.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

/** What {@code --json} prints. Stateless, thread-safe. */
final class JsonText {
    private static final ObjectMapper JSON = new ObjectMapper();

    private JsonText() {}

    /** Maps, lists, numbers, texts and JSON trees as indented JSON. */
    static String of(Object value) {
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(value.getClass() + " cannot be written as JSON", e);
        }
    }

    /** A number, or null where JSON has none for it. */
    static Double number(double value) {
        return Double.isFinite(value) ? value : null;
    }
}
