package io.ebmstream.job.learn;

import io.ebmstream.job.compute.ComputeChoice;
import io.ebmstream.job.control.ControlOrder;
import io.ebmstream.job.control.JobEvent;
import io.ebmstream.job.decode.ImageEvent;
import io.ebmstream.job.purify.ModelDelivery;
import io.ebmstream.job.shards.Average;
import io.ebmstream.job.shards.AverageFeed;
import io.ebmstream.job.shards.Contribution;
import io.ebmstream.job.slice.SliceScheduler;
import io.ebmstream.job.topology.EbmMetrics;
import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.gate.GateFinding;
import io.ebmstream.ops.guard.GuardAction;
import io.ebmstream.ops.guard.GuardRemedy;
import io.ebmstream.ops.guard.GuardedLearner;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.schemas.avro.ControlEventKind;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ScheduledFuture;
import java.util.stream.Stream;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.tasks.ProcessingTimeService;
import org.apache.flink.streaming.runtime.tasks.mailbox.TaskMailbox;
import org.apache.flink.util.OutputTag;

/**
 * Learns continually from the images of its key, (model, shard), and publishes versions.
 *
 * <p>An image is queued and taken in as soon as no update is in progress; updates are worked off in
 * slices between which barriers, timers and records come through. A full queue holds the input up,
 * not the barriers ({@link SliceScheduler#runUntil}). The operator must be the first of its chain.
 *
 * <p>The working set is off heap. A checkpoint writes the chunks that changed; one that falls into
 * an update holds the state before it, and a restored operator repeats the update with the same
 * bits. So the versions published are a function of the order of the images, the seed and the
 * configuration, whatever failed in between.
 *
 * <p>In lockstep each image is handed on as it is taken in, with the version published last: a
 * function of the images before it ({@link #TAKEN}).
 *
 * <p>Of several shards each learns for itself and hands in what it has learned at the end of a
 * round ({@link #CONTRIBUTIONS}); none publishes its own weights. The average of all comes back as
 * a mail; when a shard has adopted it, shard 0 publishes it.
 *
 * <p>At the end of the input the queue is worked off and the last weights are published.
 */
public class LearnerOperator extends AbstractStreamOperator<PublishedModel>
        implements OneInputStreamOperator<ImageEvent, PublishedModel> {
    private static final long serialVersionUID = 1L;

    /** One report for each update. */
    public static final OutputTag<UpdateReport> REPORTS =
            new OutputTag<>("update-reports", TypeInformation.of(UpdateReport.class));

    /** Every image as it is taken in, with the version that must purify it (lockstep). */
    public static final OutputTag<ImageEvent> TAKEN =
            new OutputTag<>("taken-images", TypeInformation.of(ImageEvent.class));

    /** What shards hand in at the end of a round, where there are several. */
    public static final OutputTag<Contribution> CONTRIBUTIONS =
            new OutputTag<>("contributions", TypeInformation.of(Contribution.class));

    /** What became of orders, and what was decided about versions. */
    public static final OutputTag<JobEvent> EVENTS =
            new OutputTag<>("events", TypeInformation.of(JobEvent.class));

    /** What purifiers must know beside published versions. */
    public static final OutputTag<ModelDelivery> DELIVERIES =
            new OutputTag<>("deliveries", TypeInformation.of(ModelDelivery.class));

    private final transient LearnerSetup setup;
    private final transient LearnerSharding sharding;
    private final transient StreamOperatorParameters<PublishedModel> parameters;

    private transient Executors.Choice compute;
    private transient ShardState state;
    private transient SliceScheduler slices;
    private transient TreeMap<String, LearnerShard> shards;
    private transient String turn;
    private transient boolean restored;
    private transient Counter updates;
    private transient Counter dropped;
    private transient Counter keptOut;
    private transient Map<GuardRemedy, Counter> guardActions;
    private transient Counter refused;
    private transient AutoCloseable feed;

    // read by metric reporters on their own threads
    private transient volatile UpdateReport last;
    private transient volatile ModelVersion published;
    private transient volatile int queued;
    private transient volatile int rollBacks;
    private transient volatile boolean frozen;
    private transient volatile double rateFactor = 1;

    LearnerOperator(
            StreamOperatorParameters<PublishedModel> parameters,
            LearnerSetup setup,
            LearnerSharding sharding) {
        super(parameters);
        this.parameters = parameters;
        this.setup = setup;
        this.sharding = sharding;
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        state = new ShardState(context.getKeyedStateStore(), sharding);
        restored = context.isRestored();
    }

    @Override
    public void open() throws Exception {
        super.open();
        shards = new TreeMap<>();
        turn = "";
        compute = setup.compute().choose(getRuntimeContext());
        LOG.info("learner {} computes with {}", setup.model(), ComputeChoice.label(compute));
        MetricGroup metrics = EbmMetrics.group(getMetricGroup());
        updates = EbmMetrics.counter(metrics, EbmMetrics.UPDATES);
        EbmMetrics.gauge(metrics, EbmMetrics.LAST_UPDATE, () -> last == null ? 0 : last.update());
        EbmMetrics.gauge(
                metrics,
                EbmMetrics.ENERGY_DIFFERENCE,
                () -> last == null ? Double.NaN : last.energyDifference());
        EbmMetrics.gauge(
                metrics,
                EbmMetrics.GRADIENT_MAGNITUDE,
                () -> last == null ? Double.NaN : last.gradientMagnitude());
        EbmMetrics.version(metrics, () -> published);
        EbmMetrics.gauge(metrics, EbmMetrics.QUEUE, () -> queued);
        dropped = EbmMetrics.counter(metrics, EbmMetrics.UPDATES_DROPPED);
        keptOut = EbmMetrics.counter(metrics, EbmMetrics.IMAGES_KEPT_OUT);
        guardActions = new EnumMap<>(GuardRemedy.class);
        for (GuardRemedy remedy : GuardRemedy.values()) {
            guardActions.put(
                    remedy, EbmMetrics.counter(metrics, EbmMetrics.GUARD_ACTIONS, remedy.label()));
        }
        refused = EbmMetrics.counter(metrics, EbmMetrics.VERSIONS_REFUSED);
        EbmMetrics.gauge(metrics, EbmMetrics.ROLL_BACKS, () -> rollBacks);
        EbmMetrics.gauge(metrics, EbmMetrics.LEARNING_FROZEN, () -> frozen ? 1 : 0);
        EbmMetrics.gauge(metrics, EbmMetrics.GUARD_RATE_FACTOR, () -> rateFactor);
        EbmMetrics.compute(metrics, compute);
        slices =
                new SliceScheduler(
                        parameters.getContainingTask(),
                        "learner " + setup.model(),
                        this::slice,
                        setup.slice(),
                        EbmMetrics.histogram(metrics, EbmMetrics.SLICE_MILLIS));
        if (sharding != null) {
            feed = sharding.feed().open(averages());
        }
        if (restored) {
            for (String key : savedKeys()) {
                LearnerShard shard = shard(key);
                published = shard.progress().version();
                show(shard.learner());
            }
            queued = waiting();
            if (busy()) {
                slices.wake();
            }
        }
    }

    private List<String> savedKeys() {
        try (Stream<String> keys =
                this.<String>getKeyedStateBackend()
                        .getKeys(ShardState.CORE, VoidNamespace.INSTANCE)) {
            // collected first: reading state moves the current key under an open stream
            return keys.sorted().toList();
        }
    }

    private LearnerShard shard(String key) throws Exception {
        LearnerShard shard = shards.get(key);
        if (shard == null) {
            setCurrentKey(key);
            shard = state.read(key, setup, compute);
            shards.put(key, shard);
        }
        return shard;
    }

    @Override
    public void processElement(StreamRecord<ImageEvent> element) throws Exception {
        LearnerShard shard = shard((String) getCurrentKey());
        shard.queue().add(element.getValue());
        queued = waiting();
        slices.wake();
        while (!shard.hasRoom()) {
            if (shard.held()) {
                waitForAverage(shard);
            } else {
                slices.runUntil(() -> shard.hasRoom() || shard.held());
            }
        }
    }

    /** Waits for room, but not for good ({@link LearnerSharding#patience}). */
    private void waitForAverage(LearnerShard shard) throws InterruptedException {
        ProcessingTimeService clock = getProcessingTimeService();
        ScheduledFuture<?> timer =
                clock.registerTimer(
                        clock.getCurrentProcessingTime() + sharding.patience().toMillis(),
                        time -> shard.addRoom());
        try {
            slices.runUntil(() -> shard.hasRoom() || !shard.held(), shard::held);
        } finally {
            timer.cancel(false);
        }
    }

    /** Takes an order to the shard of the current key; it is carried out between two updates. */
    final void take(ControlOrder order) throws Exception {
        LearnerShard shard = shard((String) getCurrentKey());
        shard.orders().waiting().add(order);
        slices.wake();
        slices.runUntil(() -> shard.orders().waiting().size() < ShardOrders.QUEUE);
    }

    private boolean slice(long budgetNanos) {
        Optional<LearnerShard> turns = next();
        turns.ifPresent(shard -> work(shard, budgetNanos));
        turns.map(LearnerShard::handIn)
                .ifPresent(part -> output.collect(CONTRIBUTIONS, new StreamRecord<>(part)));
        queued = waiting();
        return busy();
    }

    private void work(LearnerShard shard, long budgetNanos) {
        if (!shard.learner().updating()) {
            shard.orders().carryOut(shard, hands);
        }
        int before = shard.keptOut();
        boolean complete = shard.work(budgetNanos, image -> taken(shard, image));
        keptOut.inc(shard.keptOut() - before);
        if (complete) {
            completed(shard);
        }
    }

    private void taken(LearnerShard shard, ImageEvent image) {
        if (setup.extras().handsOn()) {
            output.collect(TAKEN, new StreamRecord<>(image.withVersion(shard.version())));
        }
    }

    /** Busy shards take turns. */
    private Optional<LearnerShard> next() {
        Optional<LearnerShard> next =
                Stream.concat(
                                shards.tailMap(turn, false).values().stream(),
                                shards.headMap(turn, true).values().stream())
                        .filter(LearnerShard::busy)
                        .findFirst();
        next.ifPresent(shard -> turn = shard.key());
        return next;
    }

    /** Brings the rails' metrics up to date. */
    private void show(GuardedLearner learner) {
        rollBacks = learner.guard().rollBacks();
        frozen = learner.frozen();
        rateFactor = learner.guard().adjustments().rateFactor();
    }

    private void act(LearnerShard shard) {
        for (GuardAction action : shard.learner().actions()) {
            guardActions.get(action.remedy()).inc();
            LOG.warn("learner {}: {}", shard.key(), action);
        }
        if (!shard.learner().lastUpdate().applied()) {
            dropped.inc();
        }
        show(shard.learner());
    }

    private void completed(LearnerShard shard) {
        updates.inc();
        act(shard);
        boolean wanted = shard.publicationDue();
        Optional<GateFinding> refusal = wanted ? shard.examine() : Optional.empty();
        boolean due = wanted && refusal.isEmpty();
        last =
                shard.report(
                        due ? shard.nextVersion() : null,
                        getRuntimeContext().getTaskInfo().getAttemptNumber(),
                        restored);
        restored = false;
        output.collect(REPORTS, new StreamRecord<>(last));
        if (due) {
            publish(shard);
        }
        refusal.ifPresent(finding -> refuse(shard, finding));
    }

    /** The last good version goes on serving; after some refusals in a row learning goes back. */
    private void refuse(LearnerShard shard, GateFinding finding) {
        refused.inc();
        ModelVersion before = shard.version();
        String text = finding.check().label() + ": " + finding.text();
        LOG.warn("learner {}: version after {} refused: {}", shard.key(), before, text);
        hands.event(
                shard.event(
                        ControlEventKind.VERSION_REFUSED, null, before, finding, finding.text()));
        KeptModel last = shard.orders().last();
        if (shard.gate().refused() && last != null) {
            int refusals = shard.gate().refusals();
            hands.rollBack(shard, last);
            hands.event(
                    shard.event(
                            ControlEventKind.ROLLED_BACK,
                            null,
                            before,
                            null,
                            refusals
                                    + " versions in a row refused; rolled back to version "
                                    + last.version()));
        }
    }

    private void publish(LearnerShard shard) {
        publish(shard, shard.publish());
    }

    private void publish(LearnerShard shard, PublishedModel model) {
        published = model.version();
        LOG.info(
                "learner {} published version {} after {} updates",
                shard.key(),
                published,
                model.updates());
        output.collect(new StreamRecord<>(model));
    }

    /** Takes averages from their feed's thread to the task's. */
    private AverageFeed.Sink averages() {
        MailboxExecutor mails =
                parameters
                        .getContainingTask()
                        .getMailboxExecutorFactory()
                        .createExecutor(TaskMailbox.MIN_PRIORITY);
        return new AverageFeed.Sink() {
            @Override
            public void average(Average average) {
                if (average.model().equals(setup.model())) {
                    mails.execute(() -> adopt(average), "average of round %s", average.round());
                }
            }

            @Override
            public void failed(Exception cause) {
                mails.execute(
                        () -> {
                            throw new IllegalStateException(
                                    "the averages cannot be read: " + cause.getMessage(), cause);
                        },
                        "end of the averages");
            }
        };
    }

    private void adopt(Average average) {
        for (LearnerShard shard : shards.values()) {
            PublishedModel model = shard.adopt(average);
            if (model != null) {
                publish(shard, model);
            }
        }
        if (busy()) {
            slices.wake();
        }
    }

    /** What orders need. */
    private final transient ShardOrders.Hands hands =
            new ShardOrders.Hands() {
                @Override
                public Optional<GateFinding> publish(LearnerShard shard) {
                    Optional<GateFinding> refusal = shard.examine();
                    if (refusal.isPresent()) {
                        refused.inc();
                    } else {
                        LearnerOperator.this.publish(shard);
                    }
                    return refusal;
                }

                @Override
                public void rollBack(LearnerShard shard, KeptModel to) {
                    shard.goBack(to);
                    show(shard.learner());
                    LearnerOperator.this.publish(shard);
                }

                @Override
                public void deliver(ModelDelivery delivery) {
                    output.collect(DELIVERIES, new StreamRecord<>(delivery));
                }

                @Override
                public void event(JobEvent event) {
                    LOG.info("learner {}: {}", event.model(), event);
                    output.collect(EVENTS, new StreamRecord<>(event));
                }
            };

    private boolean busy() {
        return shards.values().stream().anyMatch(LearnerShard::busy);
    }

    private int waiting() {
        return shards.values().stream().mapToInt(shard -> shard.queue().size()).sum();
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        super.snapshotState(context);
        for (LearnerShard shard : shards.values()) {
            setCurrentKey(shard.key());
            state.write(shard);
        }
    }

    @Override
    public void finish() throws Exception {
        if (busy()) {
            slices.wake();
        }
        slices.runUntil(() -> !busy());
        for (LearnerShard shard : shards.values()) {
            shard.pass(image -> taken(shard, image));
            if (shard.unpublished() && shard.orders().learning() != OrdersSaved.Learning.FROZEN) {
                shard.examine()
                        .ifPresentOrElse(finding -> refuse(shard, finding), () -> publish(shard));
            }
        }
        super.finish();
    }

    @Override
    public void close() throws Exception {
        if (feed != null) {
            feed.close();
            feed = null;
        }
        if (shards != null) {
            shards.values().forEach(LearnerShard::close);
            shards.clear();
        }
        super.close();
    }
}
