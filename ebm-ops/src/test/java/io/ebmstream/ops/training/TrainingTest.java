package io.ebmstream.ops.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.ops.bank.PersistentBank;
import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.compute.ParallelExecutor;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.WorkerPool;
import io.ebmstream.ops.diagnostics.BankAges;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.image.ImageDataset;
import io.ebmstream.ops.image.ShapesDataset;
import io.ebmstream.ops.learner.LearnerConfig;
import io.ebmstream.ops.learner.LearnerConfigBuilder;
import io.ebmstream.ops.learner.LearnerWeights;
import io.ebmstream.ops.learner.MaximumLikelihoodLearner;
import io.ebmstream.ops.learner.Schedule;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.ops.weights.ModelFile;
import io.ebmstream.ops.weights.NetworkSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingTest {
    private static final int IMAGES = 40;
    private static final ImageDataset DATA =
            new ShapesDataset(new ImageShape(1, 16, 16), 1, IMAGES);
    private static final NetworkSpec NETWORK = new NetworkSpec("light32", 2, DATA.shape());
    private static final Executor EXECUTOR = Executors.resolve("auto", "float32").executor();

    @TempDir Path folder;

    private static LearnerConfigBuilder config() {
        return LearnerConfig.builder(NETWORK.build())
                .steps(3)
                .bankSize(12)
                .batch(6)
                .learningRate(Schedule.parse("1e-3@0, 1e-4@6"))
                .replayCapacity(IMAGES)
                .warmupImages(IMAGES)
                .part(2);
    }

    private static TrainingPlan plan(LearnerConfig config) {
        return TrainingPlan.of(config, NETWORK, "midrun-data", 2, 5);
    }

    private static Training begin(Path into) throws IOException {
        LearnerConfig config = config().build();
        return Training.begin(
                plan(config),
                EXECUTOR,
                Precision.FLOAT32,
                DATA,
                LearnerWeights.random(config),
                into);
    }

    private static Training resume(Path from, LearnerConfig config) throws IOException {
        return Training.resume(plan(config), EXECUTOR, Precision.FLOAT32, DATA, from);
    }

    /** Rows without the column that depends on a clock. */
    private static List<String> rows(Path of) throws IOException {
        return Files.readAllLines(of.resolve(Training.COURSE)).stream()
                .map(row -> row.substring(0, row.lastIndexOf(',')))
                .toList();
    }

    private Path uninterrupted() throws IOException {
        Path whole = folder.resolve("whole");
        try (Training training = begin(whole)) {
            training.run(12, info -> {}, () -> false);
        }
        return whole;
    }

    @Test
    void goesTheWayOfTheLearnerThatTheStreamHas() throws IOException {
        List<String> rows = rows(uninterrupted());
        assertThat(rows).hasSize(13);
        LearnerConfig config = config().build();
        try (MaximumLikelihoodLearner learner =
                new MaximumLikelihoodLearner(
                        config, EXECUTOR, Precision.FLOAT32, LearnerWeights.random(config))) {
            for (int i = 0; i < IMAGES; i++) {
                learner.offer(DATA.image(i).pixels());
            }
            for (int update = 1; update <= 12; update++) {
                if (!learner.updating()) {
                    learner.beginUpdate();
                }
                learner.advance(Long.MAX_VALUE);
                assertThat(rows.get(update))
                        .startsWith(update + "," + IMAGES + ",true,0,")
                        .contains("," + learner.lastUpdate().energyDifference() + ",");
            }
            assertThat(ModelFile.read(folder.resolve("whole")).energy().weights())
                    .isEqualTo(learner.averagedParameters());
        }
    }

    /** A rate far too high: rolled back three times, then frozen, in one run or in several. */
    @Test
    void aLostRunRollsBackAndFreezesAlsoWhenItIsResumed() throws IOException {
        Path whole = folder.resolve("lost");
        try (Training training = beginLost(whole)) {
            training.run(300, info -> {}, () -> false);
            assertThat(training.frozen()).isTrue();
            assertThat(training.rollBacks()).isEqualTo(3);
            assertThat(training.updates()).isLessThan(300);
        }
        List<String> events = Files.readAllLines(whole.resolve(Training.EVENTS));
        assertThat(events).filteredOn(row -> row.contains(",roll_back,")).hasSize(3);
        assertThat(events.get(events.size() - 1)).contains(",freeze,");

        Path parts = folder.resolve("parts");
        int[] count = new int[1];
        try (Training training = beginLost(parts)) {
            training.run(300, info -> count[0]++, () -> count[0] >= 33);
        }
        for (int until = 70; until < 1000; until += 40) {
            int stop = until;
            try (Training training =
                    Training.resume(lost(), EXECUTOR, Precision.FLOAT32, DATA, parts)) {
                training.run(300, info -> count[0]++, () -> count[0] >= stop);
            }
        }
        assertThat(rows(parts)).isEqualTo(rows(whole));
        assertThat(Files.readAllLines(parts.resolve(Training.EVENTS))).isEqualTo(events);
    }

    private static TrainingPlan lost() {
        LearnerConfig config = config().learningRate(Schedule.constant(0.5)).steps(2).build();
        return TrainingPlan.of(config, NETWORK, "midrun-data", 2, 5)
                .withGuard(
                        TrainingPlan.guard(config)
                                .withWindows(20, 20)
                                .withMeasurements(1000)
                                .withRollBacks(10, 1, 3));
    }

    private static Training beginLost(Path into) throws IOException {
        return Training.begin(
                lost(),
                EXECUTOR,
                Precision.FLOAT32,
                DATA,
                LearnerWeights.random(lost().config()),
                into);
    }

    @Test
    void leavesAModelAndPictures() throws IOException {
        Path whole = uninterrupted();
        ModelFile model = ModelFile.read(whole);
        assertThat(model.version()).isEqualTo(new ModelVersion(0, 1));
        assertThat(model.updates()).isEqualTo(12);
        assertThat(model.preset()).isEqualTo("midrun-data");
        assertThat(model.notes()).containsEntry("seed", "1").containsKey("images");
        assertThat(whole.resolve(Training.CHARTS)).isNotEmptyFile();
        try (PersistentBank bank = Training.readBank(whole, DATA.shape())) {
            assertThat(bank.capacity()).isEqualTo(12);
            assertThat(BankAges.of(bank).oldest()).isBetween(2, 12);
        }
        try (var pictures = Files.list(whole.resolve(Training.SAMPLES))) {
            assertThat(pictures.map(path -> path.getFileName().toString()))
                    .containsExactlyInAnyOrder("000005.png", "000010.png", "000012.png");
        }
    }

    @Test
    void goesOnBitForBitAfterAStop() throws IOException {
        Path parts = folder.resolve("parts");
        try (Training training = begin(parts)) {
            training.run(12, info -> {}, () -> training.updates() == 4);
        }
        try (Training training = resume(parts, config().build())) {
            assertThat(training.updates()).isEqualTo(4);
            training.run(12, info -> {}, () -> false);
        }
        Path whole = uninterrupted();
        assertThat(rows(parts)).isEqualTo(rows(whole));
        assertThat(Checkpoint.read(parts.resolve(Training.CHECKPOINT)))
                .usingRecursiveComparison()
                .isEqualTo(Checkpoint.read(whole.resolve(Training.CHECKPOINT)));
        assertThat(parts.resolve(ModelFile.NAME))
                .hasSameBinaryContentAs(whole.resolve(ModelFile.NAME));
    }

    /** As kill -9 leaves it: rows after the last checkpoint, of updates that are done again. */
    @Test
    void goesOnBitForBitAfterACrash() throws IOException {
        Path crashed = folder.resolve("crashed");
        try (Training training = begin(crashed)) {
            assertThatThrownBy(
                            () ->
                                    training.run(
                                            12,
                                            info -> {
                                                if (info.update() == 8) {
                                                    throw new IllegalStateException("crash");
                                                }
                                            },
                                            () -> false))
                    .hasMessage("crash");
        }
        assertThat(rows(crashed)).hasSize(9);
        try (Training training = resume(crashed, config().build())) {
            assertThat(training.updates()).isEqualTo(5);
            training.run(12, info -> {}, () -> false);
        }
        assertThat(rows(crashed)).isEqualTo(rows(uninterrupted()));
    }

    @Test
    void workersDoNotShowInTheResult() throws IOException {
        Path parallel = folder.resolve("parallel");
        LearnerConfig config = config().part(6).build();
        try (WorkerPool pool = new WorkerPool(2, "test");
                Training training =
                        Training.begin(
                                plan(config),
                                new ParallelExecutor(EXECUTOR, pool, 2),
                                Precision.FLOAT32,
                                DATA,
                                LearnerWeights.random(config),
                                parallel)) {
            training.run(12, info -> {}, () -> false);
        }
        assertThat(rows(parallel)).isEqualTo(rows(uninterrupted()));
        try (Training training = resume(parallel, config().build())) {
            assertThat(training.updates()).isEqualTo(12);
        }
    }

    @Test
    void refusesToGoOnWithOtherSettings() throws IOException {
        Path parts = folder.resolve("parts");
        try (Training training = begin(parts)) {
            training.run(1, info -> {}, () -> false);
        }
        assertThatThrownBy(() -> resume(parts, config().steps(4).rejuvenation(0.5).build()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("rejuvenation (began with 0.05@0, now 0.5@0)")
                .hasMessageContaining("steps (began with 3.0@0, now 4.0@0)");
        LearnerConfig config = config().build();
        ImageDataset others = new ShapesDataset(DATA.shape(), 2, IMAGES);
        assertThatThrownBy(
                        () ->
                                Training.resume(
                                        plan(config), EXECUTOR, Precision.FLOAT32, others, parts))
                .hasMessageContaining("images (began with 40 of 1x16x16, sha256");
    }

    @Test
    void saysWhatIsWrongWithFiles() throws IOException {
        Path parts = folder.resolve("parts");
        try (Training training = begin(parts)) {
            training.run(1, info -> {}, () -> false);
        }
        LearnerConfig config = config().build();
        Files.write(parts.resolve(Training.COURSE), List.of(Course.HEADER));
        assertThatThrownBy(() -> resume(parts, config))
                .hasMessageContaining("expected the rows of 1 updates, found 0");
        Path file = parts.resolve(Training.CHECKPOINT);
        byte[] whole = Files.readAllBytes(file);
        byte[] damaged = whole.clone();
        damaged[whole.length / 2] ^= 1;
        Files.write(file, damaged);
        assertThatThrownBy(() -> resume(parts, config)).isInstanceOf(IOException.class);
        Files.write(file, Arrays.copyOf(whole, whole.length - 20));
        assertThatThrownBy(() -> resume(parts, config)).isInstanceOf(IOException.class);
        assertThatThrownBy(
                        () ->
                                Training.begin(
                                        plan(config().replayCapacity(10).build()),
                                        EXECUTOR,
                                        Precision.FLOAT32,
                                        DATA,
                                        LearnerWeights.random(config),
                                        folder.resolve("x")))
                .hasMessageContaining("all of")
                .hasMessageContaining("found 10 and 40");
    }
}
