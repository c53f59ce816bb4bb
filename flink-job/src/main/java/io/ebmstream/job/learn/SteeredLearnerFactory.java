package io.ebmstream.job.learn;

import io.ebmstream.job.control.ControlOrder;
import io.ebmstream.job.decode.ImageEvent;
import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.ChainingStrategy;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperatorFactory;

/** Makes {@link SteeredLearner}s, each the first of its chain. */
public final class SteeredLearnerFactory extends AbstractStreamOperatorFactory<PublishedModel>
        implements TwoInputStreamOperatorFactory<ImageEvent, ControlOrder, PublishedModel> {
    private static final long serialVersionUID = 1L;

    private final LearnerSetup setup;

    /**
     * @param setup what the operator needs to know
     */
    public SteeredLearnerFactory(LearnerSetup setup) {
        this.setup = setup;
        setChainingStrategy(ChainingStrategy.HEAD);
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T extends StreamOperator<PublishedModel>> T createStreamOperator(
            StreamOperatorParameters<PublishedModel> parameters) {
        return (T) new SteeredLearner(parameters, setup);
    }

    @Override
    @SuppressWarnings("rawtypes")
    public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
        return SteeredLearner.class;
    }
}
