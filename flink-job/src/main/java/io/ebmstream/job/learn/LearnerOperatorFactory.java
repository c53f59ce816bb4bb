package io.ebmstream.job.learn;

import io.ebmstream.job.decode.ImageEvent;
import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.ChainingStrategy;
import org.apache.flink.streaming.api.operators.OneInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;

/** Makes {@link LearnerOperator}s, each the first of its chain. */
public final class LearnerOperatorFactory extends AbstractStreamOperatorFactory<PublishedModel>
        implements OneInputStreamOperatorFactory<ImageEvent, PublishedModel> {
    private static final long serialVersionUID = 1L;

    private final LearnerSetup setup;
    private final LearnerSharding sharding;

    /** For one learner alone. */
    public LearnerOperatorFactory(LearnerSetup setup) {
        this(setup, null);
    }

    /**
     * @param setup what the operator needs to know
     * @param sharding what it needs to know of other shards; null where there are none
     */
    public LearnerOperatorFactory(LearnerSetup setup, LearnerSharding sharding) {
        this.setup = setup;
        this.sharding = sharding;
        setChainingStrategy(ChainingStrategy.HEAD);
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T extends StreamOperator<PublishedModel>> T createStreamOperator(
            StreamOperatorParameters<PublishedModel> parameters) {
        return (T) new LearnerOperator(parameters, setup, sharding);
    }

    @Override
    @SuppressWarnings("rawtypes")
    public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
        return LearnerOperator.class;
    }
}
