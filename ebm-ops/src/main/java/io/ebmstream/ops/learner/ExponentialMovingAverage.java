package io.ebmstream.ops.learner;

import io.ebmstream.ops.compute.FloatArrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Moving average of weights:
 *
 * <pre>a <- a + (1 - min(decay, (1+t)/(10+t))) (w - a)</pre>
 *
 * where t counts the updates; the second term lets it follow while it is young. With decay 0 it is
 * the weights themselves, bit for bit. Not thread-safe. Close it to free its arrays.
 */
final class ExponentialMovingAverage implements AutoCloseable {
    private final double decay;
    private final INDArray average;
    private final INDArray difference;

    /**
     * Starts at the given weights.
     *
     * @param weights copied
     */
    ExponentialMovingAverage(double decay, INDArray weights) {
        this.decay = decay;
        this.average = weights.dup('c');
        this.difference = weights.dup('c');
    }

    /** Decay at update t, counted from 1. */
    static double decay(double largest, long t) {
        return Math.min(largest, (1.0 + t) / (10.0 + t));
    }

    /**
     * Takes in the weights after update t.
     *
     * @param t from 1
     */
    void update(INDArray weights, long t) {
        if (decay == 0) {
            average.assign(weights);
            return;
        }
        difference.assign(weights);
        difference.subi(average);
        difference.muli(1 - decay(decay, t));
        average.addi(difference);
    }

    /** The average itself; it stays this object's. */
    INDArray array() {
        return average;
    }

    float[] toHeap() {
        return FloatArrays.toHeap(average);
    }

    void restore(float[] values) {
        FloatArrays.write(values, 0, average, 0, values.length);
    }

    @Override
    public void close() {
        for (INDArray array : new INDArray[] {average, difference}) {
            if (array.closeable()) {
                array.close();
            }
        }
    }
}
