package io.ebmstream.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.schemas.GoldenRecords.Golden;
import io.ebmstream.schemas.avro.Alarm;
import io.ebmstream.schemas.avro.AlarmKind;
import io.ebmstream.schemas.avro.PurifiedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaFormatter;
import org.apache.avro.SchemaValidationException;
import org.apache.avro.SchemaValidator;
import org.apache.avro.SchemaValidatorBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificRecordBase;
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
    void releasedVersionsEqualTheirGoldenCopies(Golden<?> golden) throws IOException {
        int versions = ReleasedSchemas.of(golden.name()).size();
        for (int version = 1; version <= versions; version++) {
            String name = golden.name() + "-v" + version + ".avsc";
            try (InputStream copy = getClass().getResourceAsStream("/golden/" + name);
                    InputStream released = getClass().getResourceAsStream("released/" + name)) {
                assertThat(copy).as("golden copy %s", name).isNotNull();
                assertThat(released).as("released %s", name).isNotNull();
                assertThat(released.readAllBytes()).isEqualTo(copy.readAllBytes());
            }
        }
    }

    @Test
    void theValidatorRefusesAFieldWithoutDefault() {
        Schema old = GoldenRecords.chunk().getSchema();
        List<Schema.Field> fields = fields(old);
        fields.add(new Schema.Field("added", Schema.create(Schema.Type.LONG), "No default."));
        Schema changed = record(old, fields);
        assertThatThrownBy(() -> FULL_TRANSITIVE.validate(changed, List.of(old)))
                .isInstanceOf(SchemaValidationException.class);
    }

    /**
     * Another version of the record: without label and source_offset, with a field we do not know,
     * and the others in reverse order.
     */
    @Test
    void recordsOfAnotherVersionAreBroughtToTheCurrentOne() throws Exception {
        PurifiedImage image = GoldenRecords.purified();
        Schema current = image.getSchema();
        List<Schema.Field> fields = fields(current);
        fields.removeIf(f -> List.of("label", "source_offset").contains(f.name()));
        Collections.reverse(fields);
        fields.add(
                new Schema.Field("other", Schema.create(Schema.Type.STRING), "Unknown here.", ""));
        Schema version = record(current, fields);
        FULL_TRANSITIVE.validate(version, List.of(current));
        GenericRecord written = new GenericData.Record(version);
        for (Schema.Field field : version.getFields()) {
            if (field.name().equals("other")) {
                written.put("other", "x");
            } else {
                written.put(field.name(), image.get(field.name()));
            }
        }

        PurifiedImage read = format(PurifiedImage.class, version).decode(encode(written));

        image.setLabel(null);
        image.setSourceOffset(-1);
        assertThat(read).isEqualTo(image);
    }

    @Test
    void anUnknownSymbolIsReadAsTheEnumsDefault() throws Exception {
        Schema kind = AlarmKind.getClassSchema();
        List<String> symbols = new ArrayList<>(kind.getEnumSymbols());
        symbols.add("SENSOR_BROKEN");
        Schema wider =
                Schema.createEnum(
                        kind.getName(),
                        kind.getDoc(),
                        kind.getNamespace(),
                        symbols,
                        kind.getEnumDefault());
        Alarm alarm = GoldenRecords.alarm();
        List<Schema.Field> fields = new ArrayList<>();
        for (Schema.Field field : alarm.getSchema().getFields()) {
            boolean isKind = field.name().equals("kind");
            fields.add(new Schema.Field(field, isKind ? wider : field.schema()));
        }
        Schema version = record(alarm.getSchema(), fields);
        FULL_TRANSITIVE.validate(version, List.of(alarm.getSchema()));
        GenericRecord written = new GenericData.Record(version);
        for (Schema.Field field : version.getFields()) {
            written.put(field.name(), alarm.get(field.name()));
        }
        written.put("kind", new GenericData.EnumSymbol(wider, "SENSOR_BROKEN"));

        Alarm read = format(Alarm.class, version).decode(encode(written));

        alarm.setKind(AlarmKind.OTHER);
        assertThat(read).isEqualTo(alarm);
    }

    private static <T extends SpecificRecordBase> WireFormat<T> format(
            Class<T> type, Schema version) {
        return new WireFormat<>(type, WireFormat.DEFAULT_MAX_BYTES, List.of(version));
    }

    private static byte[] encode(GenericRecord record) throws IOException {
        ByteBuffer encoded =
                new BinaryMessageEncoder<GenericRecord>(GenericData.get(), record.getSchema())
                        .encode(record);
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(bytes);
        return bytes;
    }

    private static List<Schema.Field> fields(Schema record) {
        List<Schema.Field> fields = new ArrayList<>();
        for (Schema.Field field : record.getFields()) {
            fields.add(new Schema.Field(field, field.schema()));
        }
        return fields;
    }

    private static Schema record(Schema like, List<Schema.Field> fields) {
        return Schema.createRecord(
                like.getName(), like.getDoc(), like.getNamespace(), false, fields);
    }
}
