package io.ebmstream.schemas.snapshot;

import io.ebmstream.schemas.WireFormat;
import io.ebmstream.schemas.WireFormatException;
import io.ebmstream.schemas.avro.ModelVersion;
import io.ebmstream.schemas.avro.SnapshotManifest;
import io.ebmstream.schemas.snapshot.SnapshotException.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a model's snapshots from Kafka, with kafka-clients alone.
 *
 * <pre>{@code
 * try (SnapshotReader reader = SnapshotReader.open("localhost:9092", "default")) {
 *     Snapshot now = reader.latest().orElseThrow();
 *     float[] weights = now.floats(now.tensors().get(0)); // of the energy
 *     reader.follow(next -> use(next)); // until use returns false
 * }
 * }</pre>
 *
 * <p>Only committed transactions are seen. A snapshot is given out when all of its chunks are there
 * and every hash is right; others are passed over and logged, or thrown by {@link #version}.
 * Versions are ordered by epoch, then counter.
 *
 * <p>{@link #follow} outlives the broker: while it is away, or does not answer in time, it tries
 * again after 0.1 s, 0.2 s and so on up to {@link #LONGEST_PAUSE}, and misses no version that is
 * still there afterwards.
 *
 * <p>Memory: a few words per version, one manifest, and the chunks of the one snapshot being read.
 * The reader commits no offsets and belongs to no consumer group. Every method but {@link #follow}
 * throws Kafka's unchecked KafkaException when the broker cannot be reached or does not answer in
 * time; {@link #follow} where trying again is no help, such as for a wrong password.
 *
 * <p>Not thread-safe, except for {@link #stop()}.
 */
public final class SnapshotReader implements AutoCloseable {
    /** Longest time for one answer from the broker: 30 s. */
    public static final Duration READ_TIMEOUT = Duration.ofSeconds(30);

    /** How long chunks may come after their manifest was seen: 3 s. */
    public static final Duration SETTLE_TIMEOUT = Duration.ofSeconds(3);

    /** Longest wait between two attempts to reach a broker that is away: 30 s. */
    public static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    private static final Logger LOG = LoggerFactory.getLogger(SnapshotReader.class);
    private static final Duration FOLLOW_SLICE = Duration.ofMillis(500);

    /** Shorter than {@link #READ_TIMEOUT}, since {@link #stop} waits for it. */
    private static final Duration FOLLOW_TIMEOUT = Duration.ofSeconds(10);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);

    private final Consumer<byte[], byte[]> manifestConsumer;
    private final Consumer<byte[], byte[]> chunkConsumer;
    private final ManifestIndex index;
    private final ChunkSource source;
    private final String model;
    private final Duration settle;
    private ModelVersion given;
    private volatile boolean stopped;

    /** Takes over both consumers, also when it fails. */
    SnapshotReader(
            Consumer<byte[], byte[]> manifestConsumer,
            Consumer<byte[], byte[]> chunkConsumer,
            SnapshotTopics topics,
            String model,
            Duration settle)
            throws SnapshotException {
        this.manifestConsumer = manifestConsumer;
        this.chunkConsumer = chunkConsumer;
        this.model = model;
        this.settle = settle;
        boolean opened = false;
        try {
            index =
                    new ManifestIndex(
                            manifestConsumer,
                            partitions(manifestConsumer, topics.manifests()),
                            model);
            source =
                    new ChunkSource(
                            chunkConsumer,
                            partitions(chunkConsumer, topics.chunks()),
                            READ_TIMEOUT);
            opened = true;
        } finally {
            if (!opened) {
                close();
            }
        }
    }

    /**
     * Opens the topics of {@link SnapshotTopics#DEFAULT}.
     *
     * @param bootstrapServers host:port pairs of brokers, separated by commas
     * @param model name of the model
     * @throws SnapshotException if a topic does not exist
     */
    public static SnapshotReader open(String bootstrapServers, String model)
            throws SnapshotException {
        Properties properties = new Properties();
        properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        return open(properties, SnapshotTopics.DEFAULT, model);
    }

    /**
     * Opens given topics.
     *
     * @param properties of a Kafka consumer: {@code bootstrap.servers}, security and the like;
     *     isolation, deserializers and offset handling are set here
     * @param topics where the snapshots are
     * @param model name of the model
     * @throws IllegalArgumentException if the properties ask for uncommitted records, or the
     *     model's name is none
     * @throws SnapshotException if a topic does not exist
     */
    public static SnapshotReader open(Properties properties, SnapshotTopics topics, String model)
            throws SnapshotException {
        if (!SnapshotKeys.isName(model)) {
            throw new IllegalArgumentException(
                    "expected 1 to 128 of A-Z a-z 0-9 . _ - as model, found " + model);
        }
        Properties own = consumerProperties(properties);
        Consumer<byte[], byte[]> manifests = new KafkaConsumer<>(own);
        Consumer<byte[], byte[]> chunks;
        try {
            chunks = new KafkaConsumer<>(own);
        } catch (RuntimeException e) {
            manifests.close();
            throw e;
        }
        return new SnapshotReader(manifests, chunks, topics, model, SETTLE_TIMEOUT);
    }

    private static Properties consumerProperties(Properties given) {
        String isolation = given.getProperty(ConsumerConfig.ISOLATION_LEVEL_CONFIG);
        if (isolation != null && !isolation.equals("read_committed")) {
            throw new IllegalArgumentException(
                    "expected isolation.level read_committed, found "
                            + isolation
                            + "; leave it out");
        }
        Properties own = new Properties();
        // a few chunks at a time; the default of 50 MB would be the larger part of the memory
        own.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 8 << 20);
        // the client's own attempts to connect slow down as those of follow do
        own.put(ConsumerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, LONGEST_PAUSE.toMillis());
        given.forEach(own::put);
        own.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        own.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        own.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        own.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        own.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        own.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        return own;
    }

    private static List<TopicPartition> partitions(Consumer<byte[], byte[]> consumer, String topic)
            throws SnapshotException {
        List<PartitionInfo> infos = consumer.partitionsFor(topic, READ_TIMEOUT);
        if (infos == null || infos.isEmpty()) {
            throw new SnapshotException(
                    Reason.NOT_FOUND,
                    "expected the topic " + topic + ", found none; has the job been started?");
        }
        return infos.stream().map(i -> new TopicPartition(i.topic(), i.partition())).toList();
    }

    /** Names of other models that had manifests in the topic, sorted, as far as it was read. */
    public List<String> otherModels() {
        index.refresh(READ_TIMEOUT);
        return List.copyOf(index.others());
    }

    /** Every version that has a manifest, lowest first; its chunks are not looked at. */
    public List<ModelVersion> versions() {
        index.refresh(READ_TIMEOUT);
        return index.entries().keySet().stream().map(SnapshotReader::copy).toList();
    }

    /**
     * The highest version that is complete and right; higher ones that are not are logged.
     *
     * @return empty if there is no manifest at all
     * @throws SnapshotException if there are manifests, but no usable snapshot
     */
    public Optional<Snapshot> latest() throws SnapshotException {
        index.refresh(READ_TIMEOUT);
        SnapshotException problem = null;
        for (ModelVersion version : List.copyOf(index.entries().descendingKeySet())) {
            try {
                Snapshot snapshot = load(version);
                given = version;
                return Optional.of(snapshot);
            } catch (SnapshotException e) {
                LOG.warn("passed over {}", e.getMessage());
                if (problem == null) {
                    problem = e;
                } else {
                    problem.addSuppressed(e);
                }
            }
        }
        if (problem != null) {
            throw new SnapshotException(
                    problem.reason(),
                    "expected a usable snapshot of "
                            + model
                            + ", found none among "
                            + index.entries().size()
                            + "; the highest: "
                            + problem.getMessage(),
                    problem);
        }
        return Optional.empty();
    }

    /**
     * A given version.
     *
     * @throws SnapshotException if it is not there, incomplete or not right
     */
    public Snapshot version(ModelVersion version) throws SnapshotException {
        index.refresh(READ_TIMEOUT);
        return load(version);
    }

    /**
     * What a version consists of and comes from, without its chunks: whether they are there and
     * right is not looked at.
     *
     * @throws SnapshotException if there is no such version, or its manifest is damaged
     */
    public SnapshotManifest manifest(ModelVersion version) throws SnapshotException {
        index.refresh(READ_TIMEOUT);
        return readManifest(version);
    }

    /**
     * The lowest usable version above the one that {@link #latest()} or this method gave last; the
     * lowest of all if none was given yet. Waits for one.
     *
     * @param timeout how long to wait
     * @return empty if none came, or {@link #stop()} was called
     */
    public Optional<Snapshot> next(Duration timeout) {
        return next(timeout, READ_TIMEOUT);
    }

    private Optional<Snapshot> next(Duration timeout, Duration answer) {
        Deadline deadline = new Deadline(timeout, "the next snapshot");
        index.refresh(answer);
        while (true) {
            ModelVersion version = higher();
            if (version != null) {
                // a broker that is lost meanwhile leaves the version to the next attempt
                try {
                    Snapshot snapshot = load(version);
                    given = version;
                    return Optional.of(snapshot);
                } catch (SnapshotException e) {
                    given = version;
                    LOG.warn("passed over {}", e.getMessage());
                }
            } else if (stopped || deadline.over()) {
                return Optional.empty();
            } else {
                index.poll(deadline.left());
            }
        }
    }

    /**
     * Hands every usable version to a function as it comes, as {@link #next} would give them, until
     * the function returns false or {@link #stop()} is called. While the broker is away it tries
     * again, with growing waits.
     *
     * @param each returns whether to go on; what it throws ends the call
     */
    public void follow(Predicate<Snapshot> each) {
        Backoff backoff = new Backoff(FIRST_PAUSE, LONGEST_PAUSE);
        boolean away = false;
        boolean going = true;
        while (going && !stopped) {
            Optional<Snapshot> snapshot;
            try {
                snapshot = next(FOLLOW_SLICE, FOLLOW_TIMEOUT);
            } catch (RetriableException e) {
                LOG.warn(
                        "snapshots of {} cannot be read, next attempt in {}: {}",
                        model,
                        backoff.next(),
                        e.getMessage());
                away = true;
                backoff.pause(() -> stopped);
                continue;
            }
            if (away) {
                LOG.warn("snapshots of {} can be read again", model);
                away = false;
                backoff.reset();
            }
            going = snapshot.isEmpty() || each.test(snapshot.get());
        }
    }

    /**
     * Ends {@link #follow} and {@link #next} soon, for good: after the answer that they wait for,
     * so within seconds even where the broker is away. May be called by any thread.
     */
    public void stop() {
        stopped = true;
    }

    @Override
    public void close() {
        try {
            manifestConsumer.close();
        } finally {
            chunkConsumer.close();
        }
    }

    private ModelVersion higher() {
        Map.Entry<ModelVersion, ManifestIndex.Entry> entry =
                given == null ? index.entries().firstEntry() : index.entries().higherEntry(given);
        return entry == null ? null : entry.getKey();
    }

    private Snapshot load(ModelVersion version) throws SnapshotException {
        SnapshotManifest manifest = readManifest(version);
        SnapshotAssembler assembler = new SnapshotAssembler(manifest);
        ManifestIndex.Entry entry = index.entries().get(version);
        long age = System.nanoTime() - entry.seenNanos();
        source.fill(assembler, Duration.ofNanos(Math.max(0, settle.toNanos() - age)));
        return assembler.assemble();
    }

    private SnapshotManifest readManifest(ModelVersion version) throws SnapshotException {
        String name = SnapshotKeys.manifest(model, version);
        Optional<byte[]> value = value(version);
        if (value.isEmpty()) {
            // a newer record with the same key may have let compaction remove the one we knew
            index.refresh(READ_TIMEOUT);
            value = value(version);
        }
        if (value.isEmpty()) {
            throw new SnapshotException(
                    Reason.NOT_FOUND, "expected snapshot " + name + ", found " + known());
        }
        SnapshotManifest manifest;
        try {
            manifest = WireFormat.SNAPSHOT_MANIFEST.decode(value.get());
        } catch (WireFormatException e) {
            throw new SnapshotException(
                    Reason.CORRUPT, "manifest of " + name + ": " + e.getMessage(), e);
        }
        String found = SnapshotKeys.manifest(manifest.getModel(), manifest.getVersion());
        if (!found.equals(name)) {
            throw new SnapshotException(
                    Reason.CORRUPT,
                    "manifest of " + name + ": expected what its key says, found " + found);
        }
        return manifest;
    }

    private Optional<byte[]> value(ModelVersion version) {
        ManifestIndex.Entry entry = index.entries().get(version);
        return entry == null ? Optional.empty() : source.value(entry.partition(), entry.offset());
    }

    private String known() {
        List<String> names = new ArrayList<>();
        for (ModelVersion version : index.entries().descendingKeySet()) {
            if (names.size() == 5) {
                names.add("...");
                break;
            }
            names.add(SnapshotKeys.manifest(model, version));
        }
        if (!names.isEmpty()) {
            return String.join(", ", names);
        }
        return "no snapshot of "
                + model
                + (index.others().isEmpty() ? "" : "; there are some of " + index.others());
    }

    private static ModelVersion copy(ModelVersion version) {
        return new ModelVersion(version.getEpoch(), version.getCounter());
    }
}
