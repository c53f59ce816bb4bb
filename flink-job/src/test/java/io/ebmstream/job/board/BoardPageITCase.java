package io.ebmstream.job.board;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ebmstream.job.config.TopicNames;
import io.ebmstream.job.control.ControlAction;
import io.ebmstream.ops.image.Image;
import io.ebmstream.ops.image.ImageCodec;
import io.ebmstream.ops.image.ImageEncoding;
import io.ebmstream.schemas.avro.Alarm;
import io.ebmstream.schemas.avro.ControlEventKind;
import io.ebmstream.schemas.avro.ControlKind;
import io.ebmstream.schemas.avro.DensityReading;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The page as a browser shows it. Skipped where there is no Chromium. */
@Timeout(300)
class BoardPageITCase {
    /** A stream that would like to be markup. */
    private static final String EVIL = "<b id=\"evil\">door</b>";

    @TempDir Path folder;

    private final BoardState state = new BoardState("default", 600_000, true);
    private BoardServer server;
    private Browser browser;

    @BeforeEach
    void start() throws Exception {
        Optional<Path> program = Browser.find();
        assumeTrue(program.isPresent(), "no Chromium in PATH: one of " + Browser.PROGRAMS);
        BoardSettings settings = settings(0);
        server = new BoardServer(settings, state, new BoardOrders(settings));
        browser = new Browser(program.get(), folder);
    }

    private static BoardSettings settings(int port) {
        return new BoardSettings(
                new Properties(),
                TopicNames.defaults(),
                "default",
                true,
                Duration.ofMinutes(10),
                BoardSettings.DEFAULT_HOST,
                port,
                Optional.of("0123456789abcdef"));
    }

    @AfterEach
    void stop() {
        if (browser != null) {
            browser.close();
        }
        if (server != null) {
            server.close();
        }
    }

    @Test
    void saysThatItWaitsWhereThereIsNothing() throws Exception {
        browser.open(server.address(), 1280, 900);
        browser.await("document.querySelector('#link')?.dataset.state === 'live'");
        assertThat(shown("#s-chains .empty")).contains("waiting for the first version");
        assertThat(shown("#s-pairs .empty")).contains("waiting for the first purified images");
        assertThat(shown("#alarm-banner")).isEmpty();
        // what comes is seen without loading the page again
        state.manifest(Records.manifest(7), System.currentTimeMillis());
        browser.await("document.querySelector('#f-version')?.textContent === '0.7'");
        assertThat(shown("#s-chains .empty")).isEmpty();
    }

    @Test
    void showsWhatIsThere() throws Exception {
        fill();
        browser.open(server.address(), 1280, 900);
        browser.await("document.querySelectorAll('#versions tbody tr').length === 3");
        // a stream's name is text, whatever is in it
        assertThat(shown("#streams tbody")).contains(EVIL, "yard", "0.3", "-0.75");
        assertThat(browser.evaluate("document.querySelectorAll('#evil').length").asInt()).isZero();
        assertThat(shown("#alarm-banner")).contains("drift up", EVIL, "energies rose");
        assertThat(shown("#versions tbody tr:first-child")).contains("0.3", "newest", "purifies");
        assertThat(shown("#versions tbody tr:last-child")).contains("0.1", "pinned", "Unpin");
        assertThat(shown("#orders")).contains("pin 0.1", "done", "odd", "so it is");
        assertThat(shown("#alarms"))
                .contains("drift up", EVIL, "energies rose", "not at hand")
                .containsPattern("images in it\\s+128")
                .containsPattern("statistic\\s+7.5")
                .containsPattern("threshold\\s+6.25")
                .containsPattern("p-value\\s+0.000013|p-value\\s+1.3e-5")
                .containsPattern("version\\s+0.1")
                .containsPattern("a false one in\\s+1,000,000 images")
                .containsPattern("window\\s+[-\\d: ]+ – \\d\\d:\\d\\d:\\d\\d")
                .contains("2.25");
        assertThat(shown("#learners tbody")).contains("120", "onednn bf16");
        assertThat(shown("#letters")).contains("no image");
        // energies, d, rho, throughput, latency
        assertThat(browser.evaluate("document.querySelectorAll('canvas').length").asInt())
                .isEqualTo(5);
        browser.await(
                "[...document.images].length === 5"
                        + " && [...document.images].every((i) => i.naturalWidth > 0)");
        browser.evaluate("document.querySelector('#alarm-seen').click()");
        assertThat(shown("#alarm-banner")).isEmpty();

        picture(1280, "board-1280.png");
        picture(390, "board-390.png");
        // nothing of the page is wider than a phone
        assertThat(browser.evaluate("document.documentElement.scrollWidth").asInt()).isEqualTo(390);
    }

    /** What a phone shows at once: nothing of these is cut off or wants scrolling sideways. */
    @Test
    void aPhoneShowsAlarmsAndStreamsWhole() throws Exception {
        fill();
        browser.open(server.address(), 390, 844);
        browser.await("document.querySelectorAll('#alarms img').length === 2");
        String outside =
                "[...document.querySelectorAll('#alarms img, #alarms .none, #alarms dd,"
                        + " #streams td, #versions button')]"
                        + ".filter((e) => e.getBoundingClientRect().right > 390 - 20)"
                        + ".map((e) => e.outerHTML).join()";
        assertThat(browser.evaluate(outside).asText()).isEmpty();
        assertThat(shown("#alarms .facts")).contains("1,000,000 images");
        // it does not need the pointer that a phone does not have
        assertThat(shown("#alarms .examples")).contains("2.25");
    }

    @Test
    void darkWhereThatIsPreferred() throws Exception {
        fill();
        String back = "getComputedStyle(document.body).backgroundColor";
        browser.dark(true);
        browser.open(server.address(), 1280, 1300);
        browser.await("document.querySelectorAll('#alarms img').length === 2");
        assertThat(browser.evaluate(back).asText()).isEqualTo("rgb(18, 22, 28)");
        browser.picture(Path.of("target", "board-dark.png"));
        browser.dark(false);
        assertThat(browser.evaluate(back).asText()).isEqualTo("rgb(244, 245, 247)");
    }

    @Test
    void olderAlarmsAreOneTapAway() throws Exception {
        long now = System.currentTimeMillis();
        for (int i = 0; i < 5; i++) {
            state.alarm(Records.alarm("stream " + i, ""), now + i);
        }
        browser.open(server.address(), 390, 844);
        browser.await("document.querySelectorAll('#alarms > li').length === 3");
        assertThat(shown("#alarms")).contains("stream 4").doesNotContain("stream 1");
        assertThat(shown("#alarms-all")).isEqualTo("All 5");
        browser.evaluate("document.querySelector('#alarms-all').click()");
        assertThat(shown("#alarms")).contains("stream 0");
        assertThat(browser.evaluate("document.title").asText()).startsWith("⚠");
        browser.evaluate("document.querySelector('#alarm-seen').click()");
        browser.await("!document.title.startsWith('⚠')");
    }

    @Test
    void anotherBoardAtTheSameAddressIsShownAsItIs() throws Exception {
        fill();
        browser.open(server.address(), 1280, 900);
        browser.await("document.querySelectorAll('#alarms > li').length === 1");
        URI address = server.address();
        server.close();
        browser.await("document.querySelector('#link').dataset.state === 'lost'");
        BoardState empty = new BoardState("default", 600_000, false);
        BoardSettings again = settings(address.getPort());
        server = new BoardServer(again, empty, new BoardOrders(again));
        browser.await("document.querySelector('#link').dataset.state === 'live'");
        browser.await("document.querySelectorAll('#alarms > li, #pairs > li').length === 0");
        assertThat(shown("#alarm-banner")).isEmpty();
        assertThat(shown("#s-versions")).contains("waiting for the first version");
    }

    @Test
    void anOrderAsksForTheTokenAndSaysWhatIsWrong() throws Exception {
        fill();
        browser.open(server.address(), 1280, 900);
        browser.await("document.querySelector('[aria-label=\"Roll back 0.2\"]')");
        browser.evaluate("document.querySelector('[aria-label=\"Roll back 0.2\"]').click()");
        assertThat(shown("#ask")).contains("Roll back to 0.2?");
        browser.evaluate("document.querySelector('#ask-token').value = 'not the token at all'");
        browser.evaluate("document.querySelector('#ask-yes').click()");
        browser.await("!document.querySelector('#ask-error').hidden");
        assertThat(shown("#ask-error")).contains("expected the board's token, found another");
        assertThat(browser.evaluate("document.querySelector('#ask').open").asBoolean()).isTrue();
    }

    /** The whole page in a window of a width, to be looked at. */
    private void picture(int width, String name) throws Exception {
        browser.size(width, 844);
        browser.await("document.querySelector('canvas').clientWidth < " + width);
        browser.size(width, browser.evaluate("document.documentElement.scrollHeight").asInt());
        browser.picture(Path.of("target", name));
    }

    /** The text of an element as it is seen; empty if it is hidden. */
    private String shown(String selector) throws Exception {
        String element = "document.querySelector('" + selector + "')";
        return browser.evaluate(element + ".checkVisibility() ? " + element + ".innerText : ''")
                .asText();
    }

    private void fill() {
        long now = System.currentTimeMillis();
        byte[] png =
                ImageCodec.encode(
                        new Image(Records.SHAPE, new byte[Records.SHAPE.size()]),
                        ImageEncoding.PNG);
        for (int i = 0; i < 120; i++) {
            long time = now - 1_000L * (120 - i);
            for (String stream : List.of("yard", EVIL)) {
                state.purified(Records.purified(stream, "i" + i, 3, time - 300), time);
                DensityReading reading =
                        Records.reading(stream, -14_050 + Math.sin(i / 9.0), -0.12);
                reading.setCalibratedEnergy(-0.75);
                state.density(reading, time);
            }
            state.diagnostics(Records.update(0, i + 1, Math.cos(i / 5.0)), time);
        }
        for (int version = 1; version <= 3; version++) {
            state.manifest(Records.manifest(version), now - 20_000L * (4 - version));
        }
        state.pair(Records.purified(EVIL, "i-9", 3, now), now, png, png);
        Alarm alarm = Records.alarm(EVIL, "energies rose", "i1", "i2", "gone");
        alarm.setWindowStart(now - 70_000);
        alarm.setWindowEnd(now - 30_000);
        state.alarm(alarm, now - 30_000);
        for (ImagePlace place = state.exampleToRead();
                place != null;
                place = state.exampleToRead()) {
            state.example(place, png);
        }
        state.command(ControlAction.PIN.command("x", "default", "0.1", "odd", now), now);
        state.event(Records.answer("x", ControlKind.PIN, ControlEventKind.DONE), now);
        state.deadLetter("decode", "no image", now);
        state.topic("purified images", "ebm.purified", true);
    }
}
