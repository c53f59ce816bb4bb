package io.ebmstream.job.purify;

import io.ebmstream.job.decode.ImageEvent;
import io.ebmstream.ops.density.EnergyRange;
import io.ebmstream.ops.snapshot.ModelVersion;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;

/** A purifier with its first input keyed by stream. */
// the harness's close() throws Exception
@SuppressWarnings("try")
final class PurifierHarness extends AbstractStreamOperatorTestHarness<Purified> {
    static final int MAX_PARALLELISM = 16;

    PurifierHarness(PurifierSetup setup, int parallelism, int subtask) throws Exception {
        super(new PurifierOperatorFactory(setup), MAX_PARALLELISM, parallelism, subtask);
        KeySelector<ImageEvent, String> byStream = ImageEvent::streamId;
        config.setStatePartitioner(0, byStream);
        config.setStateKeySerializer(StringSerializer.INSTANCE);
        config.serializeAllConfigs();
    }

    void image(ImageEvent image) throws Exception {
        PurifierOperator purifier = (PurifierOperator) operator;
        StreamRecord<ImageEvent> record = new StreamRecord<>(image);
        purifier.setKeyContextElement1(record);
        purifier.processElement1(record);
    }

    void model(ModelVersion version, byte[] weights) throws Exception {
        model(version, weights, null);
    }

    void model(ModelVersion version, byte[] weights, double[] bankEnergies) throws Exception {
        model(version, weights, bankEnergies, null);
    }

    void model(ModelVersion version, byte[] weights, double[] bankEnergies, EnergyRange known)
            throws Exception {
        deliver(new ModelDelivery(0, version, weights, bankEnergies, known, null, null));
    }

    void deliver(ModelDelivery delivery) throws Exception {
        ((PurifierOperator) operator).processElement2(new StreamRecord<>(delivery));
    }

    void finish() throws Exception {
        operator.finish();
    }
}
