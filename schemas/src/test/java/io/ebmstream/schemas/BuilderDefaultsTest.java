package io.ebmstream.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.schemas.avro.Alarm;
import io.ebmstream.schemas.avro.AlarmKind;
import io.ebmstream.schemas.avro.ModelVersion;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.util.ClassSecurityValidator;
import org.junit.jupiter.api.Test;

/**
 * What builders fill in by themselves, and what they cannot: see README.md, "Make records". Avro
 * loads the class of a default list's records by its name, which it does for trusted classes only.
 */
class BuilderDefaultsTest {
    private static Alarm.Builder alarm() {
        return Alarm.newBuilder()
                .setAlarmId("a-1")
                .setKind(AlarmKind.OTHER)
                .setEventTime(1)
                .setModelVersion(new ModelVersion(0L, 1L))
                .setWindowStart(1)
                .setWindowEnd(2)
                .setStatistic(3);
    }

    /** In this order: Avro keeps a default that it could once make. */
    @Test
    void onlyExamplesOfAnAlarmMustBeSetOrTrusted() {
        List<String> refused = new ArrayList<>();
        for (GoldenRecords.Golden<?> golden : GoldenRecords.all()) {
            SpecificData model = SpecificData.getForClass(golden.value().getClass());
            for (Schema.Field field : golden.value().getSchema().getFields()) {
                try {
                    if (field.hasDefaultValue()) {
                        model.getDefaultValue(field);
                    }
                } catch (SecurityException e) {
                    refused.add(golden.value().getSchema().getName() + "." + field.name());
                }
            }
        }
        assertThat(refused).containsExactly("Alarm.examples");

        assertThat(alarm().setExamples(List.of()).build().getExamples()).isEmpty();
        assertThatThrownBy(() -> alarm().build())
                .isInstanceOf(AvroRuntimeException.class)
                .hasMessageContaining("org.apache.avro.SERIALIZABLE_PACKAGES");

        ClassSecurityValidator.ClassSecurityPredicate before = ClassSecurityValidator.getGlobal();
        try {
            ClassSecurityValidator.setGlobal(
                    ClassSecurityValidator.composite(
                            before,
                            ClassSecurityValidator.builder()
                                    .add("io.ebmstream.schemas.avro.AlarmExample")
                                    .build()));
            assertThat(alarm().build().getExamples()).isEmpty();
        } finally {
            ClassSecurityValidator.setGlobal(before);
        }
    }
}
