package io.ebmstream.job.board;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.undertow.Handlers;
import io.undertow.server.HttpHandler;
import io.undertow.server.handlers.sse.ServerSentEventConnection;
import io.undertow.util.StatusCodes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells pages what changed, once a second, as server-sent events: {@code state} with everything to
 * a page that comes (again), {@code change} from then on. A page that does not keep up is cut off
 * and comes again by itself. Thread-safe.
 */
final class BoardChanges implements AutoCloseable {
    /** Pages at a time. */
    static final int PAGES = 32;

    private static final Logger LOG = LoggerFactory.getLogger(BoardChanges.class);
    private static final long EVERY_MILLIS = 1_000;

    /** So often a page hears something, that dead connections are noticed. */
    private static final long ALIVE_MILLIS = 10_000;

    /** Events on their way to a page that does not take them. */
    private static final int BEHIND = 20;

    private static final ObjectMapper JSON = new ObjectMapper();

    /** A page, and the events on their way to it. */
    private record Page(ServerSentEventConnection connection, AtomicInteger behind)
            implements ServerSentEventConnection.EventCallback {
        private Page(ServerSentEventConnection connection) {
            this(connection, new AtomicInteger());
        }

        @Override
        public void done(ServerSentEventConnection c, String data, String event, String id) {
            behind.decrementAndGet();
        }

        @Override
        public void failed(
                ServerSentEventConnection c,
                String data,
                String event,
                String id,
                IOException exception) {
            behind.decrementAndGet();
        }
    }

    private final BoardState state;
    private final Set<Page> pages = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService clock;
    private long told;

    BoardChanges(BoardState state) {
        this.state = state;
        clock =
                Executors.newSingleThreadScheduledExecutor(
                        run -> {
                            Thread thread = new Thread(run, "ebm-board-changes");
                            thread.setDaemon(true);
                            return thread;
                        });
        clock.scheduleWithFixedDelay(this::tell, EVERY_MILLIS, EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }

    HttpHandler handler() {
        HttpHandler events = Handlers.serverSentEvents((connection, lastId) -> come(connection));
        return exchange -> {
            if (pages.size() >= PAGES) {
                exchange.setStatusCode(StatusCodes.SERVICE_UNAVAILABLE);
                exchange.endExchange();
                return;
            }
            events.handleRequest(exchange);
        };
    }

    private void come(ServerSentEventConnection connection) {
        connection.setKeepAliveTime(ALIVE_MILLIS);
        try {
            // on the clock's thread, so that no change is between everything and the first change
            clock.execute(() -> welcome(new Page(connection)));
        } catch (RejectedExecutionException e) {
            // the board has ended in between
            LOG.debug("a page came too late", e);
            connection.shutdown();
        }
    }

    private void welcome(Page page) {
        try {
            pages.add(page);
            page.connection().addCloseTask(closed -> pages.remove(page));
            send(page, "state", json(state.since(0, System.currentTimeMillis())));
        } catch (RuntimeException e) {
            LOG.warn("a page could not be told everything", e);
            drop(page);
        }
    }

    private void tell() {
        // an exception would end the clock
        try {
            BoardView view = state.since(told, System.currentTimeMillis());
            told = view.number();
            if (pages.isEmpty()) {
                return;
            }
            String data = json(view);
            List<Page> slow = new ArrayList<>();
            for (Page page : pages) {
                if (page.behind().get() > BEHIND) {
                    slow.add(page);
                } else {
                    send(page, "change", data);
                }
            }
            slow.forEach(this::drop);
        } catch (RuntimeException e) {
            LOG.warn("pages could not be told what changed", e);
        }
    }

    private static void send(Page page, String event, String data) {
        page.behind().incrementAndGet();
        page.connection().send(data, event, null, page);
    }

    private void drop(Page page) {
        pages.remove(page);
        page.connection().shutdown();
    }

    private static String json(BoardView view) {
        try {
            return JSON.writeValueAsString(view);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a view of the board as JSON", e);
        }
    }

    @Override
    public void close() {
        clock.shutdownNow();
        pages.forEach(this::drop);
    }
}
