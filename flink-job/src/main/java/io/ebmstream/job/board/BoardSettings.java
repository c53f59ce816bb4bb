package io.ebmstream.job.board;

import io.ebmstream.job.config.TopicNames;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Properties;

/**
 * What a board is to show, and where.
 *
 * @param kafka settings of Kafka's clients, {@code bootstrap.servers} among them
 * @param topics names of the job's topics
 * @param model name of the job's model
 * @param committed whether to show only what transactions have committed, which comes with each
 *     checkpoint, or everything as it is written, some of it twice after a failure
 * @param history how far back charts go, 1 minute to 7 days
 * @param host name or address to listen on
 * @param port port, 0 to 65535; 0 takes a free one
 * @param token what a page must know to give orders; nothing where it cannot
 */
public record BoardSettings(
        Properties kafka,
        TopicNames topics,
        String model,
        boolean committed,
        Duration history,
        String host,
        int port,
        Optional<String> token) {
    /** Where it listens unless told otherwise: this machine only. */
    public static final String DEFAULT_HOST = "127.0.0.1";

    /** Minutes that charts go back unless told otherwise. */
    public static final int DEFAULT_MINUTES = 10;

    /** Shortest token, characters. */
    public static final int TOKEN_LEAST = 16;

    private static final Duration HISTORY_LEAST = Duration.ofMinutes(1);
    private static final Duration HISTORY_MOST = Duration.ofDays(7);

    /**
     * @throws IllegalArgumentException if a value is out of range
     */
    public BoardSettings {
        if (history.compareTo(HISTORY_LEAST) < 0 || history.compareTo(HISTORY_MOST) > 0) {
            throw new IllegalArgumentException(
                    "history: expected 1 minute to 7 days, found "
                            + history.toSeconds()
                            + " seconds");
        }
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port: expected 0 to 65535, found " + port);
        }
        if (token.isPresent() && !token.get().matches("[!-~]{" + TOKEN_LEAST + ",256}")) {
            throw new IllegalArgumentException(
                    "token: expected "
                            + TOKEN_LEAST
                            + " to 256 visible ASCII characters without spaces, found "
                            + token.get().length()
                            + " characters; make one with: openssl rand -hex 16");
        }
    }

    /** A token that nobody can guess. */
    public static String newToken() {
        byte[] bytes = new byte[TOKEN_LEAST];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** Without the token. */
    @Override
    public String toString() {
        return "board of " + model + " at " + host + ":" + port;
    }
}
