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

    /**
     * @param setup what the operator needs to know
     */
    public LearnerOperatorFactory(LearnerSetup setup) {
        this.setup = setup;
        setChainingStrategy(ChainingStrategy.HEAD);
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T extends StreamOperator<PublishedModel>> T createStreamOperator(
            StreamOperatorParameters<PublishedModel> parameters) {
        return (T) new LearnerOperator(parameters, setup);
    }

    @Override
    @SuppressWarnings("rawtypes")
    public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
        return LearnerOperator.class;
    }
}
