package io.ebmstream.job.learn;

import io.ebmstream.job.control.ControlOrder;
import io.ebmstream.job.decode.ImageEvent;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/** A learner that takes orders on a second input, keyed as its images are. */
public final class SteeredLearner extends LearnerOperator
        implements TwoInputStreamOperator<ImageEvent, ControlOrder, PublishedModel> {
    private static final long serialVersionUID = 1L;

    SteeredLearner(StreamOperatorParameters<PublishedModel> parameters, LearnerSetup setup) {
        super(parameters, setup, null);
    }

    @Override
    public void processElement1(StreamRecord<ImageEvent> element) throws Exception {
        processElement(element);
    }

    @Override
    public void processElement2(StreamRecord<ControlOrder> element) throws Exception {
        take(element.getValue());
    }
}
