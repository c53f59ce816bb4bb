package io.ebmstream.job.learn;

import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.gate.AnchorMotion;
import io.ebmstream.ops.gate.GateCandidate;
import io.ebmstream.ops.gate.GateFinding;
import io.ebmstream.ops.gate.GateReference;
import io.ebmstream.ops.gate.PromotionGate;
import io.ebmstream.ops.learner.LearnerConfig;
import io.ebmstream.ops.learner.LearnerWeights;
import io.ebmstream.ops.learner.MaximumLikelihoodLearner;
import io.ebmstream.ops.learner.ModelEvaluation;
import java.util.Optional;

/**
 * The promotion gate of one shard: it measures what {@link PromotionGate} judges. It reads the
 * learner and changes nothing there, so as long as nothing is refused the versions are those of a
 * job without it, bit for bit. Not thread-safe. Owns a plan: close it.
 */
final class ShardGate implements AutoCloseable {
    /** Chains of the bank that are looked at for their range. */
    private static final int CHAINS = 64;

    private final PromotionGate gate;
    private final int mostRefusals;
    private final Executors.Choice compute;
    private AnchorMotion motion;
    private GateReference last;
    private int refusals;

    ShardGate(GateSetup setup, Executors.Choice compute) {
        gate = new PromotionGate(setup.toConfig());
        mostRefusals = setup.refusals();
        this.compute = compute;
    }

    /** Why the weights may not be published, or nothing if they may. */
    Optional<GateFinding> examine(MaximumLikelihoodLearner learner, ModelEvaluation evaluation) {
        LearnerWeights weights = learner.weights();
        boolean finite = finite(weights.energy()) && finite(weights.generator());
        boolean armed = finite && gate.armed(learner.updates());
        return gate.examine(
                new GateCandidate(
                        learner.updates(),
                        finite,
                        evaluation.anchorEnergies(),
                        evaluation.bankEnergies(),
                        armed ? learner.chainsOutOfRange(CHAINS) : Double.NaN,
                        armed ? motion(learner, weights.energy()) : Double.NaN),
                last);
    }

    private double motion(MaximumLikelihoodLearner learner, float[] weights) {
        if (motion == null) {
            LearnerConfig config = learner.config();
            motion =
                    new AnchorMotion(
                            config.network(),
                            compute.executor(),
                            compute.precision(),
                            config.langevin(),
                            config.seed());
        }
        return motion.of(weights, learner.copyAnchors(AnchorMotion.IMAGES));
    }

    private static boolean finite(float[] values) {
        if (values != null) {
            for (float value : values) {
                if (!Float.isFinite(value)) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Takes note of a version that was published, also of one that was not examined. */
    void published(long updates, double[] anchorEnergies) {
        last = PromotionGate.reference(updates, anchorEnergies);
        refusals = 0;
    }

    /**
     * Takes note of a version that was refused.
     *
     * @return whether it is time to go back
     */
    boolean refused() {
        refusals++;
        return mostRefusals > 0 && refusals >= mostRefusals;
    }

    /** Versions refused in a row. */
    int refusals() {
        return refusals;
    }

    GateSaved saved() {
        return new GateSaved(refusals, last);
    }

    void restore(GateSaved saved) {
        refusals = saved.refusals();
        last = saved.last();
    }

    @Override
    public void close() {
        if (motion != null) {
            motion.close();
        }
    }
}
