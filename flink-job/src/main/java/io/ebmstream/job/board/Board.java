package io.ebmstream.job.board;

import java.io.IOException;
import java.net.URI;

/** A board that runs: it reads the topics and serves the page until it is closed. Thread-safe. */
public final class Board implements AutoCloseable {
    /** Versions that the page lists, the last ones published. */
    public static final int VERSIONS = 12;

    private final BoardOrders orders;
    private final BoardServer server;
    private final BoardFeed feed;

    private Board(BoardOrders orders, BoardServer server, BoardFeed feed) {
        this.orders = orders;
        this.server = server;
        this.feed = feed;
    }

    /**
     * Starts a board. A broker that is not there is waited for.
     *
     * @throws IOException if it cannot listen where it is told to
     */
    public static Board start(BoardSettings settings) throws IOException {
        BoardState state =
                new BoardState(
                        settings.model(),
                        settings.history().toMillis(),
                        settings.token().isPresent());
        BoardOrders orders = new BoardOrders(settings);
        BoardServer server = new BoardServer(settings, state, orders);
        try {
            return new Board(orders, server, new BoardFeed(settings, state));
        } catch (RuntimeException e) {
            server.close();
            throw e;
        }
    }

    /** Where the page is. */
    public URI address() {
        return server.address();
    }

    @Override
    public void close() {
        server.close();
        feed.close();
        orders.close();
    }
}
