package io.ebmstream.job.board;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A headless Chromium with one page, told what to do through its DevTools protocol (domains Page,
 * Runtime and Emulation). Not thread-safe.
 */
final class Browser implements AutoCloseable {
    /** Names of the program. */
    static final List<String> PROGRAMS =
            List.of("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome");

    /** A machine that tests run on may be busy. */
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final LinkedBlockingQueue<String> answers = new LinkedBlockingQueue<>();
    private final WebSocket socket;
    private int calls;

    /**
     * @param program path of the program
     * @param folder for its profile
     */
    Browser(Path program, Path folder) throws Exception {
        process =
                new ProcessBuilder(
                                program.toString(),
                                "--headless",
                                // a container's root may have no sandbox
                                "--no-sandbox",
                                "--disable-gpu",
                                "--hide-scrollbars",
                                "--remote-debugging-port=0",
                                "--user-data-dir=" + folder,
                                "about:blank")
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        try {
            socket =
                    HttpClient.newHttpClient()
                            .newWebSocketBuilder()
                            .buildAsync(page(folder), new Listener())
                            .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            // what a script throws is told from now on
            call("Runtime.enable", JSON.createObjectNode());
        } catch (Exception e) {
            process.destroyForcibly();
            throw e;
        }
    }

    /** The program in PATH; nothing where there is none. */
    static Optional<Path> find() {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
        return PROGRAMS.stream()
                .flatMap(
                        name ->
                                Stream.of(path.split(File.pathSeparator))
                                        .map(folder -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private URI page(Path folder) throws Exception {
        Path port = folder.resolve("DevToolsActivePort");
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!Files.exists(port) || Files.readAllLines(port).isEmpty()) {
            if (System.nanoTime() > end || !process.isAlive()) {
                throw new IOException("expected Chromium to listen, found no " + port);
            }
            Thread.sleep(50);
        }
        URI list = URI.create("http://127.0.0.1:" + Files.readAllLines(port).get(0) + "/json/list");
        while (System.nanoTime() < end) {
            String pages =
                    HttpClient.newHttpClient()
                            .send(
                                    HttpRequest.newBuilder(list).build(),
                                    HttpResponse.BodyHandlers.ofString())
                            .body();
            for (JsonNode page : JSON.readTree(pages)) {
                if (page.path("type").asText().equals("page")) {
                    return URI.create(page.path("webSocketDebuggerUrl").asText());
                }
            }
            Thread.sleep(50);
        }
        throw new IOException("expected Chromium to have a page, found none");
    }

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket s, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                answers.add(text.toString());
                text.setLength(0);
            }
            s.request(1);
            return null;
        }
    }

    /** Opens an address in a window of a size, in CSS pixels. */
    void open(URI address, int width, int height) throws Exception {
        size(width, height);
        ObjectNode parameters = JSON.createObjectNode();
        parameters.put("url", address.toString());
        call("Page.navigate", parameters);
    }

    /** Changes the window's size, in CSS pixels. */
    void size(int width, int height) throws Exception {
        ObjectNode parameters = JSON.createObjectNode();
        parameters.put("width", width).put("height", height);
        parameters.put("deviceScaleFactor", 1).put("mobile", width < 600);
        call("Emulation.setDeviceMetricsOverride", parameters);
    }

    /** Prefers dark colours, or light ones. */
    void dark(boolean dark) throws Exception {
        ObjectNode parameters = JSON.createObjectNode();
        parameters
                .putArray("features")
                .addObject()
                .put("name", "prefers-color-scheme")
                .put("value", dark ? "dark" : "light");
        call("Emulation.setEmulatedMedia", parameters);
    }

    /** What a JavaScript expression gives. */
    JsonNode evaluate(String expression) throws Exception {
        ObjectNode parameters = JSON.createObjectNode();
        parameters.put("expression", expression).put("returnByValue", true);
        JsonNode result = call("Runtime.evaluate", parameters);
        if (result.has("exceptionDetails")) {
            throw new AssertionError(expression + ": " + result.path("exceptionDetails"));
        }
        return result.path("result").path("value");
    }

    /** Waits until a JavaScript expression is true. */
    void await(String expression) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!evaluate("Boolean(" + expression + ")").asBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError(
                        "expected "
                                + expression
                                + ", found "
                                + evaluate("document.body.outerHTML").asText());
            }
            Thread.sleep(100);
        }
    }

    /** The window as a PNG file. */
    void picture(Path file) throws Exception {
        ObjectNode parameters = JSON.createObjectNode();
        parameters.put("format", "png");
        String data = call("Page.captureScreenshot", parameters).path("data").asText();
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.write(file, Base64.getDecoder().decode(data));
    }

    private JsonNode call(String method, ObjectNode parameters) throws Exception {
        int id = ++calls;
        ObjectNode message = JSON.createObjectNode();
        message.put("id", id).put("method", method).set("params", parameters);
        socket.sendText(JSON.writeValueAsString(message), true).join();
        while (true) {
            String answer = answers.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            if (answer == null) {
                throw new IOException("expected an answer to " + method + ", found none");
            }
            JsonNode json = JSON.readTree(answer);
            if (json.path("method").asText().equals("Runtime.exceptionThrown")) {
                throw new AssertionError("the page's script failed: " + json.path("params"));
            }
            if (json.path("id").asInt() == id) {
                if (json.has("error")) {
                    throw new IOException(method + ": " + json.path("error"));
                }
                return json.path("result");
            }
        }
    }

    /** Ends the browser and all its processes, which write to its folder until then. */
    @Override
    public void close() {
        socket.abort();
        List<ProcessHandle> all =
                Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
        all.forEach(ProcessHandle::destroyForcibly);
        all.forEach(one -> one.onExit().orTimeout(10, TimeUnit.SECONDS).join());
    }
}
