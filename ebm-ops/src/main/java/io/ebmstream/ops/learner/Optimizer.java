package io.ebmstream.ops.learner;

import io.ebmstream.ops.compute.FloatArrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.AdamUpdater;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.SgdUpdater;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * Weight updates by ND4J's updaters. Adam (Kingma, Ba 2015) keeps two moments per weight in one
 * flat array, [m, v]; SGD keeps nothing. Not thread-safe. Close it to free the moments.
 */
public final class Optimizer implements AutoCloseable {
    static final double BETA1 = 0.9;
    static final double BETA2 = 0.999;
    static final double EPSILON = 1e-8;

    /** Above this a gradient's square is no float32 any more and would spoil the moments. */
    static final float LARGEST_GRADIENT = 1e18f;

    private final OptimizerKind kind;
    private final INDArray moments;
    private final Adam adam = new Adam(1, BETA1, BETA2, EPSILON);
    private final Sgd sgd = new Sgd(1);
    private final GradientUpdater<?> adamUpdater;
    private final GradientUpdater<?> sgdUpdater = new SgdUpdater(sgd);

    /**
     * @param parameters number of weights
     */
    public Optimizer(OptimizerKind kind, int parameters) {
        this.kind = kind;
        if (kind == OptimizerKind.ADAM) {
            moments = Nd4j.zeros(DataType.FLOAT, 1, 2L * parameters);
            AdamUpdater withMoments = new AdamUpdater(adam);
            withMoments.setStateViewArray(moments, new long[] {1, parameters}, 'c', true);
            adamUpdater = withMoments;
        } else {
            moments = null;
            adamUpdater = null;
        }
    }

    /**
     * Takes one step by this optimizer's own rule.
     *
     * @param parameters float32 [1, P], changed in place
     * @param gradient float32 [1, P], overwritten with the step
     * @param rate learning rate
     * @param iteration steps taken before this one
     */
    public void step(INDArray parameters, INDArray gradient, double rate, long iteration) {
        step(kind, parameters, gradient, rate, iteration);
    }

    /** Takes one step, by SGD also where this is Adam, whose moments then stay as they are. */
    void step(
            OptimizerKind rule,
            INDArray parameters,
            INDArray gradient,
            double rate,
            long iteration) {
        adam.setLearningRate(rate);
        sgd.setLearningRate(rate);
        (rule == OptimizerKind.ADAM ? adamUpdater : sgdUpdater)
                .applyUpdater(gradient, Math.toIntExact(iteration), 0);
        parameters.subi(gradient);
    }

    /** Number of floats in the state. */
    public static int stateSize(OptimizerKind kind, int parameters) {
        return kind == OptimizerKind.ADAM ? 2 * parameters : 0;
    }

    /** Moments, a copy: {@link #stateSize} values. */
    public float[] state() {
        return moments == null ? new float[0] : FloatArrays.toHeap(moments);
    }

    /** Takes over moments. */
    public void restore(float[] state) {
        if (moments != null) {
            FloatArrays.write(state, 0, moments, 0, state.length);
        }
    }

    @Override
    public void close() {
        if (moments != null && moments.closeable()) {
            moments.close();
        }
    }
}
