package io.ebmstream.job.purify;

import io.ebmstream.job.decode.ImageEvent;
import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.ChainingStrategy;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperatorFactory;

/** Makes {@link PurifierOperator}s, each the first of its chain. */
public final class PurifierOperatorFactory extends AbstractStreamOperatorFactory<Purified>
        implements TwoInputStreamOperatorFactory<ImageEvent, ModelDelivery, Purified> {
    private static final long serialVersionUID = 1L;

    private final PurifierSetup setup;

    /**
     * @param setup what the operator needs to know
     */
    public PurifierOperatorFactory(PurifierSetup setup) {
        this.setup = setup;
        setChainingStrategy(ChainingStrategy.HEAD);
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T extends StreamOperator<Purified>> T createStreamOperator(
            StreamOperatorParameters<Purified> parameters) {
        return (T) new PurifierOperator(parameters, setup);
    }

    @Override
    @SuppressWarnings("rawtypes")
    public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
        return PurifierOperator.class;
    }
}
