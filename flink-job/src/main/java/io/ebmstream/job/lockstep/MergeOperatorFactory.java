package io.ebmstream.job.lockstep;

import io.ebmstream.job.decode.ImageEvent;
import io.ebmstream.job.shards.RoundPlan;
import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.OneInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;

/** Makes {@link MergeOperator}s. */
public final class MergeOperatorFactory extends AbstractStreamOperatorFactory<ImageEvent>
        implements OneInputStreamOperatorFactory<Numbered, ImageEvent> {
    private static final long serialVersionUID = 1L;

    private final int partitions;
    private final RoundPlan rounds;

    /** For one shard, without marks. */
    public MergeOperatorFactory(int partitions) {
        this(partitions, null);
    }

    /**
     * @param partitions number of partitions that are put together, at least 1
     * @param rounds where marks go among the images; null for none
     * @throws IllegalArgumentException if there is none
     */
    public MergeOperatorFactory(int partitions, RoundPlan rounds) {
        this.rounds = rounds;
        if (partitions < 1) {
            throw new IllegalArgumentException(
                    "expected at least 1 partition, found " + partitions);
        }
        this.partitions = partitions;
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T extends StreamOperator<ImageEvent>> T createStreamOperator(
            StreamOperatorParameters<ImageEvent> parameters) {
        return (T) new MergeOperator(parameters, partitions, rounds);
    }

    @Override
    @SuppressWarnings("rawtypes")
    public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
        return MergeOperator.class;
    }
}
