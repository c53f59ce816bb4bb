package io.ebmstream.job.learn;

import io.ebmstream.job.compute.FloatBytes;
import io.ebmstream.job.shards.Average;
import io.ebmstream.job.shards.Contribution;
import io.ebmstream.ops.guard.GuardedLearner;
import io.ebmstream.ops.learner.LearnedState;
import java.util.HashMap;
import java.util.Map;

/**
 * Where a shard is in its rounds: a round of updates, then its part is handed in, then it waits for
 * the average that holds its part, adopts it, and begins the next round. Not thread-safe.
 *
 * <p>In lockstep a round is over at a mark among the images, and images that come while the shard
 * waits stay in its queue: what is learned from, and with which weights, is a function of the
 * input. Else a round is over after so many updates, and images that come meanwhile go into the
 * replay buffer without driving updates, so that a shard that waits holds nobody up.
 *
 * <p>A shard that has learned its last update, and in its present round none, takes part no more;
 * all shards come to this with the same average, because they go on from the same number of
 * updates. A frozen one goes on handing in what it adopts, until no shard learns any more.
 */
final class ShardRounds {
    private final int shard;
    private final LearnerSharding sharding;

    private long round;
    private int worked;
    private boolean marked;
    private boolean waiting;
    private boolean idle;
    private String handedIn = "";

    ShardRounds(int shard, LearnerSharding sharding) {
        this.shard = shard;
        this.sharding = sharding;
    }

    /** Goes on from saved state, which is null where nothing was saved. */
    void restore(Saved saved, String key) {
        if (saved == null || saved.shards() != sharding.layout().shards()) {
            throw mismatch(key, saved == null ? 1 : saved.shards(), sharding.layout().shards());
        }
        round = saved.round();
        worked = saved.worked();
        waiting = saved.waiting();
        idle = saved.idle();
        handedIn = saved.handedIn();
    }

    static IllegalStateException mismatch(String key, int saved, int configured) {
        return new IllegalStateException(
                "expected ebm.learner.shards "
                        + saved
                        + " as in the saved state of "
                        + key
                        + ", found "
                        + configured
                        + "; the number of shards is part of the result: start the learners anew to"
                        + " change it");
    }

    Saved saved() {
        return new Saved(sharding.layout().shards(), round, worked, waiting, idle, handedIn);
    }

    /** Whether the shard has handed in its part and waits for the average. */
    boolean waiting() {
        return waiting;
    }

    /** Whether images that come while the shard waits stay in its queue. */
    boolean holds() {
        return waiting && sharding.placed();
    }

    /** An update was tried: applied, dropped or rolled back. */
    void updated() {
        worked++;
    }

    /** The input says that a round is over (lockstep). */
    void mark() {
        marked = true;
    }

    /** Whether the shard must hand in its part now. */
    boolean due(boolean finished, boolean frozen) {
        if (waiting || finished && worked == 0) {
            return false;
        }
        return sharding.placed()
                ? marked
                : worked >= sharding.every() || finished || frozen && !idle;
    }

    /** The round is over: what the shard hands in. From now on it waits. */
    Contribution handIn(String model, LearnerShard from, Map<String, Long> offsets) {
        GuardedLearner guarded = from.learner();
        LearnedState learned = guarded.learner().learned();
        Contribution part =
                new Contribution(
                        model,
                        shard,
                        round + 1,
                        from.version(),
                        FloatBytes.toBytes(learned.weights()),
                        FloatBytes.toBytes(learned.average()),
                        FloatBytes.toBytes(learned.moments()),
                        learned.updates(),
                        worked,
                        guarded.learner().imagesSeen(),
                        from.progress().eventTime(),
                        new HashMap<>(offsets));
        handedIn = part.sha256();
        waiting = true;
        marked = false;
        return part;
    }

    /** Whether this is the average that the shard waits for. */
    boolean awaits(Average average) {
        return waiting
                && average.round() == round + 1
                && handedIn.equals(average.contributions().get(shard));
    }

    /** The average that was waited for was adopted. */
    void adopted(Average average) {
        round = average.round();
        idle = average.worked() == 0;
        worked = 0;
        waiting = false;
        handedIn = "";
    }

    /** Whether this shard publishes what all have adopted. */
    boolean publishes() {
        return shard == 0;
    }

    /** Forgets a mark that comes when the shard takes part no more. */
    void passMark() {
        marked = false;
    }

    /**
     * In keyed state.
     *
     * @param shards S
     * @param round last round whose average was adopted, 0 for none
     * @param worked updates tried since
     * @param waiting whether the part of the round after it is handed in
     * @param idle whether no shard tried an update in that round
     * @param handedIn hash of the part handed in, or empty
     */
    public record Saved(
            int shards, long round, int worked, boolean waiting, boolean idle, String handedIn) {}
}
