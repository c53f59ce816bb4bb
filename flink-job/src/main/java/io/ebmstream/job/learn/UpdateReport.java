package io.ebmstream.job.learn;

import io.ebmstream.ops.snapshot.ModelVersion;

/**
 * How one update went, for diagnostics. Nothing of it is state.
 *
 * @param model name of the model
 * @param shard shard of the model, 0 or more
 * @param update number of the update, from 1
 * @param imagesSeen images that the learner had taken in
 * @param eventTime largest event time among them, milliseconds since 1970-01-01 UTC
 * @param published version that this update published; null for none
 * @param energyDifference d, no unit
 * @param gradientMagnitude r, pixel units of [-1, 1]
 * @param rho r / (eps sqrt(dimensions))
 * @param dataEnergy mean U/T of the data batch
 * @param chainEnergy mean U/T of the chains
 * @param learningRate rate of the step
 * @param dataNoise standard deviation of the noise on data, pixel units
 * @param steps Langevin steps of each chain
 * @param batch data images and chains in the update
 * @param rejuvenated chains that restarted
 * @param replayCount images in the replay buffer
 * @param attempt attempt number of the task; 0 = never restarted
 * @param executor executor that computed
 * @param precision its number format
 * @param millis compute time of the update in milliseconds
 * @param chainAge median of the updates that the bank's chains have been through; null without bank
 * @param oldestChain updates that the oldest of them has been through; null without bank
 * @param event what was out of the ordinary; null for nothing
 */
public record UpdateReport(
        String model,
        int shard,
        long update,
        long imagesSeen,
        long eventTime,
        ModelVersion published,
        double energyDifference,
        double gradientMagnitude,
        double rho,
        double dataEnergy,
        double chainEnergy,
        double learningRate,
        double dataNoise,
        int steps,
        int batch,
        int rejuvenated,
        int replayCount,
        int attempt,
        String executor,
        String precision,
        double millis,
        Integer chainAge,
        Integer oldestChain,
        String event) {}
