package io.ebmstream.ops.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class LangevinStepTest {
    private static final int N = 1003;

    private final float[] x = new float[N + 2];
    private final float[] gradient = new float[N + 2];
    private final float[] noise = new float[N + 2];

    LangevinStepTest() {
        GaussianNoise source = new GaussianNoise();
        source.fill(1, 0, 0, x, 0, x.length);
        source.fill(1, 1, 0, gradient, 0, gradient.length);
        source.fill(1, 2, 0, noise, 0, noise.length);
    }

    @Test
    void followsTheEquation() {
        LangevinConfig config = new LangevinConfig(0.1, 0.02, 0.5, 0);
        double[] expected = new double[N];
        double squares = 0;
        for (int i = 0; i < N; i++) {
            double d = 0.005 * (gradient[i + 2] / 0.02 + x[i + 1] / 0.25);
            squares += d * d;
            expected[i] = x[i + 1] - d + 0.1 * noise[i];
        }
        float before = x[0];
        float norm = new LangevinStep(config).apply(x, 1, gradient, 2, noise, 0, N, true);
        assertThat((double) norm).isCloseTo(Math.sqrt(squares), within(1e-5));
        for (int i = 0; i < N; i++) {
            assertThat((double) x[i + 1]).isCloseTo(expected[i], within(1e-6));
        }
        assertThat(x[0]).isEqualTo(before);
    }

    /** There is one loop for equal offsets and one for others. */
    @Test
    void offsetsDoNotShow() {
        for (double tau : new double[] {0, 0.5}) {
            LangevinStep step = new LangevinStep(new LangevinConfig(0.1, 0.02, tau, 0.25));
            float[] same = x.clone();
            step.apply(same, 1, gradient, 1, noise, 1, N, false);
            float[] other = new float[N];
            System.arraycopy(x, 1, other, 0, N);
            step.apply(other, 0, gradient, 1, noise, 1, N, false);
            assertThat(Arrays.copyOfRange(same, 1, N + 1)).isEqualTo(other);
        }
    }

    @Test
    void clipsTheWholeDisplacement() {
        LangevinConfig free = new LangevinConfig(0.1, 0.02, 0.5, 0);
        LangevinConfig clipped = new LangevinConfig(0.1, 0.02, 0.5, 0.25);
        float[] y = x.clone();
        float norm = new LangevinStep(free).apply(x.clone(), 0, gradient, 0, noise, 0, N, true);
        assertThat(norm).isGreaterThan(0.25f);
        assertThat(new LangevinStep(clipped).apply(y, 0, gradient, 0, noise, 0, N, false))
                .isEqualTo(0.25f);
        for (int i = 0; i < N; i++) {
            double d = 0.005 * (gradient[i] / 0.02 + x[i] / 0.25) * 0.25 / norm;
            assertThat((double) y[i]).isCloseTo(x[i] - d + 0.1 * noise[i], within(1e-6));
        }
    }

    @Test
    void aLimitThatIsNotReachedChangesNothing() {
        float[] free = x.clone();
        float[] limited = x.clone();
        new LangevinStep(LangevinConfig.of(0.01, 1e-2))
                .apply(free, 0, gradient, 0, noise, 0, N, false);
        new LangevinStep(new LangevinConfig(0.01, 1e-2, 0, 1e6))
                .apply(limited, 0, gradient, 0, noise, 0, N, false);
        assertThat(limited).isEqualTo(free);
    }

    @Test
    void passesNanOn() {
        gradient[3] = Float.NaN;
        LangevinConfig config = new LangevinConfig(0.1, 1, 0, 1);
        float norm = new LangevinStep(config).apply(x, 0, gradient, 0, noise, 0, N, true);
        assertThat(norm).isNaN();
        assertThat(x[3]).isNaN();
    }

    /** Energy x^2/2 at T = 1: the chain's law is normal with the discretisation's variance. */
    @Test
    void recoversMeanAndVarianceOfAGaussian() {
        double eps = 0.5;
        LangevinStep step = new LangevinStep(LangevinConfig.of(eps, 1));
        GaussianNoise source = new GaussianNoise();
        float[] chain = new float[20_000];
        float[] grad = new float[chain.length];
        float[] xi = new float[chain.length];
        int steps = 60;
        for (int k = 0; k < steps; k++) {
            for (int i = 0; i < chain.length; i++) {
                grad[i] = chain[i] - 2f;
            }
            source.fill(5, 1, k, xi, 0, xi.length);
            step.apply(chain, 0, grad, 0, xi, 0, chain.length, false);
        }
        double sum = 0;
        double squares = 0;
        for (float v : chain) {
            sum += v;
            squares += (double) v * v;
        }
        double n = chain.length;
        double mean = sum / n;
        double variance = squares / n - mean * mean;
        // x <- a x + eps xi has variance eps^2 / (1 - a^2), a = 1 - eps^2/2.
        double a = 1 - eps * eps / 2;
        double expected = eps * eps / (1 - a * a);
        double expectedMean = 2 * (1 - Math.pow(a, steps));
        assertThat(mean).isCloseTo(expectedMean, within(5 * Math.sqrt(expected / n)));
        assertThat(variance).isCloseTo(expected, within(5 * expected * Math.sqrt(2 / n)));
    }
}
