package io.ebmstream.ops.learner;

import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.state.StateKind;
import io.ebmstream.ops.state.StateReader;
import io.ebmstream.ops.state.StateWriter;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A prior network's weights as a piece of state: they never change, but a learner must go on from
 * its state alone. Not thread-safe.
 */
final class PriorState extends OnePiece implements AutoCloseable {
    static final String PIECE = "prior";

    private final CompiledNetwork plan;
    private final INDArray parameters;

    /**
     * @param plan takes the weights; stays the caller's
     */
    PriorState(CompiledNetwork plan, float[] weights) {
        super(PIECE);
        Network network = plan.network();
        this.plan = plan;
        parameters = Nd4j.zeros(DataType.FLOAT, 1, network.parameterCount());
        set(LearnerWeights.checked("prior", weights, network));
    }

    private void set(float[] weights) {
        FloatArrays.write(weights, 0, parameters, 0, weights.length);
        plan.setParameters(parameters);
    }

    /** A copy of the weights. */
    float[] weights() {
        return FloatArrays.toHeap(parameters);
    }

    @Override
    public byte[] piece(String piece) {
        float[] weights = weights();
        return new StateWriter(StateKind.PRIOR, 4 * weights.length + 64)
                .putFloats(weights, weights.length)
                .toBytes();
    }

    @Override
    public void restore(String piece, byte[] state) {
        StateReader reader = new StateReader(StateKind.PRIOR, state);
        float[] weights = reader.nextFloats(plan.network().parameterCount());
        reader.end();
        set(weights);
        changed();
    }

    @Override
    public void close() {
        if (parameters.closeable()) {
            parameters.close();
        }
    }
}
