package io.ebmstream.job.snapshot;

import io.ebmstream.ops.energy.Network;
import io.ebmstream.schemas.snapshot.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A network's weights as a snapshot's tensors. Stateless, thread-safe. */
final class SnapshotTensors {
    private SnapshotTensors() {}

    /**
     * One tensor for each parameter, in the network's order.
     *
     * @param weights laid out by the network; copied
     */
    static List<Tensor> of(Network network, float[] weights) {
        List<Tensor> tensors = new ArrayList<>();
        for (Network.Parameter parameter : network.parameters()) {
            tensors.add(
                    new Tensor(
                            parameter.name(),
                            parameter.shape(),
                            Arrays.copyOfRange(
                                    weights,
                                    parameter.offset(),
                                    parameter.offset() + parameter.size())));
        }
        return tensors;
    }
}
