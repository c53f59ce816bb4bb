package io.ebmstream.job.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.job.TestModels;
import io.ebmstream.job.compute.FloatBytes;
import io.ebmstream.job.config.InitialModel;
import io.ebmstream.job.config.JobConfig;
import io.ebmstream.job.decode.ImageEvent;
import io.ebmstream.job.kafka.OutgoingRecord;
import io.ebmstream.job.snapshot.SnapshotEncoder;
import io.ebmstream.job.snapshot.SnapshotModels;
import io.ebmstream.job.snapshot.SnapshotSetup;
import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.guard.GuardConfig;
import io.ebmstream.ops.image.Image;
import io.ebmstream.ops.image.ImageDataset;
import io.ebmstream.ops.image.InMemoryDataset;
import io.ebmstream.ops.learner.LearnerConfig;
import io.ebmstream.ops.learner.LearnerConfigBuilder;
import io.ebmstream.ops.learner.LearnerWeights;
import io.ebmstream.ops.learner.MaximumLikelihoodLearner;
import io.ebmstream.ops.preset.PresetScale;
import io.ebmstream.ops.preset.Presets;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.ops.training.Training;
import io.ebmstream.ops.training.TrainingPlan;
import io.ebmstream.ops.weights.ModelFile;
import io.ebmstream.ops.weights.NetworkSpec;
import io.ebmstream.schemas.WireFormat;
import io.ebmstream.schemas.snapshot.SnapshotAssembler;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.functions.util.ListCollector;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** From the stream to training without one, and back. */
// the harness's close() throws Exception
@SuppressWarnings("try")
class InitialSnapshotTest {
    private static final NetworkSpec NETWORK = new NetworkSpec("light32", 2, TestModels.SHAPE);
    private static final PresetScale SMALL = new PresetScale(0, 0, 0, 4, 12, 0, 2);
    private static final int WARMUP = 8;
    private static final int IMAGES = 12;

    @TempDir Path dir;

    private static LearnerConfigBuilder config(String preset) {
        return Presets.named(preset)
                .builder(TestModels.network(), SMALL)
                .part(2)
                .replayCapacity(20)
                .warmupImages(WARMUP)
                .imagesPerUpdate(2);
    }

    /** What a job publishes last that begins with a model, or with random weights. */
    private static List<PublishedModel> stream(String preset, InitialModel initial)
            throws Exception {
        LearnerSetup setup =
                new LearnerSetup(
                        "default",
                        () -> config(preset).build(),
                        () -> GuardConfig.DATA_STARTS,
                        config -> {
                            LearnerWeights random = LearnerWeights.random(config);
                            return initial == null ? random : initial.weights(config, random);
                        },
                        () -> initial == null ? ModelVersion.INITIAL : initial.version(),
                        TestModels.REFERENCE,
                        2,
                        0,
                        40,
                        Duration.ofSeconds(1));
        try (var harness =
                new KeyedOneInputStreamOperatorTestHarness<String, ImageEvent, PublishedModel>(
                        new LearnerOperatorFactory(setup),
                        image -> "default/0",
                        Types.STRING,
                        16,
                        1,
                        0)) {
            harness.open();
            for (int i = 0; i < IMAGES; i++) {
                harness.processElement(new StreamRecord<>(TestModels.image(i, "stream")));
            }
            harness.getOperator().finish();
            return new ArrayList<>(harness.extractOutputValues());
        }
    }

    /** Through the records that go to Kafka. */
    private static ModelFile fetched(PublishedModel model) throws Exception {
        Map<String, String> settings = new TreeMap<>();
        settings.put("model.network", "light32");
        settings.put("model.n", "2");
        settings.put("model.channels", "1");
        settings.put("model.height", "16");
        settings.put("model.width", "16");
        settings.put("learner.stepSize", "0.01");
        settings.put("learner.temperature", "1.0E-4");
        settings.put("learner.tau", "0.0");
        settings.put("learner.maxLangevinNorm", "0.0");
        settings.put("learner.steps", "2.0@0");
        settings.put("learner.preset", "midrun-data");
        SnapshotEncoder encoder =
                new SnapshotEncoder(
                        new SnapshotSetup(
                                TestModels.network().toJson(),
                                0.01,
                                1e-4,
                                0,
                                0,
                                5,
                                settings,
                                "manifests",
                                "chunks"));
        encoder.open(null);
        List<OutgoingRecord> records = new ArrayList<>();
        encoder.flatMap(model, new ListCollector<>(records));
        OutgoingRecord manifest = records.remove(records.size() - 1);
        SnapshotAssembler assembler =
                new SnapshotAssembler(WireFormat.SNAPSHOT_MANIFEST.decode(manifest.value()));
        for (OutgoingRecord record : records) {
            assembler.offer(WireFormat.SNAPSHOT_CHUNK.decode(record.value()));
        }
        return SnapshotModels.of(assembler.assemble());
    }

    private ModelFile trained(String preset, ModelFile from) throws Exception {
        List<Image> images = new ArrayList<>();
        for (int i = 0; i < IMAGES; i++) {
            images.add(new Image(TestModels.SHAPE, TestModels.image(i, "stream").pixels()));
        }
        ImageDataset data = new InMemoryDataset("images", images, List.of());
        LearnerConfig config = config(preset).replayCapacity(IMAGES).warmupImages(IMAGES).build();
        Executors.Choice choice = TestModels.REFERENCE.choose(null);
        TrainingPlan plan =
                new TrainingPlan(
                        config,
                        NETWORK,
                        Map.of(),
                        null,
                        preset,
                        from.version(),
                        from.hash(),
                        2,
                        100,
                        TrainingPlan.guard(config));
        try (Training training =
                Training.begin(
                        plan,
                        choice.executor(),
                        choice.precision(),
                        data,
                        LearnerWeights.of(from.energy().weights()),
                        dir)) {
            training.run(2, info -> {}, () -> false);
        }
        return ModelFile.read(dir);
    }

    @ParameterizedTest
    @ValueSource(strings = {"midrun-data", "defense"})
    void learningGoesFromTheStreamOfflineAndBack(String preset) throws Exception {
        List<PublishedModel> first = stream(preset, null);
        PublishedModel last = first.get(first.size() - 1);
        ModelFile fetched = fetched(last);
        assertThat(fetched.version()).isEqualTo(last.version());
        assertThat(fetched.updates()).isEqualTo(3);
        assertThat(fetched.steps()).isEqualTo(2);
        assertThat(FloatBytes.toBytes(fetched.energy().weights())).isEqualTo(last.weights());

        ModelFile trained = trained(preset, fetched);
        assertThat(trained.version()).isEqualTo(last.version().next());
        assertThat(trained.energy().weights()).isNotEqualTo(fetched.energy().weights());

        List<PublishedModel> second = stream(preset, new InitialModel(trained));
        assertThat(second.get(0).parent()).isEqualTo(trained.version());
        assertThat(second.get(0).version()).isEqualTo(trained.version().next());
        Executors.Choice choice = TestModels.REFERENCE.choose(null);
        try (MaximumLikelihoodLearner learner =
                new MaximumLikelihoodLearner(
                        config(preset).build(),
                        choice.executor(),
                        choice.precision(),
                        LearnerWeights.of(trained.energy().weights()))) {
            for (int i = 0; learner.updates() < 2; i++) {
                if (learner.offer(TestModels.image(i, "stream").pixels())) {
                    learner.advance(Long.MAX_VALUE);
                }
            }
            assertThat(second.get(0).weights())
                    .isEqualTo(FloatBytes.toBytes(learner.averagedParameters()));
        }
    }

    @Test
    void theConfigurationNamesTheModel() throws Exception {
        ModelFile model = fetched(stream("midrun-data", null).get(0));
        model.write(dir);
        Map<String, String> values = new TreeMap<>();
        values.put("ebm.model.initial-snapshot", dir.toString());
        values.put("ebm.model.width", "2");
        values.put("ebm.image.channels", "1");
        values.put("ebm.image.height", "16");
        values.put("ebm.image.width", "16");
        assertThat(JobConfig.of(values).model().initialModel().orElseThrow().version())
                .isEqualTo(model.version());
        values.put("ebm.model.width", "3");
        assertThatThrownBy(() -> JobConfig.of(values).model().initialModel())
                .hasMessageContaining("ebm.model.initial-snapshot: expected a model of light32")
                .hasMessageContaining("set ebm.model.network to light32, ebm.model.width to 2");
        values.put("ebm.model.initial-snapshot", dir.resolve("none").toString());
        assertThatThrownBy(() -> JobConfig.of(values).model().initialModel())
                .hasMessageContaining("found none");
        assertThat(JobConfig.of(Map.of()).model().initialModel()).isEmpty();
    }
}
