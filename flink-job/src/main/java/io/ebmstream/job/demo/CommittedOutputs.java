package io.ebmstream.job.demo;

import io.ebmstream.job.feed.FeedPlan;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.image.Corruption;
import io.ebmstream.ops.image.Image;
import io.ebmstream.ops.image.ImageQuality;
import io.ebmstream.schemas.WireFormat;
import io.ebmstream.schemas.WireFormatException;
import io.ebmstream.schemas.avro.Alarm;
import io.ebmstream.schemas.avro.DensityReading;
import io.ebmstream.schemas.avro.LearnerDiagnostics;
import io.ebmstream.schemas.avro.ModelVersion;
import io.ebmstream.schemas.avro.PurifiedImage;
import io.ebmstream.schemas.avro.SnapshotManifest;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Everything that a {@code read_committed} reader sees of the job's outputs, checked as it comes:
 * each image once, each dead letter's bytes those of a broken input that was fed. Thread-safe.
 */
final class CommittedOutputs {
    /** Images of each kind of damage that are kept for the picture. */
    static final int KEPT = 6;

    private final FeedPlan plan;
    private final long warmup;
    private final Map<Long, PurifiedRow> rows = new TreeMap<>();
    private final Map<Long, DensityReading> readings = new HashMap<>();
    private final Map<String, List<Example>> examples = new LinkedHashMap<>();
    private final Set<ByteBuffer> brokenFed = new HashSet<>();
    private final List<LearnerDiagnostics> updates = new ArrayList<>();
    private final Latencies latencies = new Latencies();
    private final List<String> surprises = new ArrayList<>();
    private long deadLetters;
    private long intactDeadLetters;
    private long snapshots;
    private final List<Alarm> alarms = new ArrayList<>();
    private ModelVersion lastVersion;

    /**
     * @param plan what was fed
     * @param warmup first images, whose latency does not count
     */
    CommittedOutputs(FeedPlan plan, long warmup) {
        this.plan = plan;
        this.warmup = warmup;
    }

    /** One image in its three states. */
    record Example(long place, Image clean, Image corrupted, Image purified) {}

    /** Notes a broken input, whose bytes must come back. */
    synchronized void expectBroken(byte[] value) {
        brokenFed.add(ByteBuffer.wrap(value.clone()));
    }

    synchronized void purified(ConsumerRecord<byte[], byte[]> record) throws WireFormatException {
        PurifiedImage image = WireFormat.PURIFIED.decode(record.value());
        long place = FeedPlan.place(image.getImageId());
        Image clean = plan.clean(place);
        Image sent = plan.sent(place);
        byte[] pixels = new byte[image.getPixels().remaining()];
        image.getPixels().duplicate().get(pixels);
        Image purified =
                new Image(
                        new ImageShape(image.getChannels(), image.getHeight(), image.getWidth()),
                        pixels);
        String corruption = plan.corruption(place).map(Corruption::label).orElse("");
        long latency = record.timestamp() - image.getEventTime();
        if (place >= warmup) {
            latencies.add(latency);
        }
        PurifiedRow row =
                new PurifiedRow(
                        place,
                        corruption,
                        text(image.getModelVersion()),
                        image.getEnergyBefore(),
                        image.getEnergyAfter(),
                        image.getDisplacement(),
                        latency,
                        ImageQuality.mse(clean, sent),
                        ImageQuality.mse(clean, purified));
        if (rows.put(place, row) != null) {
            surprises.add("image " + image.getImageId() + " was purified twice");
        }
        List<Example> kept = examples.computeIfAbsent(corruption, c -> new ArrayList<>());
        kept.add(new Example(place, clean, sent, purified));
        if (kept.size() > KEPT) {
            kept.remove(0);
        }
    }

    synchronized void density(ConsumerRecord<byte[], byte[]> record) throws WireFormatException {
        DensityReading reading = WireFormat.DENSITY.decode(record.value());
        if (readings.put(FeedPlan.place(reading.getImageId()), reading) != null) {
            surprises.add("image " + reading.getImageId() + " has two density readings");
        }
    }

    synchronized void deadLetter(ConsumerRecord<byte[], byte[]> record) {
        deadLetters++;
        if (record.value() != null && brokenFed.contains(ByteBuffer.wrap(record.value()))) {
            intactDeadLetters++;
        } else {
            surprises.add(
                    "the dead letter at offset " + record.offset() + " is no broken input's bytes");
        }
    }

    synchronized void update(ConsumerRecord<byte[], byte[]> record) throws WireFormatException {
        updates.add(WireFormat.DIAGNOSTICS.decode(record.value()));
    }

    synchronized void snapshot(ConsumerRecord<byte[], byte[]> record) throws WireFormatException {
        if (record.value() == null) {
            return;
        }
        SnapshotManifest manifest = WireFormat.SNAPSHOT_MANIFEST.decode(record.value());
        snapshots++;
        lastVersion = manifest.getVersion();
    }

    synchronized void alarm(ConsumerRecord<byte[], byte[]> record) throws WireFormatException {
        alarms.add(WireFormat.ALARM.decode(record.value()));
    }

    synchronized long purifiedCount() {
        return rows.size();
    }

    synchronized long readingCount() {
        return readings.size();
    }

    synchronized long deadLetterCount() {
        return deadLetters;
    }

    synchronized long intactDeadLetterCount() {
        return intactDeadLetters;
    }

    synchronized long updateCount() {
        return updates.size();
    }

    /** Updates that published a version, whose snapshot is committed by another sink. */
    synchronized long publishedCount() {
        return updates.stream().filter(u -> u.getModelVersion() != null).count();
    }

    synchronized long snapshotCount() {
        return snapshots;
    }

    /** In the order in which they came. */
    synchronized List<Alarm> alarms() {
        return List.copyOf(alarms);
    }

    /** Version of the last snapshot as {@code epoch.counter}; null for none. */
    synchronized String lastVersion() {
        return lastVersion == null ? null : text(lastVersion);
    }

    /** What should not be, one line each. */
    synchronized List<String> surprises() {
        return List.copyOf(surprises);
    }

    /** In the order of the feed. */
    synchronized List<PurifiedRow> rows() {
        return List.copyOf(rows.values());
    }

    synchronized DensityReading reading(long place) {
        return readings.get(place);
    }

    synchronized List<LearnerDiagnostics> updates() {
        return List.copyOf(updates);
    }

    /** The last images of each kind of damage; the undamaged ones under the empty name. */
    synchronized Map<String, List<Example>> examples() {
        Map<String, List<Example>> copy = new TreeMap<>();
        examples.forEach((k, v) -> copy.put(k, List.copyOf(v)));
        return copy;
    }

    synchronized double latency(double quantile) {
        return latencies.quantile(quantile);
    }

    static String text(ModelVersion v) {
        return v.getEpoch() + "." + v.getCounter();
    }
}
