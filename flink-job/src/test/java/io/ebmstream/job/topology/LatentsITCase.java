package io.ebmstream.job.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.job.TestTopics;
import io.ebmstream.job.broker.EmbeddedBroker;
import io.ebmstream.job.broker.JobTopics;
import io.ebmstream.job.cli.Cli;
import io.ebmstream.job.config.JobConfig;
import io.ebmstream.job.config.TopicNames;
import io.ebmstream.job.feed.ImageFeeder;
import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.reference.ReferenceExecutor;
import io.ebmstream.ops.defense.PurifierConfig;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.hat.AutoencoderFile;
import io.ebmstream.ops.hat.Generator;
import io.ebmstream.ops.hat.HatRefiner;
import io.ebmstream.ops.hat.RefinedImage;
import io.ebmstream.ops.hat.RefinementBatch;
import io.ebmstream.ops.hat.RefinementImage;
import io.ebmstream.ops.hat.RefinerConfig;
import io.ebmstream.ops.image.ImageEncoding;
import io.ebmstream.ops.image.ShapesDataset;
import io.ebmstream.ops.weights.ModelFile;
import io.ebmstream.ops.weights.NetworkSpec;
import io.ebmstream.schemas.Headers;
import io.ebmstream.schemas.Topics;
import io.ebmstream.schemas.WireFormat;
import io.ebmstream.schemas.avro.ImageRecord;
import io.ebmstream.schemas.avro.LearnerDiagnostics;
import io.ebmstream.schemas.avro.PurifiedImage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A generator's images go through a real broker with their latents, beside others without. */
class LatentsITCase {
    private static final ImageShape SHAPE = new ImageShape(1, 32, 32);
    private static final int GENERATED = 24;
    private static final int PLAIN = 24;
    private static final int WRONG = 3;
    private static final int HAT_STEPS = 3;
    private static final int STEPS = 2;

    @TempDir static Path folder;
    private static EmbeddedBroker broker;
    private static Path generator;

    @BeforeAll
    static void start() throws Exception {
        broker = EmbeddedBroker.start();
        broker.createTopics(JobTopics.of(TopicNames.defaults(), 2, (short) 1));
        generator = folder.resolve(AutoencoderFile.NAME);
        new AutoencoderFile(part("autoencoder-encoder"), part("autoencoder-decoder"), Map.of())
                .write(generator);
        FailingOnceExecutor.FAILURES.set(0);
    }

    @AfterAll
    static void stop() {
        FailingOnceExecutor.FAILURES.set(0);
        broker.close();
    }

    private static ModelFile.Part part(String name) {
        NetworkSpec spec = new NetworkSpec(name, 2, SHAPE);
        return new ModelFile.Part(spec, Initializer.weights(spec.build(), 1));
    }

    private static JobConfig config() {
        Map<String, String> settings = SmallJob.settings(broker, folder);
        settings.put("ebm.image.channels", "1");
        settings.put("ebm.model.width", "2");
        settings.put("ebm.learner.warmup", "8");
        settings.put("ebm.learner.images-per-update", "8");
        settings.put("ebm.learner.publish-every", "2");
        settings.put("ebm.purifier.steps", "" + STEPS);
        settings.put("ebm.hat.generator", generator.toString());
        settings.put("ebm.hat.steps", "" + HAT_STEPS);
        return JobConfig.of(settings);
    }

    private static void feedGenerated(String stream, int seed) {
        Cli.Outcome feed =
                Cli.run(
                        "feed",
                        "--bootstrap=" + broker.bootstrapServers(),
                        "--generator=" + generator,
                        "--limit=" + GENERATED,
                        "--seed=" + seed,
                        "--stream=" + stream);
        assertThat(feed.err()).isEmpty();
        assertThat(feed.exit()).isZero();
    }

    /** Images without latents, and with those of another generator. */
    private static void feedOthers() {
        Properties kafka = new Properties();
        kafka.put("bootstrap.servers", broker.bootstrapServers());
        ShapesDataset images = new ShapesDataset(SHAPE, 5, PLAIN);
        try (ImageFeeder feeder =
                new ImageFeeder(kafka, Topics.IMAGES, "camera", ImageEncoding.PNG)) {
            for (int i = 0; i < PLAIN; i++) {
                feeder.send("plain-" + i, images.image(i));
                if (i < WRONG) {
                    feeder.send("wrong-" + i, images.image(i), new float[7 + i]);
                }
            }
            feeder.flush();
        }
    }

    @Test
    void imagesWithLatentsAreRefinedOnceAndOthersPurified() throws Exception {
        JobConfig config = config();
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.createLocalEnvironment(2, FlinkDefaults.of(config));
        EbmTopology.build(
                env,
                config,
                context ->
                        new Executors.Choice(
                                new FailingOnceExecutor(), Precision.FLOAT32, List.of()));
        JobClient job = env.executeAsync("latents");
        feedGenerated("first", 1);
        // what is visible here is covered by a checkpoint
        TestTopics.await(broker.bootstrapServers(), Topics.PURIFIED, 1);
        FailingOnceExecutor.ARMED.set(true);
        feedOthers();
        feedGenerated("second", 2);
        TestTopics.await(broker.bootstrapServers(), Topics.PURIFIED, 2 * GENERATED + PLAIN);
        TestTopics.await(broker.bootstrapServers(), Topics.IMAGES_DLQ, WRONG);
        // whatever would come twice would come with the next checkpoints
        Thread.sleep(1_500);
        job.cancel().get(30, TimeUnit.SECONDS);

        assertThat(FailingOnceExecutor.FAILURES).hasValue(1);
        Map<String, PurifiedImage> purified = new TreeMap<>();
        for (ConsumerRecord<byte[], byte[]> record :
                TestTopics.read(broker.bootstrapServers(), Topics.PURIFIED)) {
            PurifiedImage image = WireFormat.PURIFIED.decode(record.value());
            String id = image.getStreamId() + "/" + image.getImageId();
            assertThat(purified.put(id, image)).as("%s twice", id).isNull();
        }
        assertThat(purified).hasSize(2 * GENERATED + PLAIN);
        theyCameFromTheirSamplers(config, purified);
        refinedImagesAreThoseOfTheLibrary(config, purified);
        wrongLatentsAreDeadLetters();
        theLearnerSawNoGeneratedImage();
    }

    private static void theyCameFromTheirSamplers(
            JobConfig config, Map<String, PurifiedImage> purified) throws Exception {
        PurifierConfig plain =
                config.purifier().toConfig(config.compute().seed(), config.learner().temperature());
        String refiner =
                refiner(config).hash(Precision.FLOAT32, Generator.read(generator).digest());
        for (PurifiedImage image : purified.values()) {
            boolean camera = image.getStreamId().equals("camera");
            assertThat(image.getSamplerHash())
                    .isEqualTo(camera ? plain.hash(Precision.FLOAT32) : refiner);
            assertThat(image.getSteps()).isEqualTo(camera ? STEPS : HAT_STEPS);
        }
    }

    private static RefinerConfig refiner(JobConfig config) {
        return config.hat().toConfig(config.compute().seed(), config.learner().temperature());
    }

    /** Those of the untrained model, whose weights need no snapshot. */
    private static void refinedImagesAreThoseOfTheLibrary(
            JobConfig config, Map<String, PurifiedImage> purified) throws Exception {
        int compared = 0;
        try (HatRefiner library =
                new HatRefiner(
                        config.model().build(),
                        Generator.read(generator),
                        new ReferenceExecutor(),
                        Precision.FLOAT32,
                        refiner(config),
                        2)) {
            library.setModel(Initializer.weights(config.model().build(), config.compute().seed()));
            for (ConsumerRecord<byte[], byte[]> record :
                    TestTopics.read(broker.bootstrapServers(), Topics.IMAGES)) {
                ImageRecord sent = WireFormat.IMAGE.decode(record.value());
                PurifiedImage found = purified.get(sent.getStreamId() + "/" + sent.getImageId());
                boolean wanted =
                        found != null
                                && sent.getLatent() != null
                                && found.getModelVersion().getCounter() == 0
                                && compared < 4;
                if (wanted) {
                    compared++;
                    assertThat(found.getPixels())
                            .as(sent.getImageId())
                            .isEqualTo(ByteBuffer.wrap(refined(library, sent).pixels()));
                }
            }
        }
        assertThat(compared).as("images that the untrained model refined").isPositive();
    }

    private static RefinedImage refined(HatRefiner library, ImageRecord sent) {
        float[] latents = new float[sent.getLatent().size()];
        for (int i = 0; i < latents.length; i++) {
            latents[i] = sent.getLatent().get(i);
        }
        byte[] pixels = new byte[SHAPE.size()];
        sent.getData().get(pixels);
        RefinementImage image = RefinementImage.of(sent.getImageId(), latents, pixels);
        try (RefinementBatch batch = library.start(List.of(image))) {
            while (!library.advance(batch, Long.MAX_VALUE)) {
                continue;
            }
            return batch.result(0);
        }
    }

    private static void wrongLatentsAreDeadLetters() throws Exception {
        Map<String, String> reasons = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> record :
                TestTopics.read(broker.bootstrapServers(), Topics.IMAGES_DLQ)) {
            ImageRecord original = WireFormat.IMAGE.decode(record.value());
            byte[] reason = record.headers().lastHeader(Headers.MESSAGE).value();
            reasons.put(original.getImageId(), new String(reason, StandardCharsets.UTF_8));
        }
        assertThat(reasons).containsOnlyKeys("wrong-0", "wrong-1", "wrong-2");
        assertThat(reasons.get("wrong-1")).contains("latent of 256").contains("8 values");
    }

    private static void theLearnerSawNoGeneratedImage() throws Exception {
        long seen = 0;
        for (ConsumerRecord<byte[], byte[]> record :
                TestTopics.read(broker.bootstrapServers(), Topics.DIAGNOSTICS)) {
            LearnerDiagnostics update = WireFormat.DIAGNOSTICS.decode(record.value());
            seen = Math.max(seen, update.getImagesSeen());
        }
        assertThat(seen).isBetween(8L, (long) PLAIN);
    }
}
