package io.ebmstream.job.demo;

import io.ebmstream.job.feed.FeedPlan;
import io.ebmstream.schemas.WireFormat;
import io.ebmstream.schemas.WireFormatException;
import io.ebmstream.schemas.avro.LearnerDiagnostics;
import io.ebmstream.schemas.avro.PurifiedImage;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * What the job has written so far, committed or not: for flow control and for display. After a
 * failure of the job it may count a record twice. Thread-safe.
 */
final class Progress {
    private final Latencies latencies = new Latencies();
    private final long warmup;
    private long purified;
    private long deadLetters;
    private LearnerDiagnostics lastUpdate;

    /**
     * @param warmup first images, whose latency is that of a job that warms up, and does not count
     */
    Progress(long warmup) {
        this.warmup = warmup;
    }

    synchronized void purified(ConsumerRecord<byte[], byte[]> record) throws WireFormatException {
        PurifiedImage image = WireFormat.PURIFIED.decode(record.value());
        purified++;
        if (FeedPlan.place(image.getImageId()) >= warmup) {
            latencies.add(record.timestamp() - image.getEventTime());
        }
    }

    synchronized void deadLetter() {
        deadLetters++;
    }

    synchronized void update(ConsumerRecord<byte[], byte[]> record) throws WireFormatException {
        lastUpdate = WireFormat.DIAGNOSTICS.decode(record.value());
    }

    /** The state of things. */
    synchronized View view() {
        return new View(
                purified,
                deadLetters,
                lastUpdate == null ? 0 : lastUpdate.getUpdate(),
                lastUpdate == null ? Double.NaN : lastUpdate.getEnergyDifference(),
                lastUpdate == null ? Double.NaN : lastUpdate.getGradientMagnitude(),
                latencies.quantile(0.5),
                latencies.quantile(0.99));
    }

    /**
     * @param purified images purified
     * @param deadLetters dead letters
     * @param updates learner updates
     * @param d energy difference of the last update, NaN before the first
     * @param r gradient magnitude of the last update, NaN before the first
     * @param p50 median latency, ms, NaN before the first image
     * @param p99 latency that 99 % keep below, ms, NaN before the first image
     */
    record View(
            long purified,
            long deadLetters,
            long updates,
            double d,
            double r,
            double p50,
            double p99) {}
}
