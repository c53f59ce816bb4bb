package io.ebmstream.job.board;

import io.ebmstream.job.control.ControlAction;
import io.ebmstream.job.control.ControlClient;
import io.ebmstream.schemas.avro.ControlCommand;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Properties;
import java.util.UUID;

/**
 * Orders that the page gives, for those who know the token. Their answers come back through the
 * events topic. Thread-safe.
 */
final class BoardOrders implements AutoCloseable {
    /** A page's order must not wait for a broker as long as a producer would. */
    private static final String PATIENCE_MILLIS = "10000";

    private final BoardSettings board;
    private ControlClient client;

    BoardOrders(BoardSettings board) {
        this.board = board;
    }

    /** Whether orders can be given at all. */
    boolean enabled() {
        return board.token().isPresent();
    }

    /**
     * Whether these are the token's bytes; takes the same time however many of them are right.
     *
     * @param given null for none
     */
    boolean allowed(String given) {
        return enabled()
                && given != null
                && MessageDigest.isEqual(
                        board.token().get().getBytes(StandardCharsets.UTF_8),
                        given.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Sends an order; it lies on the control topic when this returns.
     *
     * @param action what to do, as {@code ebm control} calls it
     * @param value what it needs to be told; null for nothing
     * @param reason why; may be empty
     * @return its identity
     * @throws IllegalArgumentException if it makes no sense
     * @throws IllegalStateException if the broker does not take it; so may a {@link
     *     org.apache.kafka.common.KafkaException}
     */
    synchronized String give(String action, String value, String reason)
            throws InterruptedException {
        String id = UUID.randomUUID().toString();
        ControlCommand command =
                ControlAction.of(action)
                        .command(id, board.model(), value, reason, System.currentTimeMillis());
        if (client == null) {
            Properties kafka = new Properties();
            kafka.putAll(board.kafka());
            kafka.setProperty("max.block.ms", PATIENCE_MILLIS);
            kafka.setProperty("default.api.timeout.ms", PATIENCE_MILLIS);
            kafka.setProperty("request.timeout.ms", "5000");
            kafka.setProperty("delivery.timeout.ms", PATIENCE_MILLIS);
            kafka.setProperty("allow.auto.create.topics", "false");
            client = new ControlClient(kafka, board.topics().control(), board.topics().events());
        }
        client.send(command);
        return id;
    }

    @Override
    public synchronized void close() {
        if (client != null) {
            client.close();
        }
    }
}
