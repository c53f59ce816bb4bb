package io.ebmstream.job.learn;

import io.ebmstream.job.compute.ComputeChoice;
import io.ebmstream.job.config.InitialModel;
import io.ebmstream.job.config.JobConfig;
import io.ebmstream.job.control.ControlSetup;
import io.ebmstream.ops.guard.GuardConfig;
import io.ebmstream.ops.learner.LearnerConfig;
import io.ebmstream.ops.learner.LearnerWeights;
import io.ebmstream.ops.snapshot.ModelVersion;
import java.io.Serializable;
import java.time.Duration;
import org.apache.flink.util.function.SerializableFunction;
import org.apache.flink.util.function.SerializableSupplier;

/**
 * What the learner operator needs to know.
 *
 * @param model name of the model
 * @param config how it learns
 * @param guard rails around it
 * @param weights what a new learner begins with
 * @param start version of these weights
 * @param compute what computes
 * @param publishEvery updates between two published versions, at least 1
 * @param maxUpdates updates after which learning stops; 0 for no limit
 * @param queue images that may wait for a shard before its input is held up, at least 1
 * @param slice length of a slice of computing
 * @param extras what it does beside learning
 */
public record LearnerSetup(
        String model,
        SerializableSupplier<LearnerConfig> config,
        SerializableSupplier<GuardConfig> guard,
        SerializableFunction<LearnerConfig, LearnerWeights> weights,
        SerializableSupplier<ModelVersion> start,
        ComputeChoice compute,
        int publishEvery,
        long maxUpdates,
        int queue,
        Duration slice,
        Extras extras)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    /**
     * What a learner does beside learning.
     *
     * @param handsOn whether images are handed on with the version that must purify them (lockstep)
     * @param admission spreads from the energies of known images beyond which an image is kept out
     *     of what is learned from; 0 lets all in
     * @param control how orders are carried out; null where none are taken
     * @param gate what versions must show; null where they are not examined
     */
    public record Extras(boolean handsOn, double admission, ControlSetup control, GateSetup gate)
            implements Serializable {
        private static final long serialVersionUID = 1L;

        /** None of it. */
        public static final Extras NONE = new Extras(false, 0, null, null);

        /**
         * @throws IllegalArgumentException if the admission is negative
         */
        public Extras {
            if (!(admission >= 0)) {
                throw new IllegalArgumentException(
                        "expected an admission of at least 0, found " + admission);
            }
        }
    }

    /** A job's. */
    public static LearnerSetup of(JobConfig job, ComputeChoice compute) {
        return new LearnerSetup(
                job.model().name(),
                () -> job.learner().toConfig(job.model().build(), job.compute().seed()),
                () -> job.guard().toConfig(job.learner()),
                learning -> {
                    LearnerWeights weights = job.learner().weights(learning);
                    return job.model()
                            .initialModel()
                            .map(initial -> initial.weights(learning, weights))
                            .orElse(weights);
                },
                () ->
                        job.model()
                                .initialModel()
                                .map(InitialModel::version)
                                .orElse(ModelVersion.INITIAL),
                compute,
                job.learner().publishEvery(),
                job.learner().maxUpdates(),
                job.learner().queue(),
                job.compute().slice(),
                new Extras(
                        job.purifier().lockstep(),
                        job.learner().admission(),
                        job.control().toSetup(),
                        job.gate().toSetup(job.guard(), job.learner())));
    }

    /** For a learner whose weights no version has. */
    public LearnerSetup(
            String model,
            SerializableSupplier<LearnerConfig> config,
            SerializableSupplier<GuardConfig> guard,
            SerializableFunction<LearnerConfig, LearnerWeights> weights,
            ComputeChoice compute,
            int publishEvery,
            long maxUpdates,
            int queue,
            Duration slice) {
        this(
                model,
                config,
                guard,
                weights,
                () -> ModelVersion.INITIAL,
                compute,
                publishEvery,
                maxUpdates,
                queue,
                slice,
                Extras.NONE);
    }

    /** The same learner, doing other things beside. */
    public LearnerSetup with(Extras other) {
        return new LearnerSetup(
                model,
                config,
                guard,
                weights,
                start,
                compute,
                publishEvery,
                maxUpdates,
                queue,
                slice,
                other);
    }

    /**
     * @throws IllegalArgumentException if a value is out of range
     */
    public LearnerSetup {
        if (publishEvery < 1 || maxUpdates < 0 || queue < 1) {
            throw new IllegalArgumentException(
                    "expected publishEvery and queue of at least 1 and maxUpdates of at least 0,"
                            + " found publishEvery "
                            + publishEvery
                            + ", queue "
                            + queue
                            + ", maxUpdates "
                            + maxUpdates);
        }
    }
}
