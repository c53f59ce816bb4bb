package io.ebmstream.ops.snapshot;

import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.sampler.LangevinConfig;
import java.util.Map;

/**
 * A published model.
 *
 * @param version its version
 * @param parent version that it was learned on from; null for the first
 * @param network the energy U(x)
 * @param parameters moving average of the weights, laid out by {@link Network#parameters()}; owned
 *     by the snapshot, not to be changed
 * @param langevin dynamics that it is meant to be sampled with
 * @param steps steps of a purification
 * @param updates updates that the weights went through
 * @param imagesSeen images taken in by then
 * @param anchorEnergies U(x)/T of the learner's anchor images, which make energies of different
 *     versions comparable; empty for the untrained model
 * @param meanChainEnergy mean U(x)/T of the model's own chains; NaN where there are none
 * @param provenance hyperparameters, software and device, by name
 */
public record ModelSnapshot(
        ModelVersion version,
        ModelVersion parent,
        Network network,
        float[] parameters,
        LangevinConfig langevin,
        int steps,
        long updates,
        long imagesSeen,
        double[] anchorEnergies,
        double meanChainEnergy,
        Map<String, String> provenance) {
    /**
     * @throws IllegalArgumentException if the parameters do not fit the network
     */
    public ModelSnapshot {
        if (parameters.length != network.parameterCount()) {
            throw new IllegalArgumentException(
                    "expected "
                            + network.parameterCount()
                            + " parameters for "
                            + network
                            + ", found "
                            + parameters.length);
        }
        provenance = Map.copyOf(provenance);
    }
}
