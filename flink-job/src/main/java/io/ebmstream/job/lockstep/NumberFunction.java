package io.ebmstream.job.lockstep;

import io.ebmstream.job.decode.DecodeFunction;
import io.ebmstream.job.decode.ImageEvent;
import io.ebmstream.job.kafka.KafkaRecord;
import io.ebmstream.job.state.StateRecords;
import java.util.TreeMap;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Decodes records ({@link DecodeFunction}) and numbers them within their partition: every record is
 * a place, an image's or a dead letter's, whose letter goes where the decoder's go.
 *
 * <p>State: how far each partition is. Every subtask knows of all partitions, because any may be
 * its own after rescaling; the highest count is the one of the subtask that had the partition.
 */
public final class NumberFunction extends ProcessFunction<KafkaRecord, Numbered>
        implements CheckpointedFunction {
    private static final long serialVersionUID = 1L;

    private final DecodeFunction decoder;
    private final int partitions;

    private transient TreeMap<Integer, Long> next;
    private transient ListState<Count> saved;

    /**
     * @param decoder decodes; owned
     * @param partitions number of partitions of the images' topic, at least 1
     */
    public NumberFunction(DecodeFunction decoder, int partitions) {
        this.decoder = decoder;
        this.partitions = partitions;
    }

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
        saved =
                context.getOperatorStateStore()
                        .getUnionListState(
                                new ListStateDescriptor<>(
                                        "lockstep-numbers", StateRecords.of(Count.class)));
        next = new TreeMap<>();
        for (Count count : saved.get()) {
            next.merge(count.partition(), count.next(), Math::max);
        }
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws Exception {
        saved.update(
                next.entrySet().stream().map(e -> new Count(e.getKey(), e.getValue())).toList());
    }

    @Override
    public void open(OpenContext context) {
        decoder.setRuntimeContext(getRuntimeContext());
        decoder.open(context);
    }

    @Override
    public void processElement(KafkaRecord record, Context context, Collector<Numbered> out) {
        if (record.partition() >= partitions) {
            throw new IllegalStateException(
                    "expected partitions 0 to "
                            + (partitions - 1)
                            + " of "
                            + record.topic()
                            + ", found "
                            + record.partition()
                            + ": in lockstep the order of images depends on the number of"
                            + " partitions; start the job anew where it has changed");
        }
        long number = next.merge(record.partition(), 1L, Long::sum) - 1;
        ImageEvent image =
                decoder.image(
                        record, letter -> context.output(DecodeFunction.DEAD_LETTERS, letter));
        out.collect(new Numbered(record.partition(), number, image));
    }

    /**
     * How far a partition is.
     *
     * @param partition the partition
     * @param next number of its next record
     */
    public record Count(int partition, long next) {}
}
