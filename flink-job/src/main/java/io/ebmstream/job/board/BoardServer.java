package io.ebmstream.job.board;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.RoutingHandler;
import io.undertow.server.handlers.BlockingHandler;
import io.undertow.server.handlers.PathHandler;
import io.undertow.server.handlers.encoding.ContentEncodingRepository;
import io.undertow.server.handlers.encoding.EncodingHandler;
import io.undertow.server.handlers.encoding.GzipEncodingProvider;
import io.undertow.server.handlers.resource.ClassPathResourceManager;
import io.undertow.server.handlers.resource.ResourceHandler;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.StatusCodes;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the page, the state as JSON, pictures as PNG, changes as server-sent events, and takes
 * orders. Everything that the page needs comes from here; its content security policy allows
 * nothing else. On a loopback address it answers to that machine's names only, so that no page from
 * elsewhere can reach it under a name of its own. Thread-safe.
 *
 * <pre>
 * GET  /                                page, with /board.css, /board.js, /lib/uPlot...
 * GET  /api/state                       everything, JSON
 * GET  /api/changes                     everything, then changes once a second, server-sent events
 * GET  /api/versions/{version}/grid.png chains of a version
 * GET  /api/pairs/{id}/input.png        an image as it came, and .../purified.png
 * GET  /api/examples/{id}/input.png      an image that an alarm names
 * POST /api/orders                      {"order": "pin", "value": "0.12", "reason": ".."}
 * </pre>
 */
final class BoardServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BoardServer.class);

    private static final String PAGE = "io/ebmstream/job/board/page";
    private static final String CHARTS = "META-INF/resources/webjars/uplot/";
    private static final String CHARTS_POM = "META-INF/maven/org.webjars.npm/uplot/pom.properties";
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

    /** The status of a request for another host, RFC 9110, section 15.5.20. */
    private static final int MISDIRECTED_REQUEST = 421;

    /** Bytes of an order, far more than one needs. */
    private static final long MAX_BODY = 16 * 1024;

    private static final Map<String, String> SECURITY =
            Map.of(
                    "Content-Security-Policy",
                    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
                            + " connect-src 'self'; base-uri 'none'; form-action 'none';"
                            + " frame-ancestors 'none'",
                    "X-Content-Type-Options",
                    "nosniff",
                    "Referrer-Policy",
                    "no-referrer",
                    "Cross-Origin-Resource-Policy",
                    "same-origin");

    private static final ObjectMapper JSON = new ObjectMapper();

    private final BoardState state;
    private final BoardOrders orders;
    private final BoardChanges changes;
    private final String host;
    private final boolean loopback;
    private final Undertow server;

    /**
     * Starts to listen.
     *
     * @throws IOException if it cannot listen there
     */
    BoardServer(BoardSettings board, BoardState state, BoardOrders orders) throws IOException {
        this.state = state;
        this.orders = orders;
        this.host = board.host();
        InetAddress address;
        try {
            address = InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            throw new IOException("expected a host to listen on, found " + host, e);
        }
        this.loopback = address.isLoopbackAddress();
        this.changes = new BoardChanges(state);
        try {
            server =
                    Undertow.builder()
                            .addHttpListener(board.port(), address.getHostAddress())
                            .setIoThreads(1)
                            .setWorkerThreads(4)
                            .setServerOption(UndertowOptions.MAX_ENTITY_SIZE, MAX_BODY)
                            .setServerOption(UndertowOptions.NO_REQUEST_TIMEOUT, 60_000)
                            .setHandler(handler())
                            .build();
            server.start();
        } catch (IOException | RuntimeException e) {
            changes.close();
            // Undertow wraps what the operating system says
            if (e.getCause() instanceof IOException found) {
                throw new IOException(
                        "expected to listen on "
                                + host
                                + ":"
                                + board.port()
                                + ", found: "
                                + found.getMessage()
                                + "; choose another port (--port, --board-port of a demo), 0 for a"
                                + " free one",
                        e);
            }
            throw e;
        }
    }

    /** Where the page is. */
    URI address() {
        InetSocketAddress bound = (InetSocketAddress) server.getListenerInfo().get(0).getAddress();
        String name = host.contains(":") ? "[" + host + "]" : host;
        return URI.create("http://" + name + ":" + bound.getPort() + "/");
    }

    private HttpHandler handler() throws IOException {
        RoutingHandler api =
                Handlers.routing()
                        .get("/api/state", this::state)
                        .get("/api/changes", changes.handler())
                        .get("/api/versions/{version}/grid.png", this::grid)
                        .get("/api/pairs/{id}/input.png", exchange -> picture(exchange, true))
                        .get("/api/pairs/{id}/purified.png", exchange -> picture(exchange, false))
                        .get("/api/examples/{id}/input.png", this::example)
                        .post("/api/orders", new BlockingHandler(this::order));
        ClassLoader loader = BoardServer.class.getClassLoader();
        PathHandler paths =
                Handlers.path(files(loader, PAGE))
                        .addPrefixPath("/lib", files(loader, CHARTS + chartsVersion() + "/dist"))
                        .addPrefixPath("/api", exchange -> api.handleRequest(whole(exchange)));
        // events must leave at once, so they are never packed
        HttpHandler packed =
                new EncodingHandler(
                        paths,
                        new ContentEncodingRepository()
                                .addEncodingHandler(
                                        "gzip",
                                        new GzipEncodingProvider(),
                                        50,
                                        exchange ->
                                                !exchange.getRequestPath().equals("/api/changes")
                                                        && !exchange.getRequestPath()
                                                                .endsWith(".png")));
        return exchange -> {
            SECURITY.forEach(
                    (name, value) ->
                            exchange.getResponseHeaders().put(new HttpString(name), value));
            if (loopback && !LOOPBACK.contains(exchange.getHostName().toLowerCase(Locale.ROOT))) {
                answer(
                        exchange,
                        MISDIRECTED_REQUEST,
                        "expected a name of this machine, found another host");
                return;
            }
            packed.handleRequest(exchange);
        };
    }

    /** Routes are written with their whole path; a prefix takes its part away. */
    private static HttpServerExchange whole(HttpServerExchange exchange) {
        exchange.setRelativePath(exchange.getRequestPath());
        return exchange;
    }

    private static ResourceHandler files(ClassLoader loader, String folder) {
        // found again, not fetched again: entity tags say whether a file has changed
        return new ResourceHandler(new ClassPathResourceManager(loader, folder))
                .setCacheTime(0)
                .setWelcomeFiles("index.html");
    }

    private static String chartsVersion() throws IOException {
        try (InputStream in = BoardServer.class.getClassLoader().getResourceAsStream(CHARTS_POM)) {
            if (in == null) {
                throw new IOException(
                        "expected uPlot's jar on the class path, found none; build again");
            }
            Properties pom = new Properties();
            pom.load(in);
            return pom.getProperty("version");
        }
    }

    private void state(HttpServerExchange exchange) throws JsonProcessingException {
        send(
                exchange,
                "application/json",
                JSON.writeValueAsBytes(state.since(0, System.currentTimeMillis())),
                false);
    }

    private void grid(HttpServerExchange exchange) {
        String version = parameter(exchange, "version");
        send(exchange, state.grid(version), "a version with a picture");
    }

    private void picture(HttpServerExchange exchange, boolean input) {
        send(exchange, state.picture(id(exchange), input), "one of the last pairs");
    }

    private void example(HttpServerExchange exchange) {
        send(exchange, state.example(id(exchange)), "an example of one of the last alarms");
    }

    /** The number in the path; -1, which nothing has, where there is none. */
    private static long id(HttpServerExchange exchange) {
        String id = parameter(exchange, "id");
        return id.matches("\\d{1,18}") ? Long.parseLong(id) : -1;
    }

    private static String parameter(HttpServerExchange exchange, String name) {
        return exchange.getQueryParameters().get(name).getFirst();
    }

    private void order(HttpServerExchange exchange) throws IOException, InterruptedException {
        if (!orders.enabled()) {
            answer(
                    exchange,
                    StatusCodes.FORBIDDEN,
                    "expected a board that takes orders, found one without a token; start it with"
                            + " --control-token-file");
            return;
        }
        String authorization = exchange.getRequestHeaders().getFirst(Headers.AUTHORIZATION);
        if (authorization == null
                || !authorization.startsWith("Bearer ")
                || !orders.allowed(authorization.substring("Bearer ".length()))) {
            exchange.getResponseHeaders().put(Headers.WWW_AUTHENTICATE, "Bearer");
            answer(
                    exchange,
                    StatusCodes.UNAUTHORIZED,
                    "expected the board's token, found "
                            + (authorization == null ? "none" : "another"));
            return;
        }
        try {
            JsonNode body = JSON.readTree(exchange.getInputStream());
            String id =
                    orders.give(
                            text(body, "order", ""),
                            text(body, "value", null),
                            text(body, "reason", ""));
            exchange.setStatusCode(StatusCodes.ACCEPTED);
            send(exchange, "application/json", JSON.writeValueAsBytes(Map.of("id", id)), false);
        } catch (JsonProcessingException | IllegalArgumentException e) {
            String found =
                    e instanceof JsonProcessingException
                            ? "expected an order as JSON, found something else"
                            : e.getMessage();
            answer(exchange, StatusCodes.BAD_REQUEST, found);
        } catch (IllegalStateException | KafkaException e) {
            LOG.warn("an order could not be given", e);
            answer(exchange, StatusCodes.SERVICE_UNAVAILABLE, String.valueOf(e.getMessage()));
        }
    }

    private static String text(JsonNode body, String field, String otherwise) {
        JsonNode value = body == null ? null : body.get(field);
        return value == null || value.isNull() ? otherwise : value.asText();
    }

    private static void send(HttpServerExchange exchange, Optional<byte[]> png, String expected) {
        if (png.isPresent()) {
            // an id never names another picture
            send(exchange, "image/png", png.get(), true);
        } else {
            answer(exchange, StatusCodes.NOT_FOUND, "expected " + expected + ", found none");
        }
    }

    private static void answer(HttpServerExchange exchange, int status, String message) {
        exchange.setStatusCode(status);
        try {
            send(
                    exchange,
                    "application/json",
                    JSON.writeValueAsBytes(Map.of("message", message)),
                    false);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a message as JSON", e);
        }
    }

    private static void send(HttpServerExchange exchange, String type, byte[] body, boolean keep) {
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, type);
        exchange.getResponseHeaders()
                .put(Headers.CACHE_CONTROL, keep ? "private, max-age=3600" : "no-store");
        exchange.getResponseSender().send(ByteBuffer.wrap(body));
    }

    @Override
    public void close() {
        changes.close();
        server.stop();
    }
}
