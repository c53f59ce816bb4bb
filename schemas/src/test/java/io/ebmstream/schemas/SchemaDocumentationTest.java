package io.ebmstream.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;

/** Every record, enum and field says what it is. */
class SchemaDocumentationTest {
    @Test
    void everythingIsDocumented() {
        List<String> silent = new ArrayList<>();
        List<String> seen = new ArrayList<>();
        GoldenRecords.all().forEach(g -> inspect(g.value().getSchema(), seen, silent));
        assertThat(silent).isEmpty();
        assertThat(seen).contains("SnapshotManifest.sha256", "TensorInfo.shape", "ImageEncoding");
    }

    @Test
    void everyEnumNamesWhatAnOldReaderSees() {
        GoldenRecords.all().stream()
                .flatMap(g -> g.value().getSchema().getFields().stream())
                .map(Schema.Field::schema)
                .filter(s -> s.getType() == Schema.Type.ENUM)
                .forEach(s -> assertThat(s.getEnumDefault()).as(s.getFullName()).isNotNull());
    }

    private static void inspect(Schema schema, List<String> seen, List<String> silent) {
        switch (schema.getType()) {
            case RECORD -> {
                note(schema.getName(), schema.getDoc(), seen, silent);
                for (Schema.Field field : schema.getFields()) {
                    note(schema.getName() + "." + field.name(), field.doc(), seen, silent);
                    inspect(field.schema(), seen, silent);
                }
            }
            case ENUM -> note(schema.getName(), schema.getDoc(), seen, silent);
            case ARRAY -> inspect(schema.getElementType(), seen, silent);
            case MAP -> inspect(schema.getValueType(), seen, silent);
            case UNION -> schema.getTypes().forEach(s -> inspect(s, seen, silent));
            default -> {}
        }
    }

    private static void note(String name, String doc, List<String> seen, List<String> silent) {
        seen.add(name);
        if (doc == null || doc.length() < 12 || !doc.endsWith(".")) {
            silent.add(name);
        }
    }
}
