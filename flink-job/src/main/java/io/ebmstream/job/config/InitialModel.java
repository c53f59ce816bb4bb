package io.ebmstream.job.config;

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
     * What a learner begins with: the model's energy, and its generator where that learns and the
     * model has one.
     *
     * @param otherwise weights of all that the model has not
     * @throws IllegalStateException if the model's generator is another network
     */
    public LearnerWeights weights(LearnerConfig config, LearnerWeights otherwise) {
        LearnerWeights weights =
                new LearnerWeights(weights(), otherwise.generator(), otherwise.prior());
        if (config.generator() == null
                || !config.generator().learns()
                || !file.others().containsKey(ModelFile.GENERATOR)) {
            return weights;
        }
        ModelFile.Part generator = file.other(ModelFile.GENERATOR);
        if (!generator.network().equals(config.generator().network())) {
            throw new IllegalStateException(
                    EbmOptions.MODEL_INITIAL_SNAPSHOT.key()
                            + ": expected a model with generator "
                            + config.generator().network()
                            + ", found "
                            + generator.network());
        }
        return weights.withGenerator(generator.weights());
    }
}
