package io.ebmstream.job.lockstep;

import io.ebmstream.job.decode.ImageEvent;
import io.ebmstream.job.shards.RoundPlan;
import io.ebmstream.job.state.StateRecords;
import io.ebmstream.job.topology.EbmMetrics;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.io.AvailabilityProvider;
import org.apache.flink.runtime.io.network.api.writer.ResultPartitionWriter;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.tasks.mailbox.TaskMailbox;

/**
 * Puts partitions together by a rule on numbers: rank = number x partitions + partition, and images
 * leave by rank without a gap, whatever came first. A dead letter's place is passed over when its
 * turn comes. What is before its turn is keyed state.
 *
 * <p>Where there are several shards, each gets a mark among its images where a round is over
 * ({@link RoundPlan}). One order for all of them, not one for each: no shard can then be ahead of
 * another by more than a row of places, and one that waits for the others never holds their images
 * up.
 *
 * <p>Each key is an order of its own; a subtask has one. At the end of the input what is held
 * leaves by rank, without those that will not come.
 */
public final class MergeOperator extends AbstractStreamOperator<ImageEvent>
        implements OneInputStreamOperator<Numbered, ImageEvent> {
    private static final long serialVersionUID = 1L;

    /** How often a wait is told. */
    static final long PATIENCE_MILLIS = 30_000;

    private static final String NEXT = "lockstep-next";

    private final int partitions;

    /** Where marks go among the images; null for none. */
    private final RoundPlan rounds;

    private final transient StreamOperatorParameters<ImageEvent> parameters;
    private transient MailboxExecutor mails;
    private transient boolean resuming;

    private transient ValueState<Long> nextState;
    private transient MapState<Long, Numbered> held;
    private transient String key;
    private transient boolean timerSet;

    // read by metric reporters on their own threads
    private transient volatile long next;
    private transient volatile int holding;

    MergeOperator(
            StreamOperatorParameters<ImageEvent> parameters, int partitions, RoundPlan rounds) {
        super(parameters);
        this.parameters = parameters;
        this.partitions = partitions;
        this.rounds = rounds;
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        nextState =
                context.getKeyedStateStore().getState(new ValueStateDescriptor<>(NEXT, Types.LONG));
        held =
                context.getKeyedStateStore()
                        .getMapState(
                                new MapStateDescriptor<>(
                                        "lockstep-held",
                                        LongSerializer.INSTANCE,
                                        StateRecords.of(Numbered.class)));
    }

    @Override
    public void open() throws Exception {
        super.open();
        mails =
                parameters
                        .getContainingTask()
                        .getMailboxExecutorFactory()
                        .createExecutor(TaskMailbox.MIN_PRIORITY);
        MetricGroup metrics = EbmMetrics.group(getMetricGroup());
        EbmMetrics.gauge(metrics, EbmMetrics.LOCKSTEP_HELD, () -> holding);
        EbmMetrics.gauge(
                metrics,
                EbmMetrics.LOCKSTEP_WAITS_FOR_PARTITION,
                () -> holding == 0 ? -1 : next % partitions);
        EbmMetrics.gauge(
                metrics,
                EbmMetrics.LOCKSTEP_WAITS_FOR_NUMBER,
                () -> holding == 0 ? -1 : next / partitions);
        String saved;
        try (var keys = this.<String>getKeyedStateBackend().getKeys(NEXT, VoidNamespace.INSTANCE)) {
            saved = keys.findFirst().orElse(null);
        }
        if (saved != null) {
            setCurrentKey(saved);
            begin(saved);
        }
    }

    private void begin(String found) throws Exception {
        key = found;
        Long value = nextState.value();
        next = value == null ? 0 : value;
        // what is held is found again by this
        nextState.update(next);
        holding = 0;
        for (Long ignored : held.keys()) {
            holding++;
        }
        if (holding > 0) {
            setTimer();
            resume(CompletableFuture.completedFuture(null));
        }
    }

    @Override
    public void processElement(StreamRecord<Numbered> element) throws Exception {
        String current = (String) getCurrentKey();
        if (!current.equals(key)) {
            if (key != null) {
                throw new IllegalStateException(
                        "expected the order of " + key + " alone, found " + current + " too");
            }
            begin(current);
        }
        Numbered place = element.getValue();
        long rank = place.number() * partitions + place.partition();
        if (rank < next) {
            throw new IllegalStateException(
                    "expected number "
                            + next / partitions
                            + " or more of partition "
                            + place.partition()
                            + ", found "
                            + place.number()
                            + " again");
        }
        if (rank > next) {
            held.put(rank, place);
            holding++;
            setTimer();
        } else {
            leave(place);
            next++;
            nextState.update(next);
        }
        release();
    }

    /**
     * Lets those go whose turn it is, as long as there is room for them: an operator that blocks on
     * its output lets no barrier through, and learners may wait for a checkpoint to go on.
     */
    private void release() throws Exception {
        long before = next;
        while (holding > 0) {
            CompletableFuture<?> room = room();
            if (!room.isDone()) {
                resume(room);
                break;
            }
            Numbered following = held.get(next);
            if (following == null) {
                break;
            }
            held.remove(next);
            holding--;
            leave(following);
            next++;
        }
        if (next != before) {
            nextState.update(next);
        }
    }

    /** Goes on with {@link #release} once there is room. */
    private void resume(CompletableFuture<?> room) {
        if (!resuming) {
            resuming = true;
            room.thenRun(
                    () ->
                            mails.execute(
                                    () -> {
                                        resuming = false;
                                        setCurrentKey(key);
                                        release();
                                    },
                                    "images whose turn it is"));
        }
    }

    private CompletableFuture<?> room() {
        CompletableFuture<?> all = AvailabilityProvider.AVAILABLE;
        for (ResultPartitionWriter writer :
                parameters.getContainingTask().getEnvironment().getAllWriters()) {
            all = AvailabilityProvider.and(all, writer.getAvailableFuture());
        }
        return all;
    }

    private void leave(Numbered place) {
        hand(place);
        long places = place.number() * partitions + place.partition() + 1;
        if (rounds != null && places % partitions == 0 && rounds.endsAfter(places / partitions)) {
            for (int shard = 0; shard < rounds.shards(); shard++) {
                output.collect(new StreamRecord<>(ImageEvent.endOfRound(shard)));
            }
        }
    }

    private void hand(Numbered place) {
        if (place.image() != null) {
            output.collect(new StreamRecord<>(place.image()));
        }
    }

    private String waitsFor() {
        return holding == 0
                ? ""
                : "number " + next / partitions + " of partition " + next % partitions;
    }

    private void setTimer() {
        if (!timerSet) {
            timerSet = true;
            long from = next;
            long now = getProcessingTimeService().getCurrentProcessingTime();
            getProcessingTimeService()
                    .registerTimer(
                            now + PATIENCE_MILLIS,
                            time -> {
                                timerSet = false;
                                if (holding > 0) {
                                    tell(from);
                                    setTimer();
                                }
                            });
        }
    }

    private void tell(long from) {
        if (next == from) {
            LOG.warn(
                    "lockstep of {} waits for {} of {} partitions and holds {} records of the"
                            + " others; does every partition get images?",
                    key,
                    waitsFor(),
                    partitions,
                    holding);
        }
    }

    @Override
    public void finish() throws Exception {
        if (key != null) {
            setCurrentKey(key);
            TreeSet<Long> ranks = new TreeSet<>();
            held.keys().forEach(ranks::add);
            for (long rank : ranks) {
                hand(held.get(rank));
                next = rank + 1;
            }
            held.clear();
            holding = 0;
            nextState.update(next);
        }
        super.finish();
    }
}
