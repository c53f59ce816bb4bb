package io.ebmstream.job.board;

import io.ebmstream.job.config.TopicNames;
import io.ebmstream.schemas.Headers;
import io.ebmstream.schemas.WireFormat;
import io.ebmstream.schemas.WireFormatException;
import io.ebmstream.schemas.avro.PurifiedImage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a job's topics into a {@link BoardState}, on a thread of its own and outside of any
 * consumer group. It begins as far back as charts go, or with the last records of topics where they
 * are few. A topic that is missing is looked for again and again; a broker that is away is waited
 * for; a record that cannot be read is counted.
 */
final class BoardFeed implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BoardFeed.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration ANSWER = Duration.ofSeconds(10);
    private static final long LOOK_NANOS = Duration.ofSeconds(5).toNanos();
    private static final long AGAIN_MILLIS = 2_000;

    /** Places at the end of a topic of few records where reading begins. */
    private static final long TAIL = 500;

    /** Takes a record. */
    private interface Handler {
        void accept(ConsumerRecord<byte[], byte[]> record, long time) throws WireFormatException;
    }

    /**
     * @param role what is in the topic
     * @param many whether it has a record for each image or update
     */
    private record Source(String role, boolean many, Handler handler) {}

    private final Properties settings;
    private final Duration history;
    private final BoardState state;
    private final BoardInputs inputs;
    private final Map<String, Source> sources = new LinkedHashMap<>();
    private final Map<TopicPartition, Long> positions = new HashMap<>();
    private final Thread thread;
    private final CountDownLatch end = new CountDownLatch(1);
    private volatile KafkaConsumer<byte[], byte[]> reading;
    private volatile boolean closed;

    BoardFeed(BoardSettings board, BoardState state) {
        this.state = state;
        this.history = board.history();
        settings = new Properties();
        settings.putAll(board.kafka());
        settings.setProperty(
                "isolation.level", board.committed() ? "read_committed" : "read_uncommitted");
        settings.setProperty("enable.auto.commit", "false");
        settings.setProperty("allow.auto.create.topics", "false");
        settings.setProperty("auto.offset.reset", "latest");
        inputs = new BoardInputs(board.kafka(), board.topics().images(), state);
        sources(board.topics());
        sources.forEach((name, source) -> state.topic(source.role(), name, false));
        thread = new Thread(this::run, "ebm-board-feed");
        thread.setDaemon(true);
        thread.start();
    }

    private void sources(TopicNames topics) {
        sources.put(topics.purified(), new Source("purified images", true, this::purified));
        sources.put(
                topics.density(),
                new Source(
                        "density readings",
                        true,
                        (r, t) -> state.density(WireFormat.DENSITY.decode(r.value()), t)));
        sources.put(
                topics.diagnostics(),
                new Source(
                        "learner's updates",
                        true,
                        (r, t) -> state.diagnostics(WireFormat.DIAGNOSTICS.decode(r.value()), t)));
        sources.put(
                topics.snapshots(),
                new Source(
                        "versions",
                        false,
                        (r, t) -> {
                            // a version that was taken away has no manifest
                            if (r.value() != null) {
                                state.manifest(WireFormat.SNAPSHOT_MANIFEST.decode(r.value()), t);
                            }
                        }));
        sources.put(
                topics.alarms(),
                new Source(
                        "alarms",
                        false,
                        (r, t) -> state.alarm(WireFormat.ALARM.decode(r.value()), t)));
        sources.put(
                topics.control(),
                new Source(
                        "orders",
                        false,
                        (r, t) -> state.command(WireFormat.CONTROL.decode(r.value()), t)));
        sources.put(
                topics.events(),
                new Source(
                        "answers",
                        false,
                        (r, t) -> state.event(WireFormat.EVENT.decode(r.value()), t)));
        sources.put(
                topics.deadLetters(),
                new Source(
                        "dead letters",
                        false,
                        (r, t) ->
                                state.deadLetter(
                                        header(r, Headers.STAGE), header(r, Headers.MESSAGE), t)));
    }

    private void run() {
        while (!closed) {
            try (KafkaConsumer<byte[], byte[]> consumer =
                    new KafkaConsumer<>(
                            settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
                reading = consumer;
                read(consumer);
            } catch (WakeupException e) {
                // it is to end
                LOG.debug("the board reads no more", e);
            } catch (RuntimeException e) {
                LOG.info("the board cannot read", e);
                state.problem(
                        "expected an answer of the broker at "
                                + settings.getProperty("bootstrap.servers")
                                + ", found: "
                                + e.getMessage()
                                + "; trying again");
                pause();
            }
        }
    }

    private void read(KafkaConsumer<byte[], byte[]> consumer) {
        long looked = System.nanoTime() - LOOK_NANOS;
        while (!closed) {
            if (System.nanoTime() - looked >= LOOK_NANOS) {
                look(consumer);
                looked = System.nanoTime();
                state.problem("");
            }
            if (consumer.assignment().isEmpty()) {
                pause();
                continue;
            }
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                take(record);
                positions.put(
                        new TopicPartition(record.topic(), record.partition()),
                        record.offset() + 1);
            }
        }
    }

    /** Takes up topics and partitions that were not there before. */
    private void look(KafkaConsumer<byte[], byte[]> consumer) {
        Map<String, List<PartitionInfo>> there = consumer.listTopics(ANSWER);
        List<TopicPartition> found = new ArrayList<>();
        sources.forEach(
                (name, source) -> {
                    List<PartitionInfo> partitions = there.getOrDefault(name, List.of());
                    state.topic(source.role(), name, !partitions.isEmpty());
                    partitions.forEach(p -> found.add(new TopicPartition(name, p.partition())));
                });
        List<TopicPartition> fresh =
                found.stream().filter(p -> !consumer.assignment().contains(p)).toList();
        if (fresh.isEmpty()) {
            return;
        }
        begin(consumer, fresh.stream().filter(p -> !positions.containsKey(p)).toList());
        consumer.assign(found);
        found.forEach(p -> consumer.seek(p, positions.get(p)));
    }

    private void begin(KafkaConsumer<byte[], byte[]> consumer, List<TopicPartition> fresh) {
        Map<TopicPartition, Long> begins = consumer.beginningOffsets(fresh, ANSWER);
        Map<TopicPartition, Long> ends = consumer.endOffsets(fresh, ANSWER);
        Map<TopicPartition, Long> times = new HashMap<>();
        long from = System.currentTimeMillis() - history.toMillis();
        fresh.forEach(p -> times.put(p, from));
        Map<TopicPartition, OffsetAndTimestamp> byTime = consumer.offsetsForTimes(times, ANSWER);
        for (TopicPartition partition : fresh) {
            OffsetAndTimestamp recent = byTime.get(partition);
            long end = ends.get(partition);
            long start =
                    sources.get(partition.topic()).many()
                            ? recent == null ? end : recent.offset()
                            : end - TAIL;
            positions.put(partition, Math.max(begins.get(partition), start));
        }
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        long now = System.currentTimeMillis();
        // a producer's clock may be ahead, or there is none; charts end now
        long time = record.timestamp() < 0 ? now : Math.min(record.timestamp(), now);
        boolean readable = true;
        try {
            sources.get(record.topic()).handler().accept(record, time);
        } catch (WireFormatException | RuntimeException e) {
            // whatever is in a topic must not end the reading
            readable = false;
            LOG.info(
                    "{}-{}@{} cannot be read",
                    record.topic(),
                    record.partition(),
                    record.offset(),
                    e);
        }
        state.read(record.topic(), time, readable);
        for (ImagePlace place = state.exampleToRead();
                place != null;
                place = state.exampleToRead()) {
            inputs.example(place);
        }
    }

    private void purified(ConsumerRecord<byte[], byte[]> record, long time)
            throws WireFormatException {
        PurifiedImage image = WireFormat.PURIFIED.decode(record.value());
        state.purified(image, time);
        if (state.wanted(image, time)) {
            inputs.pair(image, time);
        }
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null || header.value() == null
                ? "?"
                : new String(header.value(), StandardCharsets.UTF_8);
    }

    private void pause() {
        try {
            closed = closed || end.await(AGAIN_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            closed = true;
        }
    }

    @Override
    public void close() {
        closed = true;
        end.countDown();
        KafkaConsumer<byte[], byte[]> consumer = reading;
        if (consumer != null) {
            // it may wait for a broker that is away
            consumer.wakeup();
        }
        try {
            thread.join(15_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        inputs.close();
    }
}
