package io.ebmstream.job.purify;

import io.ebmstream.job.compute.ComputeChoice;
import io.ebmstream.job.compute.FloatBytes;
import io.ebmstream.job.config.InitialModel;
import io.ebmstream.job.control.StandingOrders;
import io.ebmstream.job.decode.DeadLetter;
import io.ebmstream.job.decode.ImageEvent;
import io.ebmstream.job.slice.SliceScheduler;
import io.ebmstream.job.state.StateRecords;
import io.ebmstream.job.topology.EbmMetrics;
import io.ebmstream.ops.classifier.Classifier;
import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.density.EnergyCalibration;
import io.ebmstream.ops.density.EnergyRange;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.snapshot.ModelVersion;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.util.OutputTag;

/**
 * Purifies the images of its streams with the model version that arrived last, or in lockstep with
 * the one that an image names, for which it waits; images with latents are refined instead where
 * the job has a generator ({@link ImageSampler}).
 *
 * <p>Images wait until a micro-batch is full or the first has waited long enough, then run their
 * Langevin steps in slices. Images that wait or are in flight are keyed state of their stream, with
 * chain pixels, step and version: after a failure or rescaling a chain goes on from the step that
 * the checkpoint saw, with the weights it began with, and gives the same bytes. Weights that are
 * still needed are operator state.
 *
 * <p>A run may end before its last step ({@link PurifierSetup#stopRule}), at a level of the energy
 * that belongs to the version; the level is state beside the weights.
 *
 * <p>Where images back up they may be given fewer steps ({@link AdaptiveSteps}): K belongs to an
 * image once its chain has begun.
 *
 * <p>Where images are classified ({@link PurifierSetup#classify}), a micro-batch's purified images
 * wait for the votes of further purifications ({@link ReplicateVotes}); refined ones are not
 * classified. A checkpoint in between holds them as purified: after a failure the votes are taken
 * again, with the same bits.
 *
 * <p>A full queue holds the input up, not the barriers ({@link SliceScheduler#runUntil}). The
 * operator must be the first of its chain, and its inputs neither broadcast nor pointwise ({@link
 * ModelAddresser}).
 */
public final class PurifierOperator extends AbstractStreamOperator<Purified>
        implements TwoInputStreamOperator<ImageEvent, ModelDelivery, Purified> {
    private static final long serialVersionUID = 1L;

    /** Images whose chain did not stay finite. */
    public static final OutputTag<DeadLetter> DEAD_LETTERS =
            new OutputTag<>("lost-chains", TypeInformation.of(DeadLetter.class));

    private static final String PENDING = "purifier-pending";
    private static final String MODELS = "purifier-models";
    private static final String ORDERS = "purifier-orders";

    private final transient PurifierSetup setup;
    private final transient StreamOperatorParameters<Purified> parameters;

    private transient ListState<PendingImage> pendingState;
    private transient ListState<ModelStore.Model> modelState;
    private transient ListState<StandingOrders> orderState;
    private transient Executors.Choice compute;
    private transient ModelStore models;
    private transient StandingOrders orders;
    private transient ImageSampler sampler;

    /** K where images do not back up and no order says another. */
    private transient int configured;

    private transient ModelVersion loaded;
    private transient SliceScheduler slices;
    private transient Counter purified;
    private transient Counter refined;
    private transient Counter dead;
    private transient Counter classified;
    private transient Counter fewerSteps;
    private transient Counter flagged;
    private transient Histogram steps;

    /** Images whose chains had begun when a checkpoint was taken that this task came from. */
    private transient ArrayDeque<PendingImage> resumed;

    private transient ArrayDeque<ImageEvent> waiting;

    /** Images at the head of {@code waiting} that need not wait for a full micro-batch. */
    private transient int due;

    private transient boolean timerSet;
    private transient boolean draining;

    private transient SampledBatch run;

    /** Null where images are not classified. */
    private transient Classifier classifier;

    private transient String classifierHash;
    private transient ReplicateVotes votes;

    /** Images whose vote is in progress, as a checkpoint holds them. */
    private transient List<PendingImage> voting;

    /** Streams that keyed state holds images of. */
    private transient Set<String> storedKeys;

    private transient boolean restored;

    /** Versions that images were told to be purified by (lockstep). */
    private final transient ToldVersions told;

    /** Whether what was in flight at a restore may still come, in any order. */
    private transient boolean recovering;

    // read by metric reporters on their own threads
    private transient volatile int queued;
    private transient volatile ModelVersion latest;

    PurifierOperator(
            StreamOperatorParameters<Purified> parameters, PurifierSetup setup, int shards) {
        super(parameters);
        this.parameters = parameters;
        this.setup = setup;
        this.told = new ToldVersions(shards);
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        pendingState =
                context.getKeyedStateStore()
                        .getListState(
                                new ListStateDescriptor<>(
                                        PENDING, StateRecords.of(PendingImage.class)));
        modelState =
                context.getOperatorStateStore()
                        .getUnionListState(
                                new ListStateDescriptor<>(
                                        MODELS, StateRecords.of(ModelStore.Model.class)));
        orderState =
                context.getOperatorStateStore()
                        .getUnionListState(
                                new ListStateDescriptor<>(
                                        ORDERS, StateRecords.of(StandingOrders.class)));
        restored = context.isRestored();
    }

    @Override
    public void open() throws Exception {
        super.open();
        compute = setup.compute().choose(getRuntimeContext());
        Network network = setup.network().get();
        sampler = new ImageSampler(setup, network, compute);
        configured = sampler.purifier().config().steps();
        models = new ModelStore(network, setup.modelSeed());
        orders = StandingOrders.NONE;
        voting = new ArrayList<>();
        if (setup.classify() != null) {
            classifier = setup.classify().source().open(network.input(), compute.executor());
            classifierHash = setup.classify().source().hash();
        }
        resumed = new ArrayDeque<>();
        waiting = new ArrayDeque<>();
        storedKeys = new HashSet<>();
        LOG.info("purifier {} computes with {}", setup.model(), ComputeChoice.label(compute));
        MetricGroup metrics = EbmMetrics.group(getMetricGroup());
        purified = EbmMetrics.counter(metrics, EbmMetrics.IMAGES_PURIFIED);
        refined = EbmMetrics.counter(metrics, EbmMetrics.IMAGES_REFINED);
        classified = EbmMetrics.counter(metrics, EbmMetrics.IMAGES_CLASSIFIED);
        fewerSteps = EbmMetrics.counter(metrics, EbmMetrics.IMAGES_FEWER_STEPS);
        flagged = EbmMetrics.counter(metrics, EbmMetrics.IMAGES_FLAGGED);
        dead = EbmMetrics.counter(metrics, EbmMetrics.DEAD_LETTERS);
        steps = EbmMetrics.histogram(metrics, EbmMetrics.STEPS);
        EbmMetrics.gauge(metrics, EbmMetrics.QUEUE, () -> queued);
        EbmMetrics.version(metrics, () -> latest);
        EbmMetrics.compute(metrics, compute);
        slices =
                new SliceScheduler(
                        parameters.getContainingTask(),
                        "purifier " + setup.model(),
                        this::slice,
                        setup.slice(),
                        EbmMetrics.histogram(metrics, EbmMetrics.SLICE_MILLIS));
        if (restored) {
            restore();
        } else {
            InitialModel initial = setup.initial().get();
            if (initial != null) {
                models.add(
                        new ModelStore.Model(
                                initial.version(),
                                FloatBytes.toBytes(initial.weights()),
                                null,
                                null,
                                null));
                latest = models.latest();
            }
        }
    }

    private void restore() throws Exception {
        for (ModelStore.Model model : modelState.get()) {
            models.add(model);
        }
        for (StandingOrders saved : orderState.get()) {
            keepTo(saved);
        }
        List<String> keys;
        try (Stream<String> saved =
                this.<String>getKeyedStateBackend().getKeys(PENDING, VoidNamespace.INSTANCE)) {
            keys = saved.sorted().toList();
        }
        for (String key : keys) {
            setCurrentKey(key);
            storedKeys.add(key);
            for (PendingImage image : pendingState.get()) {
                if (image.started()) {
                    resumed.add(image);
                } else {
                    waiting.add(image.image());
                }
            }
        }
        recovering = true;
        waiting.forEach(this::tell);
        // those of one version follow one another, as they came
        List<ImageEvent> ordered = new ArrayList<>(waiting);
        ordered.sort(
                Comparator.comparing(
                        ImageEvent::version, Comparator.nullsFirst(Comparator.naturalOrder())));
        waiting = new ArrayDeque<>(ordered);
        forgetModels();
        // what has waited since before the failure waits no longer
        due = waiting.size();
        if (ready()) {
            slices.wake();
        }
    }

    @Override
    public void processElement1(StreamRecord<ImageEvent> element) throws Exception {
        waiting.add(element.getValue());
        tell(element.getValue());
        queued = size();
        if (ready()) {
            slices.wake();
        } else {
            setTimer();
        }
        // where all wait for a version that is on its way, it must be let in
        slices.runUntil(() -> size() < setup.queue() || !ready());
    }

    private void tell(ImageEvent image) {
        if (told.tell(image)) {
            forgetModels();
        }
    }

    @Override
    public void processElement2(StreamRecord<ModelDelivery> element) {
        ModelDelivery model = element.getValue();
        if (model.weights() != null) {
            models.add(
                    new ModelStore.Model(
                            model.version(),
                            model.weights(),
                            model.bankEnergies(),
                            model.known(),
                            model.anchors()));
        }
        if (model.orders() != null) {
            keepTo(model.orders());
        }
        forgetModels();
        if (ready()) {
            slices.wake();
        }
    }

    private void keepTo(StandingOrders given) {
        if (given.number() > orders.number()) {
            orders = given;
        }
    }

    /** Version of an image that names none. */
    private ModelVersion current() {
        return orders.pinned() != null && models.has(orders.pinned())
                ? orders.pinned()
                : models.latest();
    }

    private void setTimer() {
        if (!timerSet) {
            timerSet = true;
            long now = getProcessingTimeService().getCurrentProcessingTime();
            getProcessingTimeService()
                    .registerTimer(
                            now + setup.maxDelay().toMillis(),
                            time -> {
                                timerSet = false;
                                due = waiting.size();
                                if (ready()) {
                                    slices.wake();
                                }
                            });
        }
    }

    /** Images that wait or are in flight. */
    private int size() {
        return waiting.size() + resumed.size() + (run == null ? 0 : run.size()) + voting.size();
    }

    /** Whether there is something to compute now. */
    private boolean ready() {
        return run != null
                || votes != null
                || !resumed.isEmpty()
                || (waiting.size() >= setup.batch() || due > 0 || (draining && !waiting.isEmpty()))
                        && hasVersion(waiting.peek());
    }

    private boolean hasVersion(ImageEvent image) {
        return image.version() == null || models.has(image.version());
    }

    private boolean slice(long budgetNanos) {
        if (run == null && votes == null && ready()) {
            begin();
        }
        if (votes != null) {
            if (votes.advance(budgetNanos)) {
                count();
            }
        } else if (run != null && run.advance(budgetNanos)) {
            complete();
        }
        queued = size();
        if (ready()) {
            return true;
        }
        if (!waiting.isEmpty()) {
            setTimer();
        }
        return false;
    }

    private void begin() {
        List<PendingImage> batch = new ArrayList<>();
        ModelVersion version;
        int k;
        int most = orders.steps() == null || setup.lockstep() ? configured : orders.steps();
        if (resumed.isEmpty()) {
            ModelVersion given = waiting.peek().version();
            version = given == null ? current() : given;
            k = setup.adaptive() == null ? most : setup.adaptive().steps(most, waiting.size());
            while (batch.size() < setup.batch()
                    && !waiting.isEmpty()
                    && Objects.equals(waiting.peek().version(), given)) {
                batch.add(PendingImage.waiting(waiting.poll()));
            }
            due = Math.max(0, due - batch.size());
            fewerSteps.inc(k < most ? batch.size() : 0);
        } else {
            version = resumed.peek().version();
            int begunWith = resumed.peek().steps();
            k = begunWith == 0 ? configured : begunWith;
            while (batch.size() < setup.batch()
                    && !resumed.isEmpty()
                    && resumed.peek().version().equals(version)
                    && resumed.peek().steps() == begunWith) {
                batch.add(resumed.poll());
            }
        }
        if (!version.equals(loaded)) {
            sampler.setModel(models.weights(version), models.bankEnergies(version));
            loaded = version;
        }
        sampler.setSteps(k);
        run = sampler.start(batch, version);
    }

    private void complete() {
        List<Purified> toClassify = new ArrayList<>();
        for (int i = 0; i < run.size(); i++) {
            try {
                Purified result = flagged(placed(run.result(i)));
                (run.refined(i) ? refined : purified).inc();
                steps.update(result.steps());
                if (classifier == null || run.refined(i)) {
                    output.collect(new StreamRecord<>(result));
                } else {
                    toClassify.add(result);
                    voting.add(run.progress(i));
                }
            } catch (IllegalStateException e) {
                // of a finished batch only an image whose chain is not finite says so
                dead.inc();
                output.collect(
                        DEAD_LETTERS,
                        new StreamRecord<>(LostChains.letter(run.image(i), loaded, e)));
            }
        }
        run.close();
        run = null;
        if (!toClassify.isEmpty()) {
            votes =
                    new ReplicateVotes(
                            sampler.purifier(),
                            classifier,
                            setup.classify(),
                            classifierHash,
                            toClassify,
                            setup.batch());
        }
        forgetModels();
    }

    /** Its energy on the scale of all versions, and against the version's own chains. */
    private Purified placed(Purified result) {
        EnergyCalibration anchors = models.anchors(loaded);
        double[] chains = models.bankEnergies(loaded);
        double energy = result.energyBefore();
        return result.withPlace(
                anchors == null ? null : anchors.calibrate(energy),
                chains.length == 0 ? null : energy - Arrays.stream(chains).average().orElseThrow());
    }

    private Purified flagged(Purified result) {
        EnergyRange known = models.known(loaded);
        if (result.image().latent() != null
                || !known.outside(result.energyBefore(), setup.outlierDeviations())) {
            return result;
        }
        flagged.inc();
        return result.withOutlier(known.deviation(result.energyBefore()));
    }

    /** All images of a batch have voted. */
    private void count() {
        for (int i = 0; i < votes.size(); i++) {
            Purified result = votes.result(i);
            if (result.classified() != null) {
                classified.inc();
            }
            output.collect(new StreamRecord<>(result));
        }
        votes.close();
        votes = null;
        voting.clear();
        forgetModels();
    }

    private void forgetModels() {
        Set<ModelVersion> needed = new HashSet<>();
        if (orders.pinned() != null) {
            needed.add(orders.pinned());
        }
        resumed.forEach(image -> needed.add(image.version()));
        if (run != null || votes != null) {
            needed.add(loaded);
        }
        if (!setup.lockstep()) {
            models.retain(needed);
        } else if (!recovering) {
            ModelVersion lowest = told.lowest(models.versions());
            if (lowest != null) {
                waiting.forEach(image -> needed.add(image.version()));
                models.retainFrom(lowest, needed);
            }
        }
        latest = current();
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        super.snapshotState(context);
        // a task takes no checkpoint before all that was in flight has come
        recovering = false;
        modelState.update(models.models());
        orderState.update(List.of(orders));
        Map<String, List<PendingImage>> byStream = new HashMap<>();
        storedKeys.forEach(key -> byStream.put(key, new ArrayList<>()));
        if (run != null) {
            for (int i = 0; i < run.size(); i++) {
                pend(byStream, run.progress(i));
            }
        }
        voting.forEach(image -> pend(byStream, image));
        resumed.forEach(image -> pend(byStream, image));
        waiting.forEach(image -> pend(byStream, PendingImage.waiting(image)));
        storedKeys.clear();
        for (Map.Entry<String, List<PendingImage>> entry : byStream.entrySet()) {
            setCurrentKey(entry.getKey());
            pendingState.update(entry.getValue());
            if (!entry.getValue().isEmpty()) {
                storedKeys.add(entry.getKey());
            }
        }
    }

    private static void pend(Map<String, List<PendingImage>> byStream, PendingImage image) {
        byStream.computeIfAbsent(image.image().streamId(), key -> new ArrayList<>()).add(image);
    }

    @Override
    public void finish() throws Exception {
        draining = true;
        if (ready()) {
            slices.wake();
        }
        slices.runUntil(() -> size() == 0);
        super.finish();
    }

    @Override
    public void close() throws Exception {
        if (run != null) {
            run.close();
            run = null;
        }
        if (votes != null) {
            votes.close();
            votes = null;
        }
        if (classifier != null) {
            classifier.close();
            classifier = null;
        }
        if (sampler != null) {
            sampler.close();
            sampler = null;
        }
        super.close();
    }
}
