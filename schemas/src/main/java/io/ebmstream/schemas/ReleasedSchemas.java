package io.ebmstream.schemas;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;

/**
 * The released versions of a record's schema, oldest first, from the resources {@code
 * released/NAME-v1.avsc}, {@code -v2} and so on. A released file is never changed; a new version of
 * a record is a new file.
 */
final class ReleasedSchemas {
    private ReleasedSchemas() {}

    /**
     * @throws IllegalStateException if there is no version 1
     */
    static List<Schema> of(String name) {
        List<Schema> versions = new ArrayList<>();
        while (true) {
            String resource = "released/" + name + "-v" + (versions.size() + 1) + ".avsc";
            try (InputStream in = ReleasedSchemas.class.getResourceAsStream(resource)) {
                if (in == null) {
                    break;
                }
                versions.add(new Schema.Parser().parse(in));
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read resource " + resource, e);
            }
        }
        if (versions.isEmpty()) {
            throw new IllegalStateException(
                    "expected the resource released/" + name + "-v1.avsc beside " + name);
        }
        return List.copyOf(versions);
    }
}
