package io.ebmstream.job.shards;

import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.OneInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;

/** Makes {@link AveragerOperator}s. */
public final class AveragerOperatorFactory extends AbstractStreamOperatorFactory<Average>
        implements OneInputStreamOperatorFactory<Contribution, Average> {
    private static final long serialVersionUID = 1L;

    private final int shards;

    /**
     * @param shards S, at least 1
     * @throws IllegalArgumentException if there is none
     */
    public AveragerOperatorFactory(int shards) {
        if (shards < 1) {
            throw new IllegalArgumentException("expected at least 1 shard, found " + shards);
        }
        this.shards = shards;
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T extends StreamOperator<Average>> T createStreamOperator(
            StreamOperatorParameters<Average> parameters) {
        return (T) new AveragerOperator(parameters, shards);
    }

    @Override
    @SuppressWarnings("rawtypes")
    public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
        return AveragerOperator.class;
    }
}
