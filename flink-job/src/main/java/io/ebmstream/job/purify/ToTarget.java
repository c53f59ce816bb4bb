package io.ebmstream.job.purify;

import org.apache.flink.runtime.io.network.api.writer.SubtaskStateMapper;
import org.apache.flink.runtime.plugable.SerializationDelegate;
import org.apache.flink.streaming.runtime.partitioner.StreamPartitioner;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Sends a delivery to the subtask that is written on it. Neither broadcast nor pointwise, so that
 * the edge supports unaligned checkpoints ({@link ModelAddresser}). Flink's own custom partitioner
 * does not.
 */
public final class ToTarget extends StreamPartitioner<ModelDelivery> {
    private static final long serialVersionUID = 1L;

    @Override
    public int selectChannel(SerializationDelegate<StreamRecord<ModelDelivery>> record) {
        return record.getInstance().getValue().target() % numberOfChannels;
    }

    /** In-flight deliveries may go anywhere after rescaling: each subtask takes what it gets. */
    @Override
    public SubtaskStateMapper getDownstreamSubtaskStateMapper() {
        return SubtaskStateMapper.ROUND_ROBIN;
    }

    @Override
    public StreamPartitioner<ModelDelivery> copy() {
        return this;
    }

    @Override
    public boolean isPointwise() {
        return false;
    }

    @Override
    public String toString() {
        return "TARGET";
    }
}
