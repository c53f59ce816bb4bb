package io.ebmstream.job.replay;

import io.ebmstream.job.config.JobConfig;
import io.ebmstream.ops.weights.ModelFile;
import io.ebmstream.schemas.Headers;
import io.ebmstream.schemas.WireFormat;
import io.ebmstream.schemas.WireFormatException;
import io.ebmstream.schemas.avro.PurifiedImage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/** Goes through a topic of purified images and computes each again. Not thread-safe. */
public final class ReplayRun implements AutoCloseable {
    /** Records whose inputs are in memory at a time. */
    private static final int AT_ONCE = 128;

    private final CommittedTopic outputs;
    private final CommittedTopic inputs;
    private final VersionSource versions;
    private final Replayer replayer;

    /**
     * Connects.
     *
     * @param job the configuration that the records were written under
     * @param snapshot a version that need not be in the snapshot topic, or null
     */
    public ReplayRun(JobConfig job, ModelFile snapshot) {
        Properties kafka = job.kafka().properties();
        outputs = new CommittedTopic(kafka, job.topics().purified());
        inputs = new CommittedTopic(kafka, job.topics().images());
        versions = new VersionSource(job, kafka, snapshot);
        replayer = new Replayer(job, inputs, versions);
    }

    /** What computes here, as records name it. */
    public String device() {
        return replayer.device();
    }

    /**
     * Computes the records of the topic again, in its order.
     *
     * @param wanted which of them
     * @param limit most of them; 0 is all
     * @param each is told how each went
     * @return how many were looked at
     * @throws IllegalStateException if a record is no purified image
     */
    public long run(Predicate<Recorded> wanted, long limit, Consumer<Replayed> each) {
        List<Recorded> waiting = new ArrayList<>();
        long[] taken = {0};
        outputs.forEach(
                record -> {
                    Recorded recorded = decode(record);
                    if (wanted.test(recorded)) {
                        waiting.add(recorded);
                        taken[0]++;
                    }
                    if (waiting.size() == AT_ONCE) {
                        flush(waiting, each);
                    }
                    return limit == 0 || taken[0] < limit;
                });
        flush(waiting, each);
        return taken[0];
    }

    private void flush(List<Recorded> waiting, Consumer<Replayed> each) {
        if (!waiting.isEmpty()) {
            replayer.replay(waiting).forEach(each);
            waiting.clear();
        }
    }

    private static Recorded decode(ConsumerRecord<byte[], byte[]> record) {
        try {
            PurifiedImage image = WireFormat.PURIFIED.decode(record.value());
            Header device = record.headers().lastHeader(Headers.DEVICE);
            return new Recorded(
                    record.partition(),
                    record.offset(),
                    image,
                    device == null ? null : new String(device.value(), StandardCharsets.UTF_8));
        } catch (WireFormatException e) {
            throw new IllegalStateException(
                    "the record at partition "
                            + record.partition()
                            + ", offset "
                            + record.offset()
                            + " is no purified image: "
                            + e.getMessage(),
                    e);
        }
    }

    @Override
    public void close() {
        replayer.close();
        versions.close();
        inputs.close();
        outputs.close();
    }
}
