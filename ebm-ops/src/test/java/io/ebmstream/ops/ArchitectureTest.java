package io.ebmstream.ops;

import static com.tngtech.archunit.base.DescribedPredicate.and;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** What may use what in this module, as the packages' own descriptions say. */
@AnalyzeClasses(packages = "io.ebmstream.ops", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String OPS = "io.ebmstream.ops.";

    @ArchTest
    static final ArchRule knowsNoStreamingSystem =
            noClasses()
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "org.apache.flink..",
                            "org.apache.kafka..",
                            "org.apache.avro..",
                            "io.ebmstream.schemas..",
                            "io.ebmstream.job..");

    @ArchTest static final ArchRule sampler = only("sampler");

    @ArchTest static final ArchRule state = only("state");

    @ArchTest static final ArchRule energy = only("energy", "sampler");

    @ArchTest static final ArchRule compute = only("compute", "energy", "sampler");

    @ArchTest static final ArchRule image = only("image", "energy", "sampler");

    @ArchTest static final ArchRule bank = only("bank", "energy", "sampler", "state");

    @ArchTest
    static final ArchRule learner =
            only("learner", "bank", "compute", "energy", "image", "sampler", "state");

    @ArchTest
    static final ArchRule defense =
            only("defense", "classifier", "compute", "energy", "image", "sampler", "state");

    @ArchTest
    static final ArchRule attack =
            only(
                    "attack",
                    "bank",
                    "classifier",
                    "compute",
                    "defense",
                    "energy",
                    "image",
                    "sampler");

    @ArchTest
    static final ArchRule classifier =
            only("classifier", "bank", "compute", "energy", "image", "sampler", "state", "weights");

    @ArchTest
    static final ArchRule hat =
            only(
                    "hat", "bank", "compute", "defense", "energy", "image", "learner", "quality",
                    "sampler", "state", "weights");

    @ArchTest
    static final ArchRule density =
            only("density", "compute", "diagnostics", "energy", "sampler", "state");

    @ArchTest static final ArchRule snapshot = only("snapshot", "energy", "sampler", "state");

    @ArchTest static final ArchRule bench = only("bench", "compute", "energy", "sampler");

    @ArchTest
    static final ArchRule quality = only("quality", "compute", "energy", "image", "sampler");

    @ArchTest
    static final ArchRule diagnostics =
            only(
                    "diagnostics",
                    "bank",
                    "compute",
                    "energy",
                    "image",
                    "plot",
                    "quality",
                    "sampler",
                    "state");

    @ArchTest static final ArchRule plot = only("plot");

    @ArchTest
    static final ArchRule weights = only("weights", "energy", "sampler", "snapshot", "state");

    @ArchTest
    static final ArchRule guard =
            only(
                    "guard", "bank", "compute", "energy", "image", "learner", "quality", "sampler",
                    "state");

    @ArchTest static final ArchRule gate = only("gate", "compute", "defense", "energy", "sampler");

    @ArchTest static final ArchRule onnx = only("onnx", "classifier", "compute", "energy");

    @ArchTest
    static final ArchRule onlyTheCommandLineUsesTraining =
            noClasses()
                    .that()
                    .resideOutsideOfPackage(OPS + "training..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage(OPS + "training..");

    @ArchTest
    static final ArchRule preset =
            only("preset", "bank", "compute", "energy", "hat", "learner", "sampler");

    @ArchTest
    static final ArchRule nothingUsesAStudy =
            noClasses()
                    .that()
                    .resideOutsideOfPackage(OPS + "study..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage(OPS + "study..");

    @ArchTest
    static final ArchRule everyPackageHasItsPlace =
            classes()
                    .should()
                    .resideInAnyPackage(
                            OPS + "sampler..",
                            OPS + "state..",
                            OPS + "energy..",
                            OPS + "compute..",
                            OPS + "image..",
                            OPS + "bank..",
                            OPS + "learner..",
                            OPS + "attack..",
                            OPS + "classifier..",
                            OPS + "defense..",
                            OPS + "density..",
                            OPS + "hat..",
                            OPS + "snapshot..",
                            OPS + "diagnostics..",
                            OPS + "training..",
                            OPS + "plot..",
                            OPS + "bench..",
                            OPS + "preset..",
                            OPS + "quality..",
                            OPS + "study..",
                            OPS + "weights..",
                            OPS + "onnx..",
                            OPS + "guard..",
                            OPS + "gate..")
                    .because("a new package gets a rule here that says what it may use");

    @ArchTest
    static final ArchRule imagesNeedOnlyTheShapeOfANetwork =
            noClasses()
                    .that()
                    .resideInAPackage(OPS + "image..")
                    .should()
                    .dependOnClassesThat()
                    .haveFullyQualifiedName(OPS + "energy.Network");

    @ArchTest
    static final ArchRule noCycles = slices().matching(OPS + "(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule randomnessIsExplicit =
            noClasses()
                    .should()
                    .dependOnClassesThat()
                    .haveFullyQualifiedName("java.util.Random")
                    .orShould()
                    .dependOnClassesThat()
                    .haveFullyQualifiedName("java.util.concurrent.ThreadLocalRandom")
                    .orShould()
                    .callMethod(Math.class, "random");

    /** Within this module, {@code part} uses itself and {@code others}, nothing else. */
    private static ArchRule only(String part, String... others) {
        String[] allowed = new String[others.length + 1];
        allowed[0] = OPS + part + "..";
        for (int i = 0; i < others.length; i++) {
            allowed[i + 1] = OPS + others[i] + "..";
        }
        return noClasses()
                .that()
                .resideInAPackage(OPS + part + "..")
                .should()
                .dependOnClassesThat(
                        and(
                                resideInAPackage("io.ebmstream.ops.."),
                                not(resideInAnyPackage(allowed))));
    }
}
