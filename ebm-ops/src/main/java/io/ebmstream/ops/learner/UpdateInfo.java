package io.ebmstream.ops.learner;

/**
 * How one update went. Never part of the state.
 *
 * @param update number of completed updates with this one, from 1; of a dropped update: as before
 * @param imagesSeen images taken in by then
 * @param applied whether the weights changed; false if something was not finite
 * @param dropped updates dropped so far because something was not finite
 * @param energyDifference d = (mean U(x+) - mean U(x-)) / T
 * @param gradientMagnitude r, mean L2 norm of (eps^2/2) grad[..] in the last Langevin step
 * @param rho r / (eps sqrt(c h w)); 0.1 to 0.25 in healthy runs
 * @param dataEnergy mean U(x+)/T of the noised data, from a float32 plan
 * @param chainEnergy mean U(x-)/T of the chains after their run, from a float32 plan
 * @param learningRate rate of the step
 * @param steps K, Langevin steps of its chains
 * @param dataNoise standard deviation of the noise on its data, pixel units
 * @param generatorLoss sum |x- - G(z)|^2 / batch of a generator that learns, else 0
 * @param rejuvenated chains of the batch that restarted, those of slots drawn for the first time
 *     not counted
 * @param replayCount images in the replay buffer
 * @param chainsOutOfRange share of the batch's chains that are out of range ({@link PixelRange})
 * @param saturatedChains share of chain pixels beyond 1.1, which noise hardly reaches
 * @param saturatedData share of pixels of the noised data beyond 1.1
 * @param energySize mean |U|/T over the noised data and the chains
 * @param fault what was not finite; null if the update was applied
 * @param millis compute time of the update in milliseconds; the only value that depends on a clock
 */
public record UpdateInfo(
        long update,
        long imagesSeen,
        boolean applied,
        long dropped,
        double energyDifference,
        double gradientMagnitude,
        double rho,
        double dataEnergy,
        double chainEnergy,
        double learningRate,
        int steps,
        double dataNoise,
        double generatorLoss,
        int rejuvenated,
        int replayCount,
        double chainsOutOfRange,
        double saturatedChains,
        double saturatedData,
        double energySize,
        String fault,
        double millis) {}
