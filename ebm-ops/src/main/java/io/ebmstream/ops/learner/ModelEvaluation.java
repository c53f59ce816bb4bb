package io.ebmstream.ops.learner;

/**
 * What the averaged weights make of two sets of images: the scale on which energies of this version
 * can be set beside those of another.
 *
 * @param anchorEnergies U(x)/T of the anchors, the first images that the learner saw, in their
 *     order
 * @param meanChainEnergy mean U(x)/T of the chains of the last update; NaN before the first one of
 *     a learner, also of a restored one
 * @param bankEnergies U(x)/T of up to {@link MaximumLikelihoodLearner#BANK_ENERGIES} chains of the
 *     bank, ascending; none where chains do not last. A function of the learner's state, so also of
 *     a restored one
 * @param imageEnergies U(x)/T of up to {@link MaximumLikelihoodLearner#RANGE_IMAGES} images of the
 *     replay buffer, ascending: where those of known images lie
 */
public record ModelEvaluation(
        double[] anchorEnergies,
        double meanChainEnergy,
        double[] bankEnergies,
        double[] imageEnergies) {}
