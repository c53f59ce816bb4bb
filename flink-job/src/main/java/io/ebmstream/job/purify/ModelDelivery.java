package io.ebmstream.job.purify;

import io.ebmstream.job.control.StandingOrders;
import io.ebmstream.job.learn.PublishedModel;
import io.ebmstream.ops.density.EnergyCalibration;
import io.ebmstream.ops.density.EnergyRange;
import io.ebmstream.ops.snapshot.ModelVersion;

/**
 * An energy, or orders, on the way to one subtask of the purifier.
 *
 * @param target index of the subtask, or {@link #ALL} before it is known
 * @param version version of the model; null where orders come alone
 * @param weights float32, little-endian, in the network's layout; null where orders come alone
 * @param bankEnergies U/T of chains of the learner's bank under these weights, ascending; null or
 *     none where they are not known
 * @param known where energies of images that the learner knows lie under these weights; null where
 *     that is not known
 * @param anchors scale of energies under these weights; null where that is not known
 * @param orders what holds from now on; null where nothing changes
 */
public record ModelDelivery(
        int target,
        ModelVersion version,
        byte[] weights,
        double[] bankEnergies,
        EnergyRange known,
        EnergyCalibration anchors,
        StandingOrders orders) {
    /** Target of what is yet to go to every subtask. */
    public static final int ALL = -1;

    /** What purifiers need of a model: its energy. */
    public static ModelDelivery of(PublishedModel model) {
        return new ModelDelivery(
                ALL,
                model.version(),
                model.weights(),
                model.bankEnergies(),
                model.imageEnergies() == null ? null : EnergyRange.of(model.imageEnergies()),
                EnergyCalibration.known(model.anchorEnergies()),
                null);
    }

    /** Orders alone. */
    public static ModelDelivery of(StandingOrders orders) {
        return new ModelDelivery(ALL, null, null, null, null, null, orders);
    }

    /** The same for one subtask. */
    ModelDelivery to(int subtask) {
        return new ModelDelivery(subtask, version, weights, bankEnergies, known, anchors, orders);
    }
}
