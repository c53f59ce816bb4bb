package io.ebmstream.job.cli;

import io.ebmstream.job.broker.TopicCheck;
import io.ebmstream.job.feed.BrokenInput;
import io.ebmstream.job.feed.FeedPlan;
import io.ebmstream.job.feed.ImageFeeder;
import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.hat.GeneratedImages;
import io.ebmstream.ops.hat.Generator;
import io.ebmstream.ops.image.ImageDataset;
import io.ebmstream.ops.image.ImageEncoding;
import io.ebmstream.schemas.Topics;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.NewTopic;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ebm feed}: a data set as a stream into Kafka. */
@Command(name = "feed", description = "Send images to the job's input topic.")
final class FeedCommand implements Callable<Integer> {
    private static final int PROGRESS_EVERY = 100;

    /** How pixels travel. */
    enum Encoding {
        RAW(ImageEncoding.RAW_U8_PLANAR),
        PNG(ImageEncoding.PNG),
        JPEG(ImageEncoding.JPEG);

        private final ImageEncoding wire;

        Encoding(ImageEncoding wire) {
            this.wire = wire;
        }

        @Override
        public String toString() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    @Spec private CommandSpec spec;
    @Mixin private ImageOptions images;
    @Mixin private KafkaOptions kafka;

    @Option(
            names = "--generator",
            paramLabel = "PATH",
            showDefaultValue = Visibility.NEVER,
            description =
                    "Model with a generator, or autoencoder: send --limit images that it makes,"
                            + " with their latents, for a job that refines them"
                            + " (ebm.hat.generator).")
    private Path generator;

    @Option(
            names = "--topic",
            paramLabel = "NAME",
            defaultValue = Topics.IMAGES,
            description = "Topic to send to; it must exist.")
    private String topic;

    @Option(
            names = "--stream",
            paramLabel = "ID",
            defaultValue = "stream-1",
            description = "Stream id of all images: one camera, one upload queue.")
    private String stream;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "0",
            description = "Images per second; 0 is as fast as Kafka takes them.")
    private double rate;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "0",
            description = "Images to send, starting over at the end; 0 is each once.")
    private long limit;

    @Option(
            names = "--corrupt",
            paramLabel = "SHARE",
            defaultValue = "0",
            description = "Share of images, 0 to 1, that get noise or an occlusion.")
    private double corrupt;

    @Option(
            names = "--broken",
            paramLabel = "N",
            defaultValue = "0",
            description = "Broken records in between, evenly; each must become a dead letter.")
    private long broken;

    @Option(
            names = "--encoding",
            defaultValue = "raw",
            description = "How pixels travel: ${COMPLETION-CANDIDATES}.")
    private Encoding encoding;

    @Option(names = "--shuffle", description = "Send in an order drawn from the seed.")
    private boolean shuffle;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "1",
            description = "Seed of shapes, order and damage.")
    private long seed;

    @Option(
            names = "--json",
            description = "One JSON object when all is sent, in place of the lines.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException {
        if (!(rate >= 0) || limit < 0 || broken < 0 || !(corrupt >= 0 && corrupt <= 1)) {
            throw new UsageException(
                    "expected --rate, --limit and --broken of at least 0 and --corrupt from 0 to 1,"
                            + " found "
                            + rate
                            + ", "
                            + limit
                            + ", "
                            + broken
                            + " and "
                            + corrupt);
        }
        if (generator == null) {
            return feed(images.open(seed), null);
        }
        if (limit == 0 || limit > Integer.MAX_VALUE || shuffle || !images.paths().isEmpty()) {
            throw new UsageException(
                    "--generator: expected --limit and neither --images nor --shuffle, found"
                            + " --limit "
                            + limit);
        }
        try (GeneratedImages made =
                new GeneratedImages(
                        Generator.read(generator),
                        Executors.resolve(Executors.AUTO, Precision.FLOAT32.label()).executor(),
                        seed,
                        (int) limit)) {
            return feed(made, made);
        } catch (IOException e) {
            throw new UsageException("--generator: " + e.getMessage(), e);
        }
    }

    /**
     * @param made the same images with their latents, or null for none
     */
    private int feed(ImageDataset dataset, GeneratedImages made) throws InterruptedException {
        TopicCheck.ensure(kafka.properties(), List.of(new NewTopic(topic, 1, (short) 1)), false);
        long count = limit == 0 ? dataset.size() : limit;
        FeedPlan plan = new FeedPlan(dataset, seed, corrupt, shuffle);
        PrintWriter out = spec.commandLine().getOut();
        if (!json) {
            out.printf(
                    "sending %,d images (%s) from %s to topic %s at %s%n",
                    count, dataset.shape(), dataset.name(), topic, kafka.bootstrap());
            out.flush();
        }
        BrokenInput[] kinds = BrokenInput.values();
        long start = System.nanoTime();
        long brokenSent = 0;
        try (ImageFeeder feeder =
                        new ImageFeeder(kafka.properties(), topic, stream, encoding.wire);
                StepProgress progress =
                        new StepProgress(spec.commandLine().getErr(), "images sent", 0, count)) {
            for (long i = 0; i < count; i++) {
                if (rate > 0) {
                    long due = start + (long) (i / rate * 1e9);
                    for (long left = due - System.nanoTime();
                            left > 0;
                            left = due - System.nanoTime()) {
                        LockSupport.parkNanos(left);
                    }
                }
                feeder.send(
                        FeedPlan.id(i), plan.sent(i), made == null ? null : made.latents((int) i));
                for (; brokenSent < broken * (i + 1) / count; brokenSent++) {
                    BrokenInput kind = kinds[(int) (brokenSent % kinds.length)];
                    feeder.sendBroken(kind, plan.clean(i), seed, brokenSent);
                }
                if (i > 0 && i % PROGRESS_EVERY == 0) {
                    progress.show(i, "");
                }
            }
            feeder.flush();
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        if (json) {
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("topic", topic);
            result.put("stream", stream);
            result.put("images", count);
            result.put("broken", brokenSent);
            result.put("seconds", seconds);
            out.println(JsonText.of(result));
        } else {
            out.printf(
                    "sent %,d images and %,d broken records in %.1f s%n",
                    count, brokenSent, seconds);
        }
        out.flush();
        return ExitCode.OK;
    }
}
