package io.ebmstream.ops.gate;

/**
 * What is known of a version that is to be published. A number that was not measured is NaN.
 *
 * @param updates updates that its weights went through
 * @param weightsFinite whether all weights are finite
 * @param anchorEnergies U/T of the anchors under its weights
 * @param bankEnergies U/T of chains of the bank under its weights; none where chains do not last
 * @param chainsOutOfRange share of chains of the bank that are out of range
 * @param motion what {@link AnchorMotion} says
 */
public record GateCandidate(
        long updates,
        boolean weightsFinite,
        double[] anchorEnergies,
        double[] bankEnergies,
        double chainsOutOfRange,
        double motion) {}
