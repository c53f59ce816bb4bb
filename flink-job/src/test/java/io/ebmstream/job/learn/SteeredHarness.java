package io.ebmstream.job.learn;

import io.ebmstream.job.Mails;
import io.ebmstream.job.TestModels;
import io.ebmstream.job.control.ControlOrder;
import io.ebmstream.job.control.JobEvent;
import io.ebmstream.job.decode.ImageEvent;
import io.ebmstream.job.purify.ModelDelivery;
import io.ebmstream.ops.guard.GuardConfig;
import io.ebmstream.ops.learner.LearnerConfig;
import io.ebmstream.ops.learner.LearnerWeights;
import io.ebmstream.ops.learner.Schedule;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.schemas.avro.ControlKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.flink.util.OutputTag;

/** A learner that takes orders, both inputs keyed by its one shard. */
// the harness's close() throws Exception
@SuppressWarnings("try")
final class SteeredHarness extends AbstractStreamOperatorTestHarness<PublishedModel> {
    static final int WARMUP = 8;

    private static final String SHARD = "default/0";

    /** The first update comes with the last image of the warm-up, then one with every image. */
    static LearnerSetup setup(int publishEvery) {
        return new LearnerSetup(
                "default",
                SteeredHarness::config,
                () -> GuardConfig.DATA_STARTS.withWindows(20, 20).withRollBacks(2, 2, 3),
                LearnerWeights::random,
                TestModels.REFERENCE,
                publishEvery,
                0,
                1000,
                Duration.ofNanos(1));
    }

    private static LearnerConfig config() {
        return LearnerConfig.builder(TestModels.network())
                .langevin(LangevinConfig.of(1e-2, 1e-3))
                .learningRate(Schedule.constant(1e-4))
                .steps(2)
                .batch(4)
                .part(4)
                .bankSize(20)
                .replayCapacity(40)
                .warmupImages(WARMUP)
                .imagesPerUpdate(1)
                .build();
    }

    SteeredHarness(LearnerSetup setup) throws Exception {
        super(new SteeredLearnerFactory(setup), 16, 1, 0);
        KeySelector<ImageEvent, String> images = image -> SHARD;
        KeySelector<ControlOrder, String> orders = order -> SHARD;
        config.setStatePartitioner(0, images);
        config.setStatePartitioner(1, orders);
        config.setStateKeySerializer(StringSerializer.INSTANCE);
        config.serializeAllConfigs();
    }

    /** Feeds images {@code from} to {@code to}, each worked off before the next. */
    void images(int from, int to) throws Exception {
        for (int i = from; i < to; i++) {
            image(i);
            Mails.runAll(this);
        }
    }

    /** Feeds an image and does no work. */
    void image(int i) throws Exception {
        SteeredLearner learner = (SteeredLearner) operator;
        StreamRecord<ImageEvent> record = new StreamRecord<>(TestModels.image(i, "stream"));
        learner.setKeyContextElement1(record);
        learner.processElement1(record);
    }

    /** Gives an order and works it off; its answer. */
    JobEvent order(ControlOrder order) throws Exception {
        take(order);
        Mails.runAll(this);
        List<JobEvent> events = events();
        return events.get(events.size() - 1);
    }

    JobEvent order(String id, ControlKind kind) throws Exception {
        return order(id, kind, null);
    }

    JobEvent order(String id, ControlKind kind, ModelVersion target) throws Exception {
        return order(new ControlOrder(id, "default", kind, target, null, ""));
    }

    /** Gives an order and does no work. */
    void take(ControlOrder order) throws Exception {
        SteeredLearner learner = (SteeredLearner) operator;
        StreamRecord<ControlOrder> record = new StreamRecord<>(order);
        learner.setKeyContextElement2(record);
        learner.processElement2(record);
    }

    List<PublishedModel> models() {
        return extractOutputValues();
    }

    List<ModelVersion> versions() {
        return models().stream().map(PublishedModel::version).toList();
    }

    List<JobEvent> events() {
        return side(LearnerOperator.EVENTS);
    }

    List<ModelDelivery> deliveries() {
        return side(LearnerOperator.DELIVERIES);
    }

    List<UpdateReport> reports() {
        return side(LearnerOperator.REPORTS);
    }

    private <T> List<T> side(OutputTag<T> tag) {
        List<T> values = new ArrayList<>();
        Queue<StreamRecord<T>> found = getSideOutput(tag);
        if (found != null) {
            found.forEach(record -> values.add(record.getValue()));
        }
        return values;
    }
}
