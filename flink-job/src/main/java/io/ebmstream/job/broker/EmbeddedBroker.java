package io.ebmstream.job.broker;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.commons.io.FileUtils;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A real Kafka broker (KRaft, broker and controller in one) in this JVM, on loopback and free
 * ports, with its data in a temporary directory. Replication factors are 1; transactions work.
 *
 * <p>For the demo, chaos runs and the tests only: one that was {@link #start() started} without a
 * folder leaves nothing behind, and a fatal fault of Kafka's controller ends the JVM.
 *
 * <p>Thread-safe.
 */
public final class EmbeddedBroker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedBroker.class);
    private static final String HOST = "127.0.0.1";
    private static final int START_ATTEMPTS = 3;
    private static final long ADMIN_TIMEOUT_SECONDS = 60;

    private final Path directory;
    private final boolean temporary;
    private final KafkaRaftServer server;
    private final String bootstrapServers;
    private boolean closed;

    private EmbeddedBroker(
            Path directory, boolean temporary, KafkaRaftServer server, String bootstrapServers) {
        this.directory = directory;
        this.temporary = temporary;
        this.server = server;
        this.bootstrapServers = bootstrapServers;
    }

    /**
     * Starts a broker; takes 2 to 6 seconds. It is ready for clients when the call returns.
     *
     * @throws IllegalStateException if it does not come up
     */
    public static EmbeddedBroker start() {
        RuntimeException last = null;
        for (int attempt = 1; attempt <= START_ATTEMPTS; attempt++) {
            try {
                return attempt();
            } catch (RuntimeException e) {
                // another process may have taken a port between the look and the bind
                LOG.warn("the embedded broker did not start, attempt {}", attempt, e);
                last = e;
            }
        }
        throw new IllegalStateException(
                "expected the embedded broker to start, found "
                        + START_ATTEMPTS
                        + " failures; the last: "
                        + last.getMessage(),
                last);
    }

    /**
     * Starts a broker whose records outlive it: the same folder and port give the same broker
     * again, also after it was killed.
     *
     * @param directory its records; made if it is not there
     * @param port of the clients
     * @param controllerPort of the controller
     * @throws IllegalStateException if it does not come up
     */
    public static EmbeddedBroker start(Path directory, int port, int controllerPort) {
        return start(directory, false, new int[] {port, controllerPort});
    }

    /** Ports on loopback that nobody listens on now, all different. */
    public static int[] freePorts(int count) {
        ServerSocket[] sockets = new ServerSocket[count];
        int[] ports = new int[count];
        try {
            for (int i = 0; i < count; i++) {
                // all stay open until the last is known, so that they differ
                sockets[i] = new ServerSocket(0, 1, InetAddress.getByName(HOST));
                ports[i] = sockets[i].getLocalPort();
            }
            for (ServerSocket socket : sockets) {
                socket.close();
            }
            return ports;
        } catch (IOException e) {
            throw new UncheckedIOException("no free port on " + HOST, e);
        }
    }

    private static EmbeddedBroker attempt() {
        try {
            return start(Files.createTempDirectory("ebm-broker-"), true, freePorts(2));
        } catch (IOException e) {
            throw new UncheckedIOException("no temporary folder for a broker", e);
        }
    }

    private static EmbeddedBroker start(Path directory, boolean temporary, int[] ports) {
        KafkaRaftServer server = null;
        try {
            KafkaConfig config = new KafkaConfig(properties(directory, ports), false);
            if (!Files.exists(directory.resolve("data"))) {
                format(directory);
            }
            server = new KafkaRaftServer(config, Time.SYSTEM);
            server.startup();
            EmbeddedBroker broker =
                    new EmbeddedBroker(directory, temporary, server, HOST + ":" + ports[0]);
            broker.awaitReady();
            return broker;
        } catch (Exception e) {
            if (server != null) {
                server.shutdown();
            }
            if (temporary) {
                FileUtils.deleteQuietly(directory.toFile());
            }
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            throw new IllegalStateException("embedded broker: " + e.getMessage(), e);
        }
    }

    /** Address for clients: {@code host:port}. */
    public String bootstrapServers() {
        return bootstrapServers;
    }

    Path directory() {
        return directory;
    }

    /**
     * Creates topics and waits until they exist.
     *
     * @param topics names, partitions and settings; the replication factor must be 1
     * @throws IllegalStateException if one cannot be created, for example because it exists
     */
    public void createTopics(Collection<NewTopic> topics) {
        try (Admin admin = admin()) {
            TopicCheck.create(admin, topics);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while creating topics", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(
                    "the embedded broker could not create the topics: " + e.getCause().getMessage(),
                    e.getCause());
        }
    }

    /** A new admin client; the caller closes it. */
    public Admin admin() {
        return Admin.create(
                Map.<String, Object>of(
                        AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers));
    }

    /** Stops the broker and deletes temporary data. Closing twice is harmless. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        server.shutdown();
        server.awaitShutdown();
        if (temporary) {
            FileUtils.deleteQuietly(directory.toFile());
        }
    }

    private void awaitReady() throws Exception {
        try (Admin admin = admin()) {
            admin.describeCluster().nodes().get(ADMIN_TIMEOUT_SECONDS, TimeUnit.SECONDS);
        }
    }

    private static Properties properties(Path directory, int[] ports) {
        Properties p = new Properties();
        p.setProperty("process.roles", "broker,controller");
        p.setProperty("node.id", "1");
        p.setProperty("controller.quorum.voters", "1@" + HOST + ":" + ports[1]);
        p.setProperty(
                "listeners",
                "PLAINTEXT://" + HOST + ":" + ports[0] + ",CONTROLLER://" + HOST + ":" + ports[1]);
        p.setProperty("advertised.listeners", "PLAINTEXT://" + HOST + ":" + ports[0]);
        p.setProperty("controller.listener.names", "CONTROLLER");
        p.setProperty("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        p.setProperty("log.dirs", directory.resolve("data").toString());
        p.setProperty("auto.create.topics.enable", "false");
        p.setProperty("num.partitions", "1");
        p.setProperty("default.replication.factor", "1");
        p.setProperty("offsets.topic.replication.factor", "1");
        p.setProperty("offsets.topic.num.partitions", "2");
        p.setProperty("transaction.state.log.replication.factor", "1");
        p.setProperty("transaction.state.log.min.isr", "1");
        p.setProperty("transaction.state.log.num.partitions", "2");
        p.setProperty("share.coordinator.state.topic.replication.factor", "1");
        p.setProperty("share.coordinator.state.topic.min.isr", "1");
        p.setProperty("group.initial.rebalance.delay.ms", "0");
        // memory: the cleaner's default of 128 MB is for busy brokers
        p.setProperty("log.cleaner.dedupe.buffer.size", String.valueOf(2 << 20));
        p.setProperty("log.cleaner.threads", "1");
        p.setProperty("num.network.threads", "2");
        p.setProperty("num.io.threads", "4");
        return p;
    }

    private static void format(Path directory) throws Exception {
        Formatter formatter = new Formatter();
        formatter
                .setPrintStream(
                        new PrintStream(
                                OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
                .setNodeId(1)
                .setClusterId(Uuid.randomUuid().toString())
                .addDirectory(directory.resolve("data").toString())
                .setReleaseVersion(MetadataVersion.LATEST_PRODUCTION)
                .setControllerListenerName("CONTROLLER")
                .setIgnoreFormatted(false)
                .run();
    }
}
