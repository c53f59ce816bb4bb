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
    private final int shards;

    /** For images of one learner. */
    public PurifierOperatorFactory(PurifierSetup setup) {
        this(setup, 1);
    }

    /**
     * @param setup what the operator needs to know
     * @param shards shards of the learner that hand images on, at least 1
     */
    public PurifierOperatorFactory(PurifierSetup setup, int shards) {
        this.setup = setup;
        this.shards = shards;
        setChainingStrategy(ChainingStrategy.HEAD);
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T extends StreamOperator<Purified>> T createStreamOperator(
            StreamOperatorParameters<Purified> parameters) {
        return (T) new PurifierOperator(parameters, setup, shards);
    }

    @Override
    @SuppressWarnings("rawtypes")
    public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
        return PurifierOperator.class;
    }
}
