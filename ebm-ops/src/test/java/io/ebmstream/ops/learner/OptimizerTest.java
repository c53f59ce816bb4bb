package io.ebmstream.ops.learner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.sampler.GaussianNoise;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class OptimizerTest {
    private static final int SIZE = 1000;

    private static float[] gradient(int iteration) {
        float[] values = new float[SIZE];
        new GaussianNoise().fill(1, 2, iteration, values, 0, SIZE);
        return values;
    }

    @Test
    void adamIsAdam() {
        double rate = 1e-3;
        double[] weights = new double[SIZE];
        double[] m = new double[SIZE];
        double[] v = new double[SIZE];
        try (Optimizer optimizer = new Optimizer(OptimizerKind.ADAM, SIZE);
                INDArray parameters = Nd4j.zeros(DataType.FLOAT, 1, SIZE);
                INDArray step = Nd4j.zeros(DataType.FLOAT, 1, SIZE)) {
            for (int t = 1; t <= 20; t++) {
                float[] g = gradient(t);
                FloatArrays.write(g, 0, step, 0, SIZE);
                optimizer.step(parameters, step, rate, t - 1);
                for (int i = 0; i < SIZE; i++) {
                    m[i] = 0.9 * m[i] + 0.1 * g[i];
                    v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
                    double unbiased = m[i] / (1 - Math.pow(0.9, t));
                    double scale = Math.sqrt(v[i] / (1 - Math.pow(0.999, t)));
                    weights[i] -= rate * unbiased / (scale + 1e-8);
                }
            }
            float[] found = FloatArrays.toHeap(parameters);
            float[] state = optimizer.state();
            for (int i = 0; i < SIZE; i++) {
                assertThat((double) found[i]).isCloseTo(weights[i], within(1e-6));
                assertThat((double) state[i]).isCloseTo(m[i], within(1e-6));
                assertThat((double) state[SIZE + i]).isCloseTo(v[i], within(1e-6));
            }
        }
    }

    @Test
    void restoredAdamTakesTheSameSteps() {
        try (Optimizer whole = new Optimizer(OptimizerKind.ADAM, SIZE);
                Optimizer second = new Optimizer(OptimizerKind.ADAM, SIZE);
                INDArray parameters = Nd4j.zeros(DataType.FLOAT, 1, SIZE);
                INDArray step = Nd4j.zeros(DataType.FLOAT, 1, SIZE)) {
            FloatArrays.write(gradient(0), 0, step, 0, SIZE);
            whole.step(parameters, step, 1e-3, 0);
            second.restore(whole.state());
            float[] before = FloatArrays.toHeap(parameters);
            FloatArrays.write(gradient(1), 0, step, 0, SIZE);
            whole.step(parameters, step, 1e-3, 1);
            float[] expected = FloatArrays.toHeap(parameters);
            FloatArrays.write(before, 0, parameters, 0, SIZE);
            FloatArrays.write(gradient(1), 0, step, 0, SIZE);
            second.step(parameters, step, 1e-3, 1);
            assertThat(FloatArrays.toHeap(parameters)).isEqualTo(expected);
        }
    }

    @Test
    void descentGoesAgainstTheGradient() {
        try (Optimizer optimizer = new Optimizer(OptimizerKind.SGD, SIZE);
                INDArray parameters = Nd4j.zeros(DataType.FLOAT, 1, SIZE);
                INDArray step = Nd4j.zeros(DataType.FLOAT, 1, SIZE)) {
            float[] g = gradient(0);
            FloatArrays.write(g, 0, step, 0, SIZE);
            optimizer.step(parameters, step, 0.5, 0);
            float[] found = FloatArrays.toHeap(parameters);
            for (int i = 0; i < SIZE; i++) {
                assertThat(found[i]).isEqualTo(-0.5f * g[i]);
            }
            assertThat(optimizer.state()).isEmpty();
        }
    }

    @Test
    void averageFollowsWhileYoungAndLagsWhenOld() {
        assertThat(ExponentialMovingAverage.decay(0.9999, 1)).isEqualTo(2.0 / 11);
        assertThat(ExponentialMovingAverage.decay(0.9999, 1_000_000)).isEqualTo(0.9999);
        try (INDArray weights = Nd4j.zeros(DataType.FLOAT, 1, 2);
                ExponentialMovingAverage average = new ExponentialMovingAverage(0.5, weights)) {
            double expected = 0;
            for (int t = 1; t <= 20; t++) {
                weights.assign(t);
                average.update(weights, t);
                double decay = Math.min(0.5, (1.0 + t) / (10 + t));
                expected = decay * expected + (1 - decay) * t;
            }
            assertThat((double) average.toHeap()[1]).isCloseTo(expected, within(1e-5));
        }
    }
}
