package io.ebmstream.job.learn;

import io.ebmstream.job.control.ControlOrder;
import io.ebmstream.job.control.ControlSetup;
import io.ebmstream.job.control.JobEvent;
import io.ebmstream.job.control.StandingOrders;
import io.ebmstream.job.learn.OrdersSaved.Learning;
import io.ebmstream.job.purify.ModelDelivery;
import io.ebmstream.ops.gate.GateFinding;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.schemas.avro.ControlEventKind;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Carries out orders to one shard, between two updates: an order that comes during one waits. Each
 * gets one answer. What was ordered is state ({@link OrderState}), so it holds after a restart, and
 * an order's id is known for the {@value #IDS} orders after it. Not thread-safe.
 */
final class ShardOrders {
    /** Ids of orders carried out that are remembered, the last ones. */
    static final int IDS = 1_000;

    /** Orders that may wait before the control topic is held up. */
    static final int QUEUE = 100;

    /** What an order needs of the operator. */
    interface Hands {
        /** Publishes the weights as they are, or says why they may not be. */
        Optional<GateFinding> publish(LearnerShard shard);

        /** Goes on from a version's weights and publishes them in a new epoch. */
        void rollBack(LearnerShard shard, KeptModel to);

        /** Sends something to every purifier. */
        void deliver(ModelDelivery delivery);

        /** Says what became of an order. */
        void event(JobEvent event);
    }

    private record Answer(ControlEventKind kind, String message) {
        static Answer done(String message) {
            return new Answer(ControlEventKind.DONE, message);
        }

        static Answer already(String message) {
            return new Answer(ControlEventKind.ALREADY_DONE, message);
        }

        static Answer rejected(String message) {
            return new Answer(ControlEventKind.REJECTED, message);
        }
    }

    private final String model;
    private final ControlSetup setup;
    private final int keep;
    private final ArrayDeque<ControlOrder> waiting = new ArrayDeque<>();
    private final LinkedHashSet<String> done = new LinkedHashSet<>();
    private final TreeMap<ModelVersion, KeptModel> kept = new TreeMap<>();
    private Learning learning = Learning.RUNS;
    private StandingOrders standing = StandingOrders.NONE;

    /** Whether purifiers must be told again: after rescaling one may not know. */
    private boolean tellAgain;

    /**
     * @param setup null where no orders are taken
     * @param keep least versions to keep
     */
    ShardOrders(String model, ControlSetup setup, int keep) {
        this.model = model;
        this.setup = setup;
        this.keep = setup == null ? keep : Math.max(setup.keep(), keep);
    }

    /**
     * Takes over what was saved. Where no orders are taken any more, what was ordered holds no
     * longer: nobody could undo it.
     */
    void restore(OrdersSaved saved, List<ControlOrder> orders, List<KeptModel> versions) {
        if (saved != null) {
            standing = setup == null ? saved.standing().lift() : saved.standing();
            tellAgain = standing.number() > 0;
        }
        versions.forEach(version -> kept.put(version.version(), version));
        forget();
        if (setup == null) {
            return;
        }
        if (saved != null) {
            learning = saved.learning();
            done.addAll(List.of(saved.done()));
        }
        waiting.addAll(orders);
    }

    /** What has to last beside orders that wait and versions. */
    OrdersSaved saved() {
        return new OrdersSaved(learning, standing, done.toArray(new String[0]));
    }

    /** Orders that wait, first in first out. */
    ArrayDeque<ControlOrder> waiting() {
        return waiting;
    }

    /** Versions that can be pinned or rolled back to. */
    TreeMap<ModelVersion, KeptModel> kept() {
        return kept;
    }

    Learning learning() {
        return learning;
    }

    /** Whether there is something to do once no update is in progress. */
    boolean busy() {
        return tellAgain || !waiting.isEmpty();
    }

    /** Keeps a version that was published. */
    void published(PublishedModel version) {
        kept.put(version.version(), KeptModel.of(version));
        forget();
    }

    /** The version published last, or null if none is kept. */
    KeptModel last() {
        return kept.isEmpty() ? null : kept.lastEntry().getValue();
    }

    /** All but the last versions go, and the pinned one. */
    private void forget() {
        while (kept.size() - (pinnedIsOlder() ? 1 : 0) > keep) {
            ModelVersion oldest = kept.firstKey();
            kept.remove(oldest.equals(standing.pinned()) ? kept.higherKey(oldest) : oldest);
        }
    }

    /** Whether the pinned version is kept only because it is pinned. */
    private boolean pinnedIsOlder() {
        return standing.pinned() != null
                && kept.containsKey(standing.pinned())
                && kept.tailMap(standing.pinned(), false).size() >= keep;
    }

    /** Carries out what waits. No update may be in progress. */
    void carryOut(LearnerShard shard, Hands hands) {
        if (tellAgain) {
            tellAgain = false;
            tell(hands);
        }
        // an order may begin an update, for which the next one waits
        while (!waiting.isEmpty() && !shard.learner().updating()) {
            ControlOrder order = waiting.poll();
            ModelVersion before = shard.version();
            Answer answer = answer(order, shard, hands);
            if (answer.kind() != ControlEventKind.REJECTED) {
                remember(order.id());
            }
            hands.event(shard.event(answer.kind(), order, before, null, answer.message()));
        }
    }

    private void remember(String id) {
        done.add(id);
        if (done.size() > IDS) {
            done.remove(done.iterator().next());
        }
    }

    private Answer answer(ControlOrder order, LearnerShard shard, Hands hands) {
        if (!order.model().equals(model)) {
            return Answer.rejected(
                    "expected an order to model " + model + ", found one to " + order.model());
        }
        if (done.contains(order.id())) {
            return Answer.already("an order with this id was carried out before");
        }
        return switch (order.kind()) {
            case PAUSE -> learn(Learning.PAUSED, "learning is paused; images are taken in");
            case FREEZE -> learn(Learning.FROZEN, "learning is frozen; images pass it by");
            case RESUME -> resume(shard);
            case PUBLISH -> publish(shard, hands);
            case PIN -> pin(order.target(), hands);
            case UNPIN -> unpin(hands);
            case ROLL_BACK -> rollBack(order.target(), shard, hands);
            case SET_STEPS -> setSteps(order.steps(), hands);
            default ->
                    Answer.rejected(
                            "expected an order that this release knows, found another kind; was it"
                                    + " sent by a later release?");
        };
    }

    private Answer learn(Learning wanted, String message) {
        if (learning == wanted) {
            return Answer.already(message);
        }
        learning = wanted;
        return Answer.done(message);
    }

    private Answer resume(LearnerShard shard) {
        Answer answer = learn(Learning.RUNS, "learning goes on");
        if (!shard.finished()) {
            // as a restored learner would begin it
            shard.learner().beginDue();
        }
        return shard.learner().frozen()
                ? new Answer(
                        answer.kind(),
                        "nothing is in the way any more but the guard rails, which froze learning"
                                + " after "
                                + shard.learner().guard().rollBacks()
                                + " roll-backs; see ebm.guard.max-roll-backs")
                : answer;
    }

    private Answer publish(LearnerShard shard, Hands hands) {
        if (learning == Learning.FROZEN) {
            return Answer.rejected("expected learning that is not frozen; resume it first");
        }
        if (!shard.unpublished()) {
            return Answer.already(
                    "no update has changed the weights since version " + shard.version());
        }
        return hands.publish(shard)
                .map(
                        finding ->
                                Answer.rejected(
                                        "the version was refused: "
                                                + finding.check().label()
                                                + ": "
                                                + finding.text()))
                .orElseGet(() -> Answer.done("published version " + shard.version()));
    }

    private Answer pin(ModelVersion target, Hands hands) {
        if (!kept.containsKey(target == null ? ModelVersion.INITIAL : target)) {
            return notKept(target);
        }
        if (target.equals(standing.pinned())) {
            return Answer.already("purifiers keep to version " + target);
        }
        standing = standing.pin(target);
        forget();
        tell(hands);
        return Answer.done("purifiers keep to version " + target);
    }

    private Answer unpin(Hands hands) {
        if (standing.pinned() == null) {
            return Answer.already("no version is pinned");
        }
        ModelVersion was = standing.pinned();
        standing = standing.pin(null);
        forget();
        tell(hands);
        return Answer.done("purifiers keep no longer to version " + was);
    }

    private Answer rollBack(ModelVersion target, LearnerShard shard, Hands hands) {
        KeptModel to = kept.get(target == null ? ModelVersion.INITIAL : target);
        if (to == null) {
            return notKept(target);
        }
        if (target.equals(shard.version()) && !shard.unpublished()) {
            return Answer.already("the weights are those of version " + target);
        }
        hands.rollBack(shard, to);
        return Answer.done(
                "rolled back to version "
                        + target
                        + ", published as "
                        + shard.version()
                        + (standing.pinned() == null
                                ? ""
                                : "; purifiers keep to version " + standing.pinned()));
    }

    private Answer notKept(ModelVersion target) {
        return Answer.rejected(
                "expected one of the versions kept, "
                        + kept.keySet()
                        + ", found "
                        + (target == null ? "none" : target));
    }

    private Answer setSteps(Integer steps, Hands hands) {
        if (steps == null || steps < setup.leastSteps() || steps > setup.mostSteps()) {
            return Answer.rejected(
                    "expected "
                            + setup.leastSteps()
                            + " to "
                            + setup.mostSteps()
                            + " steps, found "
                            + (steps == null ? "none" : steps));
        }
        if (steps.equals(standing.steps())) {
            return Answer.already("purifiers take " + steps + " steps");
        }
        standing = standing.withSteps(steps);
        tell(hands);
        return Answer.done("purifiers take " + steps + " steps");
    }

    private void tell(Hands hands) {
        KeptModel pinned = standing.pinned() == null ? null : kept.get(standing.pinned());
        hands.deliver(
                pinned == null
                        ? ModelDelivery.of(standing)
                        : new ModelDelivery(
                                ModelDelivery.ALL,
                                pinned.version(),
                                pinned.weights(),
                                pinned.bankEnergies(),
                                null,
                                pinned.anchors(),
                                standing));
    }
}
