package io.ebmstream.job.shards;

import io.ebmstream.job.state.StateRecords;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeutils.base.IntSerializer;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Averages what the shards of its key, a model, hand in: when all have handed in a round, the mean
 * in the order of their numbers, whatever the order of arrival. What comes twice is passed over.
 *
 * <p>State: the contributions of the round that is not complete, and the last average. After a
 * restore the last average goes out again, because learners that wait for it read its topic from
 * its end; whoever has adopted it passes it over.
 */
public final class AveragerOperator extends AbstractStreamOperator<Average>
        implements OneInputStreamOperator<Contribution, Average> {
    private static final long serialVersionUID = 1L;

    private static final String LAST = "averager-last";

    private final int shards;

    private transient MapState<Integer, Contribution> parts;
    private transient ValueState<Average> last;

    AveragerOperator(StreamOperatorParameters<Average> parameters, int shards) {
        super(parameters);
        this.shards = shards;
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        parts =
                context.getKeyedStateStore()
                        .getMapState(
                                new MapStateDescriptor<>(
                                        "averager-parts",
                                        IntSerializer.INSTANCE,
                                        StateRecords.of(Contribution.class)));
        last =
                context.getKeyedStateStore()
                        .getState(new ValueStateDescriptor<>(LAST, StateRecords.of(Average.class)));
    }

    @Override
    public void open() throws Exception {
        super.open();
        List<String> models;
        try (var keys = this.<String>getKeyedStateBackend().getKeys(LAST, VoidNamespace.INSTANCE)) {
            models = keys.sorted().toList();
        }
        if (!models.isEmpty()) {
            long now = getProcessingTimeService().getCurrentProcessingTime();
            getProcessingTimeService().registerTimer(now, time -> repeat(models));
        }
    }

    private void repeat(List<String> models) throws Exception {
        for (String model : models) {
            setCurrentKey(model);
            output.collect(new StreamRecord<>(last.value()));
        }
    }

    @Override
    public void processElement(StreamRecord<Contribution> element) throws Exception {
        Contribution part = element.getValue();
        Average before = last.value();
        long done = before == null ? 0 : before.round();
        if (part.shard() < 0 || part.shard() >= shards || part.round() > done + 1) {
            throw new IllegalStateException(
                    "expected round "
                            + (done + 1)
                            + " from shards 0 to "
                            + (shards - 1)
                            + ", found round "
                            + part.round()
                            + " from shard "
                            + part.shard()
                            + "; do learners and averager go on from the same checkpoint?");
        }
        if (part.round() <= done || parts.contains(part.shard())) {
            LOG.info(
                    "round {} of shard {} of {} came again",
                    part.round(),
                    part.shard(),
                    part.model());
            return;
        }
        parts.put(part.shard(), part);
        List<Contribution> all = new ArrayList<>();
        for (int shard = 0; shard < shards; shard++) {
            Contribution found = parts.get(shard);
            if (found == null) {
                return;
            }
            all.add(found);
        }
        Average average = Average.of(all);
        parts.clear();
        last.update(average);
        LOG.info(
                "round {} of {}: version {} from {} shards",
                average.round(),
                average.model(),
                average.version(),
                shards);
        output.collect(new StreamRecord<>(average));
    }
}
