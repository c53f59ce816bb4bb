package io.ebmstream.ops.compute.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ebmstream.ops.sampler.GaussianNoise;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What the composition of weights says of itself. */
class CompositionTest {
    private static final Kernel KERNEL = Kernel.square(2, 3, 3, 1, 1);
    private static final int WEIGHTS = KERNEL.weights();
    private static final Normalisation NORM =
            new Normalisation(3, 1e-5, 0.1, WEIGHTS + 3, WEIGHTS + 6, WEIGHTS + 9, WEIGHTS + 12);

    @Test
    void aPoolBehindThreeByThreeMakesFourByFour() {
        Composition pooled = new Composition(KERNEL, 0, WEIGHTS, 2, null);
        assertThat(pooled.kernel()).isEqualTo(Kernel.square(2, 3, 4, 2, 1));
        float[] kernel = new float[pooled.kernel().weights()];
        float[] ones = new float[WEIGHTS + 3];
        Arrays.fill(ones, 1);
        pooled.compose(ones, kernel);
        assertThat(kernel)
                .startsWith(
                        0.25f, 0.5f, 0.5f, 0.25f, 0.5f, 1, 1, 0.5f, 0.5f, 1, 1, 0.5f, 0.25f, 0.5f,
                        0.5f, 0.25f);
    }

    /**
     * For any a, b: d(a . W' + b . b')/dtheta from {@link Composition#addGradient} against central
     * differences of {@link Composition#compose}, for every weight, bias, scale and shift.
     */
    @Test
    void gradientsAgreeWithDifferences() {
        Composition all = new Composition(KERNEL, 0, WEIGHTS, 2, NORM);
        float[] parameters = noise(1, WEIGHTS + 15);
        for (int c = 0; c < 3; c++) {
            parameters[NORM.variance() + c] = 1 + Math.abs(parameters[NORM.variance() + c]);
        }
        float[] a = noise(2, all.kernel().weights());
        float[] b = noise(3, 3);
        float[] gradient = new float[parameters.length];
        all.addGradient(parameters, a.clone(), b, 1, gradient);
        for (int i = 0; i < NORM.mean(); i++) {
            float kept = parameters[i];
            float step = 0.0625f;
            parameters[i] = kept + step;
            double above = product(all, parameters, a, b);
            parameters[i] = kept - step;
            double below = product(all, parameters, a, b);
            parameters[i] = kept;
            // Linear in each value by itself: the differences are exact but for float32's rounding.
            assertThat((above - below) / (2 * step)).isCloseTo(gradient[i], within(2e-5));
        }
        assertThat(gradient[NORM.mean()]).isZero();
        assertThat(gradient[NORM.variance()]).isZero();
    }

    private static double product(Composition all, float[] parameters, float[] a, float[] b) {
        float[] kernel = new float[a.length];
        float[] bias = new float[b.length];
        all.compose(parameters, kernel);
        all.composeBias(parameters, bias);
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * kernel[i];
        }
        for (int i = 0; i < b.length; i++) {
            sum += (double) b[i] * bias[i];
        }
        return sum;
    }

    private static float[] noise(long seed, int length) {
        float[] values = new float[length];
        new GaussianNoise().fill(seed, 0, 0, values, 0, length);
        return values;
    }
}
