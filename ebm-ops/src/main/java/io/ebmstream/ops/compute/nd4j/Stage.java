package io.ebmstream.ops.compute.nd4j;

import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One layer of a plan: prepared operations between the fixed maps of a group of images. Frees its
 * operations and its own scratch with the plan; the maps are the plan's.
 */
abstract class Stage implements AutoCloseable {
    private final List<PreparedOp> operations = new ArrayList<>();
    private final List<INDArray> arrays = new ArrayList<>();

    /** Computes the result. */
    abstract void forward();

    /**
     * Computes the gradient by what the layer reads out of the gradient by its result, which it may
     * overwrite.
     *
     * @param parameters whether to add the gradient by the layer's weights to its sum, too
     */
    abstract void backward(boolean parameters);

    /** Keeps an operation until the stage is closed. */
    final PreparedOp own(PreparedOp operation) {
        operations.add(operation);
        return operation;
    }

    /** A new flat array of zeros, kept until the stage is closed. */
    final INDArray scratch(long length) {
        INDArray array = FeatureMap.zeros(length);
        arrays.add(array);
        return array;
    }

    @Override
    public void close() {
        operations.forEach(PreparedOp::close);
        arrays.forEach(INDArray::close);
    }
}
