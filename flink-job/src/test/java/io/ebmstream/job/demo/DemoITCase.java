package io.ebmstream.job.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.image.ImageDataset;
import io.ebmstream.ops.image.MosaicDataset;
import io.ebmstream.ops.image.ShapesDataset;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class DemoITCase {
    private static final Map<String, String> SMALL =
            Map.of(
                    "ebm.model.width", "4",
                    "ebm.learner.batch", "8",
                    "ebm.learner.warmup", "16",
                    "ebm.learner.images-per-update", "8",
                    "ebm.learner.bank", "32",
                    "ebm.learner.steps", "4",
                    "ebm.purifier.steps", "4",
                    "ebm.checkpoint.interval", "1 s");

    @TempDir Path out;

    private final StringWriter text = new StringWriter();

    @Test
    void everyImageComesOutOnceAndEveryFileIsThere() throws Exception {
        Files.writeString(out.resolve(DemoReport.ENERGIES), "old");
        Demo demo = demo(6, Duration.ZERO, new MosaicDataset(new ImageShape(3, 16, 16), 3, 50));
        CompletableFuture<String> seen = CompletableFuture.supplyAsync(() -> visit(demo));
        DemoSummary s = demo.run();

        // the board was open when everything else was done
        assertThat(seen.get(10, TimeUnit.SECONDS)).contains("\"update\":6");
        assertThat(s.complete()).isTrue();
        assertThat(s.updates()).isEqualTo(6);
        assertThat(s.badInputsFed()).isPositive();
        assertThat(s.deadLetters()).isEqualTo(s.badInputsFed()).isEqualTo(s.deadLettersIntact());
        assertThat(s.imagesPurified()).isEqualTo(s.imagesFed() - s.deadLetters());
        assertThat(s.densityReadings()).isEqualTo(s.imagesPurified());
        assertThat(s.snapshots()).isGreaterThanOrEqualTo(2);
        assertThat(s.snapshotVerified()).isTrue();
        assertThat(s.restarts()).isZero();
        assertThat(s.interrupted()).isFalse();
        assertThat(s.purifyLatencyMsP99()).isGreaterThanOrEqualTo(s.purifyLatencyMsP50());
        assertThat(s.energyDifference()).isNotNull();

        // 16 + 6 * 8 images; so few say nothing about a change, but it is told that there was one
        assertThat(s.drift().from()).isEqualTo(32);
        assertThat(s.drift().alarmsBefore() + s.drift().alarmsAfter()).isEqualTo(s.alarms());
        assertThat(s.alarmsRaised()).hasSize((int) s.alarms());
        assertThat(text.toString())
                .contains("half-way the feed changes to mosaics", "from image 32 on the feed was");

        JsonNode json = new ObjectMapper().readTree(out.resolve(DemoReport.SUMMARY).toFile());
        assertThat(json.path("images_fed").asLong()).isEqualTo(s.imagesFed());
        for (String key :
                List.of(
                        "images_fed",
                        "images_purified",
                        "dead_letters",
                        "bad_inputs_fed",
                        "updates",
                        "snapshots",
                        "last_version",
                        "executor",
                        "precision",
                        "img_steps_per_second",
                        "purify_latency_ms_p50",
                        "purify_latency_ms_p99",
                        "energy_difference",
                        "gradient_magnitude",
                        "mse_corrupted",
                        "mse_purified",
                        "restarts",
                        "drift",
                        "alarms_raised",
                        "wall_seconds")) {
            assertThat(json.has(key)).as(key).isTrue();
        }
        assertThat(ImageIO.read(out.resolve(DemoReport.SAMPLES).toFile()).getWidth())
                .isGreaterThan(16);
        assertThat(ImageIO.read(out.resolve(DemoReport.PURIFIED).toFile()).getWidth())
                .isGreaterThan(16);
        assertThat(Files.readAllLines(out.resolve(DemoReport.ENERGIES)))
                .hasSize((int) s.imagesPurified() + 1)
                .first()
                .asString()
                .startsWith("image,corruption,version,energy_before");
        JsonNode manifest = new ObjectMapper().readTree(out.resolve(DemoReport.MANIFEST).toFile());
        byte[] weights = Files.readAllBytes(out.resolve(DemoReport.WEIGHTS));
        assertThat(manifest.path("sha256").asText()).isEqualTo(sha256(weights));
        assertThat(text.toString())
                .contains("writing over the files of an earlier demo")
                .contains(out.resolve(DemoReport.SUMMARY).toString())
                .containsPattern("see it live: http://127.0.0.1:\\d+/#token=[0-9a-f]{32}");
    }

    @Test
    void aStopFinishesWhatIsOnItsWay() throws Exception {
        Demo demo = demo(0, Duration.ofMinutes(10), null);
        Thread stopper = new Thread(() -> stopWhenLearning(demo));
        stopper.start();
        DemoSummary s = demo.run();
        stopper.join();
        assertThat(s.interrupted()).isTrue();
        assertThat(s.complete()).isTrue();
        assertThat(s.imagesPurified()).isEqualTo(s.imagesFed() - s.deadLetters());
        assertThat(out.resolve(DemoReport.SUMMARY)).exists();
    }

    /** What the board tells once it is kept; ends the demo then. */
    private String visit(Demo demo) {
        Pattern open = Pattern.compile("stays open at (http:\\S+);");
        try {
            Matcher address = open.matcher("");
            while (!address.find()) {
                Thread.sleep(50);
                address = open.matcher(text.toString());
            }
            assertThat(out.resolve(DemoReport.SUMMARY)).exists();
            URI state = URI.create(address.group(1)).resolve("api/state");
            String told = "";
            // the board reads at its own pace
            while (!told.contains("\"update\":6")) {
                Thread.sleep(50);
                told =
                        HttpClient.newHttpClient()
                                .send(
                                        HttpRequest.newBuilder(state).build(),
                                        HttpResponse.BodyHandlers.ofString())
                                .body();
            }
            return told;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        } finally {
            demo.stop();
        }
    }

    /** A line is printed every few seconds; the first with an update in it is the sign. */
    private void stopWhenLearning(Demo demo) {
        while (!text.toString().matches("(?s).*update [1-9].*")) {
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            }
        }
        demo.stop();
    }

    private Demo demo(long updates, Duration time, ImageDataset drift) {
        DemoOptions options =
                new DemoOptions(
                        updates,
                        time,
                        out,
                        3,
                        "auto",
                        "float32",
                        1,
                        0.3,
                        OptionalInt.of(0),
                        drift != null,
                        drift,
                        SMALL);
        return new Demo(
                options,
                new ShapesDataset(new ImageShape(3, 16, 16), 3, 200),
                new PrintWriter(text),
                false);
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }
}
