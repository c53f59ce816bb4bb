package io.ebmstream.job.learn;

import io.ebmstream.job.compute.ComputeChoice;
import io.ebmstream.job.compute.FloatBytes;
import io.ebmstream.job.control.ControlOrder;
import io.ebmstream.job.control.JobEvent;
import io.ebmstream.job.decode.ImageEvent;
import io.ebmstream.job.shards.Average;
import io.ebmstream.job.shards.Contribution;
import io.ebmstream.job.shards.ShardLayout;
import io.ebmstream.ops.bank.PersistentBank;
import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.density.EnergyRange;
import io.ebmstream.ops.diagnostics.BankAges;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.gate.GateFinding;
import io.ebmstream.ops.guard.GuardedLearner;
import io.ebmstream.ops.image.Image;
import io.ebmstream.ops.image.ImageGrid;
import io.ebmstream.ops.learner.LearnerWeights;
import io.ebmstream.ops.learner.MaximumLikelihoodLearner;
import io.ebmstream.ops.learner.ModelEvaluation;
import io.ebmstream.ops.learner.UpdateInfo;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.ops.state.StateChanges;
import io.ebmstream.ops.weights.ModelFile;
import io.ebmstream.schemas.avro.ControlEventKind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The working set of one shard: the learner, the images that wait for it, the version it published
 * last and how far it has read. Lives off heap and on heap; {@link ShardState} keeps it in keyed
 * state. Not thread-safe. Close it.
 */
final class LearnerShard implements AutoCloseable {
    /** Chains in a version's picture, and how many times a pixel is enlarged. */
    private static final int SAMPLES = 64;

    private static final int SAMPLE_SCALE = 2;

    private final String key;
    private final int number;
    private final LearnerSetup setup;
    private final Executors.Choice compute;
    private final GuardedLearner guarded;
    private final MaximumLikelihoodLearner learner;
    private final ArrayDeque<ImageEvent> queue = new ArrayDeque<>();
    private final TreeMap<String, Long> offsets = new TreeMap<>();
    private final StateChanges changes = new StateChanges();
    private final ShardOrders orders;

    /** Null where versions are not examined. */
    private final ShardGate gate;

    /** What the weights of now make of anchors and chains, where that was just asked. */
    private ModelEvaluation examined;

    /** Versions published, by the updates that they went through, back to the oldest kept state. */
    private final TreeMap<Long, ModelVersion> versions = new TreeMap<>();

    /** Null where this shard is the only one. */
    private ShardRounds rounds;

    private ModelVersion version = ModelVersion.INITIAL;

    /** Version that an order went back to, until it is published anew. */
    private ModelVersion wentBackTo;

    private long publishedUpdates;
    private int extraRoom;
    private long eventTime;

    /**
     * Where energies of known images lie under the present weights, where images may be kept out.
     */
    private EnergyRange known = EnergyRange.UNKNOWN;

    /** Images kept out since the last report. */
    private int keptOut;

    LearnerShard(String key, LearnerSetup setup, Executors.Choice compute, GuardedLearner guarded) {
        this.key = key;
        this.number = ShardLayout.number(key);
        this.setup = setup;
        this.compute = compute;
        this.guarded = guarded;
        this.learner = guarded.learner();
        GateSetup examination = setup.extras().gate();
        int gates = examination == null ? 0 : 1;
        this.orders = new ShardOrders(setup.model(), setup.extras().control(), gates);
        this.gate = examination == null ? null : new ShardGate(examination, compute);
    }

    /** Makes it one of several, which average what they learn. */
    void share(ShardRounds among) {
        rounds = among;
    }

    /** Its rounds, or null where this shard is the only one. */
    ShardRounds rounds() {
        return rounds;
    }

    /** Says which version a new learner's weights are. */
    void begin(ModelVersion start) {
        version = start;
        versions.put(0L, start);
    }

    /** Takes over what was saved beside the learner. */
    void restore(
            Progress progress,
            Map<Long, ModelVersion> published,
            Map<String, Long> read,
            Iterable<ImageEvent> waiting) {
        version = progress.version();
        publishedUpdates = progress.publishedUpdates();
        eventTime = progress.eventTime();
        known = progress.known() == null ? EnergyRange.UNKNOWN : progress.known();
        keptOut = progress.keptOut();
        versions.putAll(published);
        offsets.putAll(read);
        waiting.forEach(queue::add);
        changes.written(guarded.state());
    }

    /** Takes over what was ordered, after all else. */
    void ordersRestored() {
        if (orders.learning() != OrdersSaved.Learning.RUNS) {
            // the learner does not know that what is due must not begin
            guarded.giveUpUpdate();
        }
    }

    String key() {
        return key;
    }

    int number() {
        return number;
    }

    long eventTime() {
        return eventTime;
    }

    /** Its promotion gate, or null where versions are not examined. */
    ShardGate gate() {
        return gate;
    }

    /**
     * Why the weights may not be published, or nothing if they may. What several shards have
     * averaged is not examined, nor what the guard rails went back to.
     */
    Optional<GateFinding> examine() {
        if (gate == null || rounds != null || guarded.rolledBack()) {
            return Optional.empty();
        }
        examined = learner.evaluateAverage();
        Optional<GateFinding> finding = gate.examine(learner, examined);
        if (finding.isPresent()) {
            examined = null;
        }
        return finding;
    }

    /**
     * Something to tell.
     *
     * @param order that it answers; null for none
     * @param before version published last before it
     * @param finding of the gate; null for none
     */
    JobEvent event(
            ControlEventKind kind,
            ControlOrder order,
            ModelVersion before,
            GateFinding finding,
            String message) {
        return new JobEvent(
                kind,
                setup.model(),
                number,
                order == null ? "" : order.id(),
                order == null ? null : order.kind(),
                before,
                version,
                learner.updates(),
                eventTime,
                finding == null ? null : finding.check().label(),
                finding == null || Double.isNaN(finding.found()) ? null : finding.found(),
                finding == null || Double.isNaN(finding.bound()) ? null : finding.bound(),
                message);
    }

    /** Orders to this shard. */
    ShardOrders orders() {
        return orders;
    }

    GuardedLearner learner() {
        return guarded;
    }

    /** Version published last. */
    ModelVersion version() {
        return version;
    }

    /** Versions that a roll-back may go back to, by their updates. */
    Map<Long, ModelVersion> versions() {
        return versions;
    }

    Progress progress() {
        return new Progress(version, publishedUpdates, eventTime, known, keptOut);
    }

    Map<String, Long> offsets() {
        return offsets;
    }

    /** Images that wait, first in first out. */
    ArrayDeque<ImageEvent> queue() {
        return queue;
    }

    /** What of the learner's state is not yet in keyed state. */
    StateChanges changes() {
        return changes;
    }

    /** Whether there is something to do. */
    boolean busy() {
        if (waiting()) {
            return !rounds.holds() && !queue.isEmpty();
        }
        return guarded.updating() || !queue.isEmpty() || orders.busy();
    }

    /** Whether another image may come without a wait. */
    boolean hasRoom() {
        return queue.size() < setup.queue() + extraRoom;
    }

    /** Makes room for as many images again, until the average has come that they wait for. */
    void addRoom() {
        extraRoom += setup.queue();
    }

    /** Whether it has handed in its part of a round and waits for the average. */
    boolean waiting() {
        return rounds != null && rounds.waiting();
    }

    /** Whether its images wait for an average. */
    boolean held() {
        return rounds != null && rounds.holds();
    }

    /** Whether this shard learns no more. */
    boolean finished() {
        return setup.maxUpdates() > 0 && learner.updates() >= setup.maxUpdates();
    }

    /**
     * Takes waiting images in until an update is due or none is left, or works on the update.
     *
     * @param taken told of each image that is taken in, while {@link #version()} is the one that
     *     the images before it have driven
     * @return whether an update was completed
     */
    boolean work(long budgetNanos, Consumer<ImageEvent> taken) {
        if (guarded.updating() && !waiting()) {
            boolean complete = guarded.advance(budgetNanos);
            if (complete) {
                lookAround();
            }
            if (complete && rounds != null) {
                rounds.updated();
            }
            return complete;
        }
        while ((waiting() || !guarded.updating()) && !queue.isEmpty()) {
            ImageEvent image = queue.poll();
            if (image.endsRound()) {
                rounds.mark();
                break;
            }
            taken.accept(image);
            take(image);
        }
        return false;
    }

    /** What it hands in now, or null where its round is not over. */
    Contribution handIn() {
        if (rounds == null || guarded.updating()) {
            return null;
        }
        if (!rounds.due(finished(), guarded.frozen())) {
            rounds.passMark();
            return null;
        }
        return rounds.handIn(setup.model(), this, offsets);
    }

    /**
     * Goes on from an average if it is the one that is waited for.
     *
     * @return the version to publish, or null where that is not this shard's to do
     */
    PublishedModel adopt(Average average) {
        if (rounds == null || !rounds.awaits(average)) {
            return null;
        }
        guarded.adopt(average.learned());
        lookAround();
        rounds.adopted(average);
        extraRoom = 0;
        version = average.version();
        publishedUpdates = learner.updates();
        return rounds.publishes() ? published(average) : null;
    }

    /** Hands images on that will not be learned from: the input has ended before the average. */
    void pass(Consumer<ImageEvent> taken) {
        while (!queue.isEmpty()) {
            ImageEvent image = queue.poll();
            if (!image.endsRound()) {
                taken.accept(image);
            }
        }
    }

    private void take(ImageEvent image) {
        offsets.merge(image.topic() + "-" + image.partition(), image.offset() + 1, Math::max);
        eventTime = Math.max(eventTime, image.eventTime());
        // what a generator made is no data: images with latents are refined, not learned from
        boolean learns = !guarded.frozen() && orders.learning() != OrdersSaved.Learning.FROZEN;
        if (image.latent() == null && !finished() && learns) {
            if (!admits(image)) {
                keptOut++;
            } else if (waiting() || orders.learning() == OrdersSaved.Learning.PAUSED) {
                guarded.collect(image.pixels());
            } else {
                guarded.offer(image.pixels());
            }
        }
    }

    /** Sees anew where known images lie: the weights have changed. */
    private void lookAround() {
        if (setup.extras().admission() > 0) {
            known = EnergyRange.of(learner.imageEnergies());
        }
    }

    /** Whether an image is of the kind that is known: poison must not be learned from. */
    private boolean admits(ImageEvent image) {
        return setup.extras().admission() == 0
                || known.spread() == 0
                || !known.outside(learner.energy(image.pixels()), setup.extras().admission());
    }

    /** Images kept out since the last report. */
    int keptOut() {
        return keptOut;
    }

    /** Whether the weights have changed enough since the last publication, or went back. */
    boolean publicationDue() {
        return rounds == null
                && (guarded.rolledBack()
                        || learner.updates() > publishedUpdates
                                && (learner.updates() % setup.publishEvery() == 0 || finished()));
    }

    /** Whether the weights have changed at all since the last publication of its own. */
    boolean unpublished() {
        return rounds == null && learner.updates() > publishedUpdates;
    }

    /** Goes on from a version's weights, which the next publication publishes in a new epoch. */
    void goBack(KeptModel to) {
        examined = null;
        guarded.startFrom(to.toWeights());
        lookAround();
        wentBackTo = to.version();
    }

    /** Opens the next version: after a roll-back one of a new epoch. */
    PublishedModel publish() {
        ModelVersion parent = parent();
        version = nextVersion();
        if (wentBackTo != null) {
            wentBackTo = null;
            versions.clear();
        }
        publishedUpdates = learner.updates();
        versions.tailMap(publishedUpdates, true).clear();
        versions.put(publishedUpdates, version);
        Long oldest = versions.floorKey(guarded.oldestKept());
        if (oldest != null) {
            versions.headMap(oldest, false).clear();
        }
        ModelEvaluation evaluation = examined == null ? learner.evaluateAverage() : examined;
        examined = null;
        if (gate != null) {
            gate.published(learner.updates(), evaluation.anchorEnergies());
        }
        LearnerWeights weights = learner.weights();
        PublishedModel published =
                new PublishedModel(
                        setup.model(),
                        version,
                        parent,
                        FloatBytes.toBytes(weights.energy()),
                        networks(weights),
                        learner.updates(),
                        learner.imagesSeen(),
                        eventTime,
                        new HashMap<>(offsets),
                        evaluation.anchorEnergies(),
                        evaluation.meanChainEnergy(),
                        evaluation.bankEnergies(),
                        evaluation.imageEnergies(),
                        samples(),
                        ComputeChoice.label(compute));
        orders.published(published);
        return published;
    }

    /** What is published of an average; the chains and anchors are this shard's. */
    private PublishedModel published(Average average) {
        ModelEvaluation evaluation = learner.evaluateAverage();
        return new PublishedModel(
                setup.model(),
                version,
                average.parent(),
                average.average(),
                networks(learner.weights()),
                average.updates(),
                average.imagesSeen(),
                average.eventTime(),
                new HashMap<>(average.offsets()),
                evaluation.anchorEnergies(),
                // those of the last update are gone after a restore
                Double.NaN,
                evaluation.bankEnergies(),
                evaluation.imageEnergies(),
                samples(),
                ComputeChoice.label(compute));
    }

    private static Map<String, byte[]> networks(LearnerWeights weights) {
        Map<String, byte[]> networks = new HashMap<>();
        if (weights.generator() != null) {
            networks.put(ModelFile.GENERATOR, FloatBytes.toBytes(weights.generator()));
        }
        if (weights.prior() != null) {
            networks.put(ModelFile.PRIOR, FloatBytes.toBytes(weights.prior()));
        }
        return networks;
    }

    /** The version that it was learned on from. */
    private ModelVersion parent() {
        if (wentBackTo != null) {
            return wentBackTo;
        }
        if (!guarded.rolledBack()) {
            return version;
        }
        Map.Entry<Long, ModelVersion> parent = versions.floorEntry(learner.updates());
        return parent == null ? ModelVersion.INITIAL : parent.getValue();
    }

    /** The version that the next publication will have. */
    ModelVersion nextVersion() {
        return guarded.rolledBack() || wentBackTo != null ? version.rolledBack() : version.next();
    }

    /** Report of the update just completed. */
    UpdateReport report(ModelVersion published, int attempt, boolean restored) {
        UpdateInfo info = guarded.lastUpdate();
        List<String> events = new ArrayList<>();
        if (!info.applied() && guarded.actions().isEmpty()) {
            events.add("update dropped: not finite: " + info.fault());
        }
        guarded.actions().forEach(action -> events.add(action.toString()));
        if (keptOut > 0) {
            events.add(
                    keptOut
                            + " images kept out: energies more than "
                            + setup.extras().admission()
                            + " spreads from those known");
            keptOut = 0;
        }
        if (restored) {
            events.add("first update after a restore");
        }
        PersistentBank bank = learner.bank();
        BankAges ages = bank == null ? null : BankAges.of(bank);
        return new UpdateReport(
                setup.model(),
                number,
                info.update(),
                info.imagesSeen(),
                eventTime,
                published,
                info.energyDifference(),
                info.gradientMagnitude(),
                info.rho(),
                info.dataEnergy(),
                info.chainEnergy(),
                info.learningRate(),
                info.dataNoise(),
                info.steps(),
                learner.config().batch(),
                info.rejuvenated(),
                info.replayCount(),
                attempt,
                compute.executor().name(),
                compute.precision().label(),
                info.millis(),
                ages == null ? null : ages.median(),
                ages == null ? null : ages.oldest(),
                events.isEmpty() ? null : String.join("; ", events));
    }

    private byte[] samples() {
        byte[][] chains = learner.copyChains(SAMPLES);
        if (chains.length == 0) {
            return null;
        }
        ImageShape shape = learner.config().network().input();
        List<Image> images = Arrays.stream(chains).map(pixels -> new Image(shape, pixels)).toList();
        return ImageGrid.square(SAMPLE_SCALE, images).png();
    }

    @Override
    public void close() {
        if (gate != null) {
            gate.close();
        }
        guarded.close();
    }

    /**
     * What is kept beside the learner's own state.
     *
     * @param version version published last
     * @param publishedUpdates updates that it went through
     * @param eventTime largest event time taken in
     * @param known where energies of known images lie, where images may be kept out; null in state
     *     of releases that kept none out
     * @param keptOut images kept out since the last report
     */
    public record Progress(
            ModelVersion version,
            long publishedUpdates,
            long eventTime,
            EnergyRange known,
            int keptOut) {}
}
