package io.ebmstream.schemas;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Anybody can use this module without taking Flink or the models along. */
@AnalyzeClasses(
        packages = "io.ebmstream.schemas",
        importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule NEEDS_AVRO_AND_KAFKA_CLIENTS_ONLY =
            classes()
                    .should()
                    .onlyDependOnClassesThat()
                    .resideInAnyPackage(
                            "java..",
                            "io.ebmstream.schemas..",
                            "org.apache.avro..",
                            "org.apache.kafka.clients.consumer..",
                            "org.apache.kafka.common..",
                            "org.slf4j..");
}
