package io.ebmstream.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.schemas.GoldenRecords.Golden;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaFormatter;
import org.apache.avro.SchemaValidationException;
import org.apache.avro.SchemaValidator;
import org.apache.avro.SchemaValidatorBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** FULL_TRANSITIVE: every version reads every other, and released files never change. */
class SchemaEvolutionTest {
    private static final SchemaValidator FULL_TRANSITIVE =
            new SchemaValidatorBuilder().mutualReadStrategy().validateAll();

    static List<Golden<?>> records() {
        return GoldenRecords.all();
    }

    @ParameterizedTest
    @MethodSource("records")
    void theCurrentSchemaIsTheLastReleasedOne(Golden<?> golden) throws IOException {
        Schema current = golden.value().getSchema();
        List<Schema> released = ReleasedSchemas.of(golden.name());
        String next = golden.name() + "-v" + (released.size() + 1) + ".avsc";
        if (!released.get(released.size() - 1).equals(current)) {
            Path offered = Path.of("target", "golden", next);
            Files.createDirectories(offered.getParent());
            Files.writeString(offered, SchemaFormatter.format("json/pretty", current) + "\n");
        }
        assertThat(released.get(released.size() - 1))
                .as("a changed schema needs %s; a candidate lies in target/golden", next)
                .isEqualTo(current);
    }

    @ParameterizedTest
    @MethodSource("records")
    void everyVersionReadsEveryOther(Golden<?> golden) throws SchemaValidationException {
        List<Schema> versions = new ArrayList<>(ReleasedSchemas.of(golden.name()));
        versions.add(golden.value().getSchema());
        for (Schema version : versions) {
            FULL_TRANSITIVE.validate(version, versions);
        }
    }

    /** Main resources are what readers use; the golden copies are what nobody may touch. */
    @ParameterizedTest
    @MethodSource("records")
    void releasedVersionOneEqualsItsGoldenCopy(Golden<?> golden) throws IOException {
        String name = golden.name() + "-v1.avsc";
        try (InputStream copy = getClass().getResourceAsStream("/golden/" + name);
                InputStream released = getClass().getResourceAsStream("released/" + name)) {
            assertThat(copy).as("golden copy %s", name).isNotNull();
            assertThat(released).as("released %s", name).isNotNull();
            assertThat(released.readAllBytes()).isEqualTo(copy.readAllBytes());
        }
    }

    @Test
    void theValidatorRefusesAFieldWithoutDefault() {
        Schema old = GoldenRecords.chunk().getSchema();
        List<Schema.Field> fields = new ArrayList<>();
        for (Schema.Field field : old.getFields()) {
            fields.add(new Schema.Field(field, field.schema()));
        }
        fields.add(new Schema.Field("added", Schema.create(Schema.Type.LONG), "No default."));
        Schema changed =
                Schema.createRecord(old.getName(), old.getDoc(), old.getNamespace(), false, fields);
        assertThatThrownBy(() -> FULL_TRANSITIVE.validate(changed, List.of(old)))
                .isInstanceOf(SchemaValidationException.class);
    }
}
