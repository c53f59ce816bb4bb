package io.ebmstream.job.board;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ebmstream.job.config.TopicNames;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BoardServerTest {
    private static final long T = 1_800_000_000_000L;
    private static final String TOKEN = "0123456789abcdef";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http = HttpClient.newHttpClient();
    private final BoardState state = new BoardState("default", 600_000, true);
    private BoardServer server;

    @BeforeEach
    void start() throws IOException {
        server = server(settings(Optional.of(TOKEN), 0));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private BoardServer server(BoardSettings settings) throws IOException {
        return new BoardServer(settings, state, new BoardOrders(settings));
    }

    private static BoardSettings settings(Optional<String> token, int port) {
        Properties kafka = new Properties();
        kafka.setProperty("bootstrap.servers", "localhost:1");
        return new BoardSettings(
                kafka,
                TopicNames.defaults(),
                "default",
                true,
                Duration.ofMinutes(10),
                BoardSettings.DEFAULT_HOST,
                port,
                token);
    }

    @Test
    void servesThePageAndAllThatItNames() throws Exception {
        HttpResponse<String> page = get("");
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/html");
        assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
                .contains("default-src 'none'", "script-src 'self'")
                .doesNotContain("unsafe", "http");
        assertThat(page.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
        Matcher named = Pattern.compile("(?:src|href)=\"([^\"]+)\"").matcher(page.body());
        int files = 0;
        while (named.find()) {
            assertThat(named.group(1)).doesNotContain("//");
            assertThat(get(named.group(1)).statusCode()).as(named.group(1)).isEqualTo(200);
            files++;
        }
        assertThat(files).isEqualTo(5);
        // nothing in the page is fetched from elsewhere, or written by hand into it
        assertThat(get("board.js").body()).doesNotContain("http:", "https:", "innerHTML");
    }

    @Test
    void isLightToLoad() throws Exception {
        long bytes = 0;
        for (String file :
                new String[] {
                    "", "board.js", "board.css", "lib/uPlot.iife.min.js", "lib/uPlot.min.css"
                }) {
            HttpRequest request =
                    HttpRequest.newBuilder(server.address().resolve(file))
                            .header("Accept-Encoding", "gzip")
                            .build();
            HttpResponse<byte[]> packed =
                    http.send(request, HttpResponse.BodyHandlers.ofByteArray());
            assertThat(packed.headers().firstValue("Content-Encoding")).contains("gzip");
            bytes += packed.body().length;
        }
        assertThat(bytes).isLessThan(64 * 1024);
    }

    @Test
    void servesTheStateAndPictures() throws Exception {
        state.manifest(Records.manifest(3), T);
        state.pair(Records.purified("a", "<b>", 3, T), T, null, new byte[] {1, 2});
        state.purified(Records.purified("a", "i-7", 3, T), T);
        state.alarm(Records.alarm("a", "energies rose", "i-7", "i-8"), T);
        state.example(state.exampleToRead(), new byte[] {3});
        JsonNode view = JSON.readTree(get("api/state").body());
        JsonNode alarm = view.path("alarms").path(0);
        assertThat(alarm.path("window_start").asLong()).isEqualTo(Records.WINDOW_START);
        assertThat(alarm.path("window_end").asLong()).isEqualTo(Records.WINDOW_END);
        assertThat(alarm.path("window_count").asLong()).isEqualTo(128);
        assertThat(alarm.path("threshold").asDouble()).isEqualTo(6.25);
        assertThat(alarm.path("run_length").asDouble()).isEqualTo(1e6);
        assertThat(alarm.path("p").asDouble()).isEqualTo(1.25e-5);
        assertThat(alarm.path("examples").findValuesAsText("image")).containsExactly("i-7", "i-8");
        assertThat(alarm.path("examples").path(0).path("picture").asLong()).isEqualTo(1);
        assertThat(get("api/examples/1/input.png").statusCode()).isEqualTo(200);
        assertThat(view.path("versions").path(0).path("version").asText()).isEqualTo("0.3");
        assertThat(view.path("pairs").path(0).path("image").asText()).isEqualTo("<b>");
        assertThat(view.path("pairs").path(0).path("input").asBoolean()).isFalse();
        assertThat(view.path("history_millis").asLong()).isEqualTo(600_000);

        HttpResponse<byte[]> grid =
                http.send(
                        HttpRequest.newBuilder(
                                        server.address().resolve("api/versions/0.3/grid.png"))
                                .build(),
                        HttpResponse.BodyHandlers.ofByteArray());
        assertThat(grid.statusCode()).isEqualTo(200);
        assertThat(grid.headers().firstValue("Content-Type")).contains("image/png");
        assertThat(grid.body()).startsWith(0x89, 'P', 'N', 'G');
        assertThat(get("api/pairs/1/purified.png").statusCode()).isEqualTo(200);
        for (String none :
                new String[] {
                    "api/versions/9.9/grid.png",
                    "api/pairs/1/input.png",
                    "api/pairs/2/purified.png",
                    "api/pairs/x/purified.png",
                    "api/examples/2/input.png",
                    "api/examples/0/input.png",
                    "api/nothing",
                    "nothing.html",
                    "lib/../package.json",
                    "lib/nothing.js"
                }) {
            assertThat(get(none).statusCode()).as(none).isEqualTo(404);
        }
    }

    @Test
    void tellsEveryPageEverythingAndThenWhatChanges() throws Exception {
        state.density(Records.reading("a", 1, 0), T);
        try (BufferedReader one = changes();
                BufferedReader other = changes()) {
            for (BufferedReader page : List.of(one, other)) {
                JsonNode everything = next(page, "state");
                assertThat(everything.path("streams").path(0).path("name").asText()).isEqualTo("a");
                assertThat(everything.path("alarms").isArray()).isTrue();
            }
            state.density(Records.reading("b", 2, 0), T);
            for (BufferedReader page : List.of(one, other)) {
                // what came last before everything was told may be told once more
                List<String> names = List.of();
                while (!names.contains("b")) {
                    names = next(page, "change").path("streams").findValuesAsText("name");
                }
            }
        }
    }

    private BufferedReader changes() throws Exception {
        HttpResponse<InputStream> events =
                http.send(
                        HttpRequest.newBuilder(server.address().resolve("api/changes")).build(),
                        HttpResponse.BodyHandlers.ofInputStream());
        assertThat(events.headers().firstValue("Content-Type").orElseThrow())
                .startsWith("text/event-stream");
        return new BufferedReader(new InputStreamReader(events.body(), StandardCharsets.UTF_8));
    }

    @Test
    void aPageTooManyIsRefusedAndThoseThatLeaveMakeRoom() throws Exception {
        List<BufferedReader> pages = new ArrayList<>();
        for (int i = 0; i < BoardChanges.PAGES; i++) {
            pages.add(changes());
            next(pages.get(i), "state");
        }
        assertThat(get("api/changes").statusCode()).isEqualTo(503);
        for (BufferedReader page : pages) {
            page.close();
        }
        // a connection that has ended is noticed with the next change
        while (true) {
            HttpResponse<InputStream> answer =
                    http.send(
                            HttpRequest.newBuilder(server.address().resolve("api/changes")).build(),
                            HttpResponse.BodyHandlers.ofInputStream());
            answer.body().close();
            if (answer.statusCode() == 200) {
                break;
            }
            Thread.sleep(100);
        }
    }

    private static JsonNode next(BufferedReader lines, String event) throws IOException {
        String data = null;
        String name = null;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.startsWith("event:")) {
                name = line.substring("event:".length()).strip();
            } else if (line.startsWith("data:")) {
                data = line.substring("data:".length());
            } else if (line.isEmpty() && data != null) {
                assertThat(name).isEqualTo(event);
                return JSON.readTree(data);
            }
        }
        throw new AssertionError("expected the event " + event + ", found an end");
    }

    @Test
    void ordersWantTheToken() throws Exception {
        assertThat(order(null, "{}").statusCode()).isEqualTo(401);
        assertThat(order("Bearer wrong", "{}").statusCode()).isEqualTo(401);
        assertThat(order(TOKEN, "{}").statusCode()).isEqualTo(401);
        HttpResponse<String> senseless =
                order("Bearer " + TOKEN, "{\"order\": \"pin\", \"value\": \"last\"}");
        assertThat(senseless.statusCode()).isEqualTo(400);
        assertThat(senseless.body()).contains("expected a version such as 0.12, found last");
        assertThat(order("Bearer " + TOKEN, "no json").statusCode()).isEqualTo(400);
        assertThat(order("Bearer " + TOKEN, "{\"order\": \"explode\"}").body())
                .contains("expected one of [pause, resume");
        assertThat(order("Bearer " + TOKEN, " ".repeat(20_000)).statusCode())
                .isGreaterThanOrEqualTo(400);
    }

    @Test
    void withoutATokenThereAreNoOrders() throws Exception {
        server.close();
        server = server(settings(Optional.empty(), 0));
        HttpResponse<String> answer = order("Bearer ", "{\"order\": \"pause\"}");
        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.body()).contains("--control-token-file");
    }

    @Test
    void answersToThisMachinesNamesOnly() throws Exception {
        assertThat(raw("localhost")).startsWith("HTTP/1.1 200");
        assertThat(raw("evil.example")).startsWith("HTTP/1.1 421");
    }

    /** Java's client sets the header by itself. */
    private String raw(String host) throws IOException {
        URI address = server.address();
        try (Socket socket = new Socket(address.getHost(), address.getPort())) {
            String request = "GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void aPortInUseIsAnErrorThatSaysSo() {
        int port = server.address().getPort();
        assertThatThrownBy(() -> server(settings(Optional.empty(), port)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(":" + port)
                .hasMessageContaining("--port");
    }

    @Test
    void aShortTokenIsRefusedAndNoneIsShown() {
        assertThatThrownBy(() -> settings(Optional.of("short"), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("16")
                .hasMessageNotContaining("short");
        assertThat(settings(Optional.of(TOKEN), 0).toString()).doesNotContain(TOKEN);
    }

    private HttpResponse<String> get(String path) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create(server.address() + path)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> order(String authorization, String body) throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(server.address().resolve("api/orders"))
                        .POST(HttpRequest.BodyPublishers.ofString(body));
        if (authorization != null) {
            request.header("Authorization", authorization);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
}
