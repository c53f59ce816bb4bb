package io.ebmstream.job.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.job.compute.ComputeChoice;
import io.ebmstream.job.compute.FloatBytes;
import io.ebmstream.job.config.JobConfig;
import io.ebmstream.job.decode.ImageEvent;
import io.ebmstream.job.kafka.OutgoingRecord;
import io.ebmstream.job.snapshot.EncoderHarness;
import io.ebmstream.job.snapshot.SnapshotModels;
import io.ebmstream.job.snapshot.SnapshotSetup;
import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.image.ImageDataset;
import io.ebmstream.ops.image.ShapesDataset;
import io.ebmstream.ops.learner.LearnerConfig;
import io.ebmstream.ops.learner.LearnerWeights;
import io.ebmstream.ops.preset.Preset;
import io.ebmstream.ops.preset.Presets;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.ops.training.Training;
import io.ebmstream.ops.training.TrainingPlan;
import io.ebmstream.ops.weights.ModelFile;
import io.ebmstream.ops.weights.NetworkSpec;
import io.ebmstream.schemas.WireFormat;
import io.ebmstream.schemas.avro.SnapshotChunk;
import io.ebmstream.schemas.snapshot.SnapshotAssembler;
import io.ebmstream.schemas.snapshot.SnapshotException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** From the stream to training without one, and back, for every preset at reduced size. */
// the harness's close() throws Exception
@SuppressWarnings("try")
class InitialSnapshotTest {
    private static final int WIDTH = 2;
    private static final int WARMUP = 4;
    private static final int IMAGES = 6;
    private static final ComputeChoice COMPUTE = context -> Executors.resolve("onednn", "float32");

    @TempDir Path dir;

    static List<String> presets() {
        return Presets.names();
    }

    private static ImageShape shape(Preset preset) {
        ImageShape image = preset.image();
        return image.height() > 64 ? new ImageShape(image.channels(), 32, 32) : image;
    }

    private static int generatorWidth(Preset preset) {
        String family = preset.generator().family();
        return family.equals("sngan64-generator") || family.equals("sngan128-generator") ? 16 : 2;
    }

    /** A job's configuration; networks that it is given are in no file yet. */
    private static Map<String, String> values(Preset preset) {
        ImageShape image = shape(preset);
        Map<String, String> values = new TreeMap<>();
        values.put("ebm.learner.preset", preset.name());
        values.put("ebm.image.channels", "" + image.channels());
        values.put("ebm.image.height", "" + image.height());
        values.put("ebm.image.width", "" + image.width());
        values.put("ebm.model.width", "" + WIDTH);
        values.put("ebm.learner.batch", "2");
        values.put("ebm.learner.bank", "6");
        values.put("ebm.learner.steps", "1");
        values.put("ebm.learner.part", "2");
        values.put("ebm.learner.replay", "20");
        values.put("ebm.learner.warmup", "" + WARMUP);
        values.put("ebm.learner.images-per-update", "2");
        values.put("ebm.learner.publish-every", "2");
        if (preset.burnIn() != null) {
            values.put("ebm.learner.burn-in.bank", "4");
            values.put("ebm.learner.burn-in.steps", "1");
            values.put("ebm.learner.burn-in.updates", "3");
        }
        if (preset.generator() != null) {
            values.put("ebm.learner.generator.width", "" + generatorWidth(preset));
        }
        if (preset.prior() != null) {
            values.put("ebm.learner.prior.width", "" + WIDTH);
        }
        return values;
    }

    /** The networks that a preset has to be given, as files beside a job's other values. */
    private Map<String, String> withFiles(Preset preset) throws IOException {
        Map<String, String> values = values(preset);
        ImageShape image = shape(preset);
        ModelFile given =
                new ModelFile(
                        random(new NetworkSpec("light32", WIDTH, image), 30),
                        Map.of(),
                        LangevinConfig.of(1e-2, 1e-4),
                        5,
                        "",
                        ModelVersion.INITIAL,
                        1,
                        Map.of());
        if (preset.needsGenerator()) {
            NetworkSpec generator =
                    new NetworkSpec(preset.generator().family(), generatorWidth(preset), image);
            given.with(ModelFile.GENERATOR, random(generator, 31)).write(dir.resolve("generator"));
            values.put("ebm.learner.generator.file", dir.resolve("generator").toString());
        }
        if (preset.needsPrior()) {
            NetworkSpec prior = new NetworkSpec(preset.prior().family(), WIDTH, image);
            new ModelFile(
                            random(prior, 32),
                            Map.of(),
                            given.langevin(),
                            5,
                            "",
                            ModelVersion.INITIAL,
                            1,
                            Map.of())
                    .write(dir.resolve("prior"));
            values.put("ebm.learner.prior.file", dir.resolve("prior").toString());
        }
        return values;
    }

    private static ModelFile.Part random(NetworkSpec spec, long seed) {
        return new ModelFile.Part(spec, Initializer.weights(spec.build(), seed));
    }

    private static ImageEvent event(ImageDataset images, int i) {
        ImageShape shape = images.shape();
        return new ImageEvent(
                "image-" + i,
                "stream",
                1_000L + i,
                shape.channels(),
                shape.height(),
                shape.width(),
                images.image(i).pixels(),
                -1,
                null,
                "ebm.images",
                0,
                i);
    }

    /** What a job publishes that learns from some images. */
    private static List<PublishedModel> stream(JobConfig job, int count) throws Exception {
        ImageDataset images = new ShapesDataset(job.model().shape(), 5, count);
        try (var harness =
                new KeyedOneInputStreamOperatorTestHarness<String, ImageEvent, PublishedModel>(
                        new LearnerOperatorFactory(LearnerSetup.of(job, COMPUTE)),
                        image -> "default/0",
                        Types.STRING,
                        16,
                        1,
                        0)) {
            harness.open();
            for (int i = 0; i < count; i++) {
                harness.processElement(new StreamRecord<>(event(images, i)));
            }
            harness.getOperator().finish();
            return new ArrayList<>(harness.extractOutputValues());
        }
    }

    /** The records that go to Kafka; the manifest is the last one. */
    private static List<OutgoingRecord> records(JobConfig job, PublishedModel model)
            throws Exception {
        return EncoderHarness.encode(SnapshotSetup.of(job), model);
    }

    private static SnapshotAssembler assembler(List<OutgoingRecord> records) throws Exception {
        OutgoingRecord manifest = records.get(records.size() - 1);
        return new SnapshotAssembler(WireFormat.SNAPSHOT_MANIFEST.decode(manifest.value()));
    }

    private static ModelFile fetched(JobConfig job, PublishedModel model) throws Exception {
        List<OutgoingRecord> records = records(job, model);
        SnapshotAssembler assembler = assembler(records);
        for (OutgoingRecord record : records.subList(0, records.size() - 1)) {
            assembler.offer(WireFormat.SNAPSHOT_CHUNK.decode(record.value()));
        }
        return SnapshotModels.of(assembler.assemble());
    }

    /** Trained on without a stream; nothing but the model and the images is given. */
    private ModelFile trained(Preset preset, ModelFile from) throws Exception {
        ImageDataset images = new ShapesDataset(shape(preset), 6, IMAGES);
        Map<String, String> values = withFiles(preset);
        values.put("ebm.learner.replay", "" + IMAGES);
        values.put("ebm.learner.warmup", "" + IMAGES);
        LearnerConfig config = LearnerSetup.of(JobConfig.of(values), COMPUTE).config().get();
        Map<String, ModelFile.Part> fixed = new HashMap<>(from.others());
        NetworkSpec learning = null;
        if (preset.generator() != null && preset.generator().learns()) {
            learning = fixed.remove(ModelFile.GENERATOR).spec();
        }
        Executors.Choice choice = COMPUTE.choose(null);
        TrainingPlan plan =
                new TrainingPlan(
                        config,
                        from.energy().spec(),
                        fixed,
                        learning,
                        preset.name(),
                        from.version(),
                        from.hash(),
                        2,
                        100,
                        TrainingPlan.guard(config));
        Path folder = dir.resolve("offline");
        try (Training training =
                Training.begin(
                        plan,
                        choice.executor(),
                        choice.precision(),
                        images,
                        plan.weights(from),
                        folder)) {
            assertSame(training.model(), from);
            training.run(1, info -> {}, () -> false);
        }
        return ModelFile.read(folder);
    }

    /** Every network has the same bits. */
    private static void assertSame(ModelFile found, ModelFile expected) {
        assertThat(found.energy().spec()).isEqualTo(expected.energy().spec());
        assertThat(bits(found.energy())).isEqualTo(bits(expected.energy()));
        assertThat(found.others().keySet()).isEqualTo(expected.others().keySet());
        expected.others()
                .forEach(
                        (role, part) -> {
                            assertThat(found.other(role).spec()).isEqualTo(part.spec());
                            assertThat(bits(found.other(role))).as(role).isEqualTo(bits(part));
                        });
    }

    private static byte[] bits(ModelFile.Part part) {
        return FloatBytes.toBytes(part.weights());
    }

    @ParameterizedTest
    @MethodSource("presets")
    void everyNetworkGoesFromTheStreamOfflineAndBack(String name) throws Exception {
        Preset preset = Presets.named(name);
        JobConfig job = JobConfig.of(withFiles(preset));
        PublishedModel last = stream(job, IMAGES).get(0);
        ModelFile fetched = fetched(job, last);
        assertThat(fetched.version()).isEqualTo(last.version());
        assertThat(fetched.updates()).isEqualTo(2);
        assertThat(fetched.preset()).isEqualTo(name);
        assertThat(bits(fetched.energy())).isEqualTo(last.weights());
        assertThat(fetched.others().keySet()).isEqualTo(last.networks().keySet());
        last.networks()
                .forEach((r, weights) -> assertThat(bits(fetched.other(r))).isEqualTo(weights));
        assertThat(fetched.others().containsKey(ModelFile.GENERATOR))
                .isEqualTo(preset.generator() != null);
        assertThat(fetched.others().containsKey(ModelFile.PRIOR)).isEqualTo(preset.prior() != null);

        ModelFile trained = trained(preset, fetched);
        assertThat(trained.version()).isEqualTo(last.version().next());
        assertThat(bits(trained.energy())).isNotEqualTo(bits(fetched.energy()));
        if (preset.generator() != null) {
            // one that learns learned in both, one that is given is the same in all
            LearnerWeights began =
                    LearnerSetup.of(job, COMPUTE)
                            .weights()
                            .apply(LearnerSetup.of(job, COMPUTE).config().get());
            boolean same = !preset.generator().learns();
            byte[] streamed = last.networks().get(ModelFile.GENERATOR);
            byte[] offline = bits(trained.other(ModelFile.GENERATOR));
            assertThat(Arrays.equals(streamed, FloatBytes.toBytes(began.generator())))
                    .isEqualTo(same);
            assertThat(Arrays.equals(offline, streamed)).isEqualTo(same);
        }

        Map<String, String> again = values(preset);
        again.put("ebm.model.initial-snapshot", dir.resolve("offline").toString());
        JobConfig second = JobConfig.of(again);
        LearnerSetup setup = LearnerSetup.of(second, COMPUTE);
        LearnerWeights begins = setup.weights().apply(setup.config().get());
        assertThat(FloatBytes.toBytes(begins.energy())).isEqualTo(bits(trained.energy()));
        assertSame(begins.generator(), trained, ModelFile.GENERATOR);
        assertSame(begins.prior(), trained, ModelFile.PRIOR);
        PublishedModel next = stream(second, WARMUP).get(0);
        assertThat(next.parent()).isEqualTo(trained.version());
        assertThat(next.version()).isEqualTo(trained.version().next());
        assertThat(next.networks().keySet()).isEqualTo(last.networks().keySet());
    }

    private static void assertSame(float[] found, ModelFile expected, String role) {
        if (expected.others().containsKey(role)) {
            assertThat(FloatBytes.toBytes(found)).isEqualTo(bits(expected.other(role)));
        } else {
            assertThat(found).isNull();
        }
    }

    @Test
    void aDamagedGeneratorIsRefused() throws Exception {
        JobConfig job = JobConfig.of(values(Presets.named("shortrun")));
        List<OutgoingRecord> records = records(job, stream(job, WARMUP).get(0));
        SnapshotAssembler assembler = assembler(records);
        assertThat(assembler.manifest().getNetworks()).containsOnlyKeys(ModelFile.GENERATOR);
        for (OutgoingRecord record : records.subList(0, records.size() - 1)) {
            SnapshotChunk chunk = WireFormat.SNAPSHOT_CHUNK.decode(record.value());
            if (chunk.getIndex() == chunk.getCount() - 1) {
                // the generator's tensors are the last
                int end = chunk.getData().limit() - 1;
                chunk.getData().put(end, (byte) (chunk.getData().get(end) ^ 1));
            }
            assembler.offer(chunk);
        }
        assertThatThrownBy(assembler::assemble)
                .isInstanceOfSatisfying(
                        SnapshotException.class,
                        e -> assertThat(e.reason()).isEqualTo(SnapshotException.Reason.CORRUPT));
    }

    @Test
    void aModelWithoutTheNetworksThatAreNeededIsRefused() throws Exception {
        JobConfig alone = JobConfig.of(values(Presets.named("midrun-data")));
        fetched(alone, stream(alone, WARMUP).get(0)).write(dir);
        for (String preset : List.of("hat-refine", "longrun-data")) {
            Map<String, String> values = values(Presets.named(preset));
            values.put("ebm.model.initial-snapshot", dir.toString());
            LearnerSetup setup = LearnerSetup.of(JobConfig.of(values), COMPUTE);
            assertThatThrownBy(() -> setup.weights().apply(setup.config().get()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("ebm.model.initial-snapshot: expected a model with")
                    .hasMessageContaining("found none; set ebm.learner.");
        }
        Map<String, String> narrow = values(Presets.named("shortrun"));
        JobConfig job = JobConfig.of(narrow);
        fetched(job, stream(job, WARMUP).get(0)).write(dir);
        narrow.put("ebm.learner.generator.width", "8");
        narrow.put("ebm.model.initial-snapshot", dir.toString());
        LearnerSetup other = LearnerSetup.of(JobConfig.of(narrow), COMPUTE);
        assertThatThrownBy(() -> other.weights().apply(other.config().get()))
                .hasMessageContaining("expected a model with generator sngan32-generator");
    }

    @Test
    void theConfigurationNamesTheModel() throws Exception {
        JobConfig job = JobConfig.of(values(Presets.named("midrun-data")));
        ModelFile model = fetched(job, stream(job, WARMUP).get(0));
        model.write(dir);
        Map<String, String> values = values(Presets.named("midrun-data"));
        values.put("ebm.model.initial-snapshot", dir.toString());
        assertThat(JobConfig.of(values).model().initialModel().orElseThrow().version())
                .isEqualTo(model.version());
        values.put("ebm.model.width", "3");
        assertThatThrownBy(() -> JobConfig.of(values).model().initialModel())
                .hasMessageContaining("ebm.model.initial-snapshot: expected a model of sngan32")
                .hasMessageContaining("set ebm.model.network to sngan32, ebm.model.width to 2");
        values.put("ebm.model.initial-snapshot", dir.resolve("none").toString());
        assertThatThrownBy(() -> JobConfig.of(values).model().initialModel())
                .hasMessageContaining("found none");
        assertThat(JobConfig.of(Map.of()).model().initialModel()).isEmpty();
    }
}
