package io.ebmstream.job.purify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.job.Mails;
import io.ebmstream.job.TestModels;
import io.ebmstream.job.classify.Classified;
import io.ebmstream.job.classify.ClassifierSource;
import io.ebmstream.job.classify.ClassifySetup;
import io.ebmstream.job.compute.FloatBytes;
import io.ebmstream.job.decode.ImageEvent;
import io.ebmstream.ops.classifier.Classifier;
import io.ebmstream.ops.classifier.ClassifierFile;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.WorkerPool;
import io.ebmstream.ops.compute.reference.ReferenceExecutor;
import io.ebmstream.ops.defense.Eot;
import io.ebmstream.ops.defense.EotMean;
import io.ebmstream.ops.defense.EotVote;
import io.ebmstream.ops.defense.ParallelPurifier;
import io.ebmstream.ops.defense.PurificationImage;
import io.ebmstream.ops.defense.PurifierConfig;
import io.ebmstream.ops.defense.VoteStop;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.image.Pixels;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.schemas.WireFormat;
import io.ebmstream.schemas.avro.PurifiedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Votes of further purifications beside the purified image. */
// the harness's close() throws Exception
@SuppressWarnings("try")
class ClassifyingPurifierTest {
    private static final int IMAGES = 5;
    private static final int REPLICATES = 3;
    private static final int CLASSES = 4;
    private static final int ROUND = 2;
    private static final double MARGIN = 1;
    private static final ModelVersion VERSION = new ModelVersion(0, 1);
    private static final PurifierConfig CONFIG =
            new PurifierConfig(LangevinConfig.of(2e-2, 1e-4), 3, 5);

    /** So much that replicates do not agree. */
    private static final PurifierConfig NOISY = new PurifierConfig(LangevinConfig.of(0.5, 1), 3, 5);

    @TempDir Path folder;
    private ClassifierSource source;

    @BeforeEach
    void writeClassifier() throws IOException {
        Network network = ClassifierFile.network("wrn-10-1", TestModels.SHAPE, CLASSES, 1);
        Path file = folder.resolve("classifier.safetensors");
        float[] weights = Initializer.weights(network, 1);
        for (int i = 0; i < weights.length; i++) {
            // or one class gets all votes
            weights[i] *= 2;
        }
        new ClassifierFile(network, 1, weights, Map.of()).write(file);
        source = ClassifierSource.of(file);
    }

    private PurifierSetup setup() {
        return setup(
                CONFIG,
                ClassifySetup.of(source, REPLICATES, EotMean.SOFTMAX, List.of("a", "b", "c", "d")));
    }

    /** Votes that end early here and there. */
    private PurifierSetup stopping() {
        return setup(
                NOISY,
                ClassifySetup.of(source, 8, EotMean.SOFTMAX, List.of()).withStop(ROUND, MARGIN));
    }

    private static PurifierSetup setup(PurifierConfig config, ClassifySetup classify) {
        return new PurifierSetup(
                "default",
                TestModels::network,
                () -> new PurifierConfig(config.langevin(), 3, 5),
                TestModels.REFERENCE,
                1,
                3,
                Duration.ofMillis(100),
                40,
                4,
                Duration.ofNanos(1),
                null,
                classify);
    }

    private static float[] weights() {
        return Initializer.weights(TestModels.network(), 2);
    }

    private static ImageEvent image(int i) {
        return TestModels.image(i, "stream-" + i % 2);
    }

    private Map<String, Purified> run(int mails, boolean interrupted) throws Exception {
        return run(setup(), mails, interrupted);
    }

    private static Map<String, Purified> run(PurifierSetup setup, int mails, boolean interrupted)
            throws Exception {
        List<Purified> all = new ArrayList<>();
        OperatorSubtaskState snapshot;
        try (PurifierHarness harness = new PurifierHarness(setup, 1, 0)) {
            harness.open();
            harness.model(VERSION, FloatBytes.toBytes(weights()));
            for (int i = 0; i < IMAGES; i++) {
                harness.image(image(i));
            }
            Mails.run(harness, mails);
            snapshot = harness.snapshot(1, 1);
            if (!interrupted) {
                harness.finish();
            }
            all.addAll(harness.extractOutputValues());
            // work after the checkpoint is lost and must be repeated
            Mails.run(harness, 3);
        }
        if (interrupted) {
            try (PurifierHarness harness = new PurifierHarness(setup, 1, 0)) {
                harness.initializeState(snapshot);
                harness.open();
                harness.finish();
                all.addAll(harness.extractOutputValues());
            }
        }
        Map<String, Purified> byId = new TreeMap<>();
        all.forEach(purified -> byId.put(purified.image().imageId(), purified));
        assertThat(all).hasSize(IMAGES);
        assertThat(byId).hasSize(IMAGES);
        return byId;
    }

    @Test
    void votesAreThoseOfTheLibrary() throws Exception {
        Map<String, Purified> found = run(0, false);
        try (WorkerPool pool = new WorkerPool(1, "test");
                ParallelPurifier purifier =
                        new ParallelPurifier(
                                TestModels.network(),
                                new ReferenceExecutor(),
                                Precision.FLOAT32,
                                CONFIG,
                                4,
                                pool,
                                weights());
                Classifier classifier = source.open(TestModels.SHAPE, new ReferenceExecutor())) {
            Eot eot = new Eot(purifier, classifier, EotMean.SOFTMAX);
            for (int i = 0; i < IMAGES; i++) {
                ImageEvent image = image(i);
                float[] pixels = new float[TestModels.SHAPE.size()];
                Pixels.toFloat(image.pixels(), 0, pixels, 0, pixels.length);
                EotVote vote =
                        eot.classify(
                                        pixels,
                                        new long[] {PurificationImage.chain(image.imageId())},
                                        REPLICATES)[0];
                Classified classified = found.get(image.imageId()).classified();
                assertThat(classified.logits()).isEqualTo(vote.mean());
                assertThat(classified.label()).isEqualTo(vote.label());
                assertThat(classified.margin()).isEqualTo(vote.margin());
                assertThat(classified.replicates()).isEqualTo(REPLICATES);
                assertThat(classified.name())
                        .isEqualTo(List.of("a", "b", "c", "d").get(vote.label()));
                assertThat(classified.classifierHash()).isEqualTo(source.hash());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 7, 12, 20, 33, 50})
    void anInterruptedVoteIsTakenAgainWithTheSameBits(int mails) throws Exception {
        assertThat(run(mails, true))
                .usingRecursiveComparison()
                .withEqualsForType(Double::equals, Double.class)
                .isEqualTo(run(mails, false));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 7, 20, 33})
    void votesThatEndEarlyAreThoseOfTheLibrary(int mails) throws Exception {
        Map<String, Purified> found = run(stopping(), mails, mails > 0);
        try (WorkerPool pool = new WorkerPool(1, "test");
                ParallelPurifier purifier =
                        new ParallelPurifier(
                                TestModels.network(),
                                new ReferenceExecutor(),
                                Precision.FLOAT32,
                                NOISY,
                                4,
                                pool,
                                weights());
                Classifier classifier = source.open(TestModels.SHAPE, new ReferenceExecutor())) {
            Eot eot = new Eot(purifier, classifier, EotMean.SOFTMAX, new VoteStop(ROUND, MARGIN));
            Set<Integer> counts = new TreeSet<>();
            for (int i = 0; i < IMAGES; i++) {
                ImageEvent image = image(i);
                float[] pixels = new float[TestModels.SHAPE.size()];
                Pixels.toFloat(image.pixels(), 0, pixels, 0, pixels.length);
                long[] chain = {PurificationImage.chain(image.imageId())};
                EotVote vote = eot.answer(pixels, chain, 8)[0];
                Classified classified = found.get(image.imageId()).classified();
                assertThat(classified.replicates()).isEqualTo(vote.replicates());
                assertThat(classified.logits()).isEqualTo(vote.mean());
                counts.add(vote.replicates());
            }
            assertThat(counts).as("some votes end early, some do not").hasSizeGreaterThan(1);
        }
    }

    @Test
    void theRecordCarriesTheVote() throws Exception {
        Purified purified = run(0, false).get("image-1");
        PurifiedEncoder encoder = new PurifiedEncoder("default", "topic");
        PurifiedImage record = WireFormat.PURIFIED.decode(encoder.map(purified).value());
        assertThat(record.getPredictedLabel()).isEqualTo(purified.classified().label());
        assertThat(record.getLogits()).hasSize(CLASSES);
        assertThat(record.getMargin()).isEqualTo(purified.classified().margin());
        assertThat(record.getReplicates()).isEqualTo(REPLICATES);
        assertThat(record.getClassifierHash()).hasSize(64);
        PurifiedImage bare =
                WireFormat.PURIFIED.decode(encoder.map(purified.withClass(null)).value());
        assertThat(bare.getLogits()).isNull();
        assertThat(bare.getReplicates()).isZero();
    }

    @Test
    void aClassifierOfOtherImagesIsRefused() {
        assertThatThrownBy(() -> source.open(new ImageShape(3, 16, 16), new ReferenceExecutor()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("3x16x16");
        assertThatThrownBy(
                        () ->
                                ClassifierSource.of(folder.resolve("none.onnx"))
                                        .open(TestModels.SHAPE, new ReferenceExecutor()))
                .hasMessageContaining("none.onnx");
    }
}
