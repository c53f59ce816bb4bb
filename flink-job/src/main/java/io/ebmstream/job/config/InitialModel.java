package io.ebmstream.job.config;

import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.learner.GeneratorConfig;
import io.ebmstream.ops.learner.LearnerConfig;
import io.ebmstream.ops.learner.LearnerWeights;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.ops.weights.ModelFile;

/**
 * A model that a new job begins with: its purifiers use it until the learner publishes, and its
 * learner goes on from its weights. Optimizer and chains begin anew.
 *
 * @param file the model
 */
public record InitialModel(ModelFile file) {

    /** The model's version; the first one of its epoch if it was never given one. */
    public ModelVersion version() {
        return file.version().equals(ModelVersion.INITIAL)
                ? ModelVersion.INITIAL.next()
                : file.version();
    }

    /** Weights of the energy. */
    public float[] weights() {
        return file.energy().weights();
    }

    /**
     * What a learner begins with: the model's energy; its generator where that learns and the model
     * has one; and its generator or prior where one is needed and no file was given.
     *
     * @param otherwise random weights and those from files, null where there are none
     * @throws IllegalStateException if a network of the model is another, or is missing in both
     */
    public LearnerWeights weights(LearnerConfig config, LearnerWeights otherwise) {
        LearnerWeights weights =
                new LearnerWeights(weights(), otherwise.generator(), otherwise.prior());
        GeneratorConfig generator = config.generator();
        if (generator != null
                && (weights.generator() == null
                        || generator.learns() && file.others().containsKey(ModelFile.GENERATOR))) {
            weights =
                    weights.withGenerator(
                            other(
                                    ModelFile.GENERATOR,
                                    generator.network(),
                                    EbmOptions.LEARNER_GENERATOR_FILE));
        }
        if (config.prior() != null && weights.prior() == null) {
            weights =
                    weights.withPrior(
                            other(
                                    ModelFile.PRIOR,
                                    config.prior().network(),
                                    EbmOptions.LEARNER_PRIOR_FILE));
        }
        return weights;
    }

    private float[] other(String role, Network expected, Setting<?> instead) {
        ModelFile.Part part = file.others().get(role);
        if (part == null || !part.network().equals(expected)) {
            throw new IllegalStateException(
                    EbmOptions.MODEL_INITIAL_SNAPSHOT.key()
                            + ": expected a model with "
                            + role
                            + " "
                            + expected
                            + ", found "
                            + (part == null ? "none; set " + instead.key() : part.network()));
        }
        return part.weights();
    }
}
