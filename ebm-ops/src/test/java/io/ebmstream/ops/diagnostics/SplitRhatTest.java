package io.ebmstream.ops.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class SplitRhatTest {
    @Test
    void isWhatTheFormulaSays() {
        // halves {0, 2} and {4, 6}: W = 2, means 1 and 5: V = 8, R^2 = (2 / 2 + 8) / 2
        assertThat(SplitRhat.of(new double[][] {{0, 2, 4, 6}})).isCloseTo(Math.sqrt(4.5), EXACT);
        // of five draws the first is left out
        assertThat(SplitRhat.of(new double[][] {{99, 0, 2, 4, 6}}))
                .isCloseTo(Math.sqrt(4.5), EXACT);
    }

    /** A few roundings of doubles. */
    private static final org.assertj.core.data.Offset<Double> EXACT = within(1e-12);

    @Test
    void chainsThatDoNotDriftAreAroundOne() {
        double[] still = new double[100];
        double[] drifting = new double[100];
        for (int i = 0; i < still.length; i++) {
            still[i] = i % 2 == 0 ? 1 : -1;
            drifting[i] = still[i] + 0.1 * i;
        }
        // without a difference between means R^2 = (N - 1) / N
        assertThat(SplitRhat.of(new double[][] {still})).isCloseTo(Math.sqrt(0.98), EXACT);
        assertThat(SplitRhat.of(new double[][] {drifting})).isGreaterThan(1.5);
        // two that each stay, at different places
        double[] elsewhere = still.clone();
        for (int i = 0; i < elsewhere.length; i++) {
            elsewhere[i] += 5;
        }
        assertThat(SplitRhat.of(new double[][] {still, elsewhere})).isGreaterThan(1.5);
    }

    @Test
    void saysWhatItCannotMeasure() {
        assertThat(SplitRhat.of(new double[][] {{1, 1, 1, 1}})).isNaN();
        assertThatThrownBy(() -> SplitRhat.of(new double[][] {{1, 2, 3}}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least 4");
    }
}
