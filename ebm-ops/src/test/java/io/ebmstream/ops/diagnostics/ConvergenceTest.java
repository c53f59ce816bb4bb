package io.ebmstream.ops.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ebmstream.ops.sampler.GaussianNoise;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against processes of which the answer is known. */
class ConvergenceTest {
    private static final GaussianNoise NOISE = new GaussianNoise();

    /** x_t = phi x_{t-1} + sqrt(1 - phi^2) xi, from its stationary law N(0, 1). */
    private static double[] ar1(double phi, int n, long seed, long chain) {
        float[] noise = new float[n];
        NOISE.fill(seed, chain, 0, noise, 0, n);
        double[] x = new double[n];
        x[0] = noise[0];
        for (int t = 1; t < n; t++) {
            x[t] = phi * x[t - 1] + Math.sqrt(1 - phi * phi) * noise[t];
        }
        return x;
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.5, 0, 0.5, 0.9})
    void autocorrelationOfAnAutoregressionIsItsPower(double phi) {
        double[] found = Correlation.auto(ar1(phi, 50_000, 1, 0), 3);
        assertThat(found[0]).isCloseTo(1, within(1e-12));
        for (int lag = 1; lag <= 3; lag++) {
            // standard error at most sqrt((1 + phi^2) / (1 - phi^2) / n) = 0.014
            assertThat(found[lag]).isCloseTo(Math.pow(phi, lag), within(0.05));
        }
    }

    @Test
    void crossCorrelationFindsWhichSeriesLeads() {
        double[] a = ar1(0, 10_000, 2, 0);
        double[] b = new double[a.length];
        for (int t = 3; t < b.length; t++) {
            b[t] = -a[t - 3];
        }
        double[] found = Correlation.cross(a, b, 5);
        assertThat(found[5 + 3]).isCloseTo(-1, within(0.01));
        for (int lag = -5; lag <= 5; lag++) {
            if (lag != 3) {
                assertThat(found[5 + lag]).isCloseTo(0, within(0.05));
            }
        }
        assertThat(Correlation.cross(b, a, 5)[5 - 3]).isEqualTo(found[5 + 3]);
        assertThat(Correlation.auto(new double[] {2, 2, 2}, 1)).containsOnly(Double.NaN);
        assertThatThrownBy(() -> Correlation.cross(a, new double[2], 1))
                .hasMessageContaining("10000 and 2");
    }

    /** Of an autoregression ESS / n is (1 - phi) / (1 + phi). */
    @ParameterizedTest
    @ValueSource(doubles = {-0.3, 0, 0.5, 0.9})
    void effectiveSampleSizeOfAnAutoregression(double phi) {
        int n = 4000;
        double[][] chains = new double[8][];
        for (int i = 0; i < chains.length; i++) {
            chains[i] = ar1(phi, n, 3, i);
        }
        double expected = 8.0 * n * (1 - phi) / (1 + phi);
        // the estimate's own spread at this length is about 5 %
        assertThat(EffectiveSampleSize.of(chains)).isBetween(0.8 * expected, 1.2 * expected);
    }

    /** Chains that sit at different places are worth about one draw each, however long they are. */
    @Test
    void chainsThatDisagreeAreWorthLittle() {
        double[][] chains = new double[8][];
        for (int i = 0; i < chains.length; i++) {
            chains[i] = ar1(0, 1000, 4, i);
            for (int t = 0; t < chains[i].length; t++) {
                chains[i][t] += 10 * i;
            }
        }
        assertThat(EffectiveSampleSize.of(chains)).isLessThan(20);
        assertThat(EffectiveSampleSize.of(new double[2][10])).isNaN();
        assertThatThrownBy(() -> EffectiveSampleSize.of(new double[2][3]))
                .hasMessageContaining("at least 4 draws");
    }

    /** Few draws that alternate give a sum that a plain formula turns negative. */
    @Test
    void drawsThatAlternateStayWithinTheBound() {
        double[][] chains = {{1, -1, 1, -1, 1, -1, 1, -1}};
        assertThat(EffectiveSampleSize.of(chains)).isEqualTo(8 * Math.log10(8));
    }

    private static double[][][] superchains(int k, int m, int n, double startSpread, double left) {
        float[] starts = new float[k];
        NOISE.fill(5, 99, 0, starts, 0, k);
        double[][][] draws = new double[k][m][];
        for (int i = 0; i < k; i++) {
            for (int j = 0; j < m; j++) {
                draws[i][j] = ar1(0, n, 5, (long) i * m + j);
                for (int t = 0; t < n; t++) {
                    draws[i][j][t] += left * startSpread * starts[i];
                }
            }
        }
        return draws;
    }

    /** B / W = (left * spread)^2 + 1 / M for single draws of variance 1. */
    @Test
    void nestedRhatIsWhatTheVariancesSay() {
        int k = 400;
        int m = 8;
        NestedRhat forgotten = NestedRhat.of(superchains(k, m, 1, 1, 0));
        // B has a relative standard error of sqrt(2 / (k - 1)) = 7 %
        assertThat(forgotten.value() * forgotten.value()).isCloseTo(1 + 1.0 / m, within(0.03));
        assertThat(forgotten.converged()).isTrue();
        NestedRhat remembered = NestedRhat.of(superchains(k, m, 1, 1, 1));
        assertThat(remembered.value() * remembered.value())
                .isCloseTo(1 + 1 + 1.0 / m, within(0.25));
        assertThat(remembered.converged()).isFalse();
    }

    @Test
    void nestedRhatOfLongChainsCountsTheirOwnVariance() {
        NestedRhat found = NestedRhat.of(superchains(200, 4, 50, 1, 1));
        // W = variance within (1) + between means of chains (1 / 50)
        assertThat(found.value() * found.value())
                .isCloseTo(1 + (1 + 1.0 / 200) / (1 + 1.0 / 50), within(0.25));
        assertThat(NestedRhat.of(superchains(200, 4, 50, 1, 0)).value()).isLessThan(1.01);
    }

    @Test
    void nestedRhatNeedsGroups() {
        assertThatThrownBy(() -> NestedRhat.of(superchains(1, 4, 1, 1, 0)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> NestedRhat.of(superchains(4, 1, 1, 1, 0)))
                .hasMessageContaining("at least 2");
        assertThat(NestedRhat.of(new double[3][3][2]).value()).isNaN();
    }

    /** A projection of standard normal noise is standard normal. */
    @Test
    void projectionsHaveLengthOne() {
        Projections projections = new Projections(300, 3, 1);
        float[] image = new float[2 * 300];
        double squares = 0;
        int count = 2000;
        for (int i = 0; i < count; i++) {
            NOISE.fill(6, i, 0, image, 300, 300);
            squares += Math.pow(projections.of(1, image, 300), 2);
        }
        assertThat(squares / count).isCloseTo(1, within(0.15));
        assertThat(projections.of(1, image, 300)).isNotEqualTo(projections.of(2, image, 300));
        assertThat(new Projections(300, 2, 1).of(1, image, 300))
                .isEqualTo(projections.of(1, image, 300));
    }
}
