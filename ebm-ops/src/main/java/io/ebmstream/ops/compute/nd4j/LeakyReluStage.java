package io.ebmstream.ops.compute.nd4j;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.scalar.ScalarMax;
import org.nd4j.linalg.api.ops.impl.scalar.ScalarMultiplication;
import org.nd4j.linalg.api.ops.impl.scalar.Step;
import org.nd4j.linalg.api.ops.impl.transforms.custom.Max;
import org.nd4j.linalg.api.ops.impl.transforms.pairwise.arithmetic.MulOp;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Leaky ReLU in place, max(x, slope x); its derivative max(step(y), slope) is read off the sign of
 * the result. ND4J's own lrelu operations are several times slower. Works on whole buffers: the
 * scratch in between does no harm. Not thread-safe.
 */
final class LeakyReluStage implements Stage {
    private final FeatureMap value;
    private final FeatureMap gradient;
    private final INDArray scratch;
    private final ScalarMultiplication multiply;
    private final PreparedOp max;
    private final Step step;
    private final ScalarMax atLeastSlope;
    private final PreparedOp mask;

    LeakyReluStage(double slope, FeatureMap value, FeatureMap gradient) {
        this.value = value;
        this.gradient = gradient;
        INDArray x = value.buffer();
        scratch = FeatureMap.zeros(x.length());
        multiply = new ScalarMultiplication(x, null, scratch, slope);
        max = new PreparedOp(new Max(x, scratch, x));
        step = new Step(x, scratch, 0);
        atLeastSlope = new ScalarMax(scratch, null, scratch, slope);
        mask = new PreparedOp(new MulOp(gradient.buffer(), scratch, gradient.buffer()));
    }

    @Override
    public FeatureMap value() {
        return value;
    }

    @Override
    public FeatureMap gradient() {
        return gradient;
    }

    @Override
    public void forward() {
        Nd4j.exec(multiply);
        max.run();
    }

    @Override
    public void backward() {
        Nd4j.exec(step);
        Nd4j.exec(atLeastSlope);
        mask.run();
    }

    @Override
    public void close() {
        max.close();
        mask.close();
        scratch.close();
    }
}
