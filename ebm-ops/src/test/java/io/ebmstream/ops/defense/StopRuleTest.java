package io.ebmstream.ops.defense;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class StopRuleTest {
    private static final double[] ENERGIES = {-4, -2, 1, 3, 8};

    @Test
    void theLevelIsTheChainsOwn() {
        assertThat(new StopRule(Double.NaN, 0.5, 4, 3).stop(ENERGIES))
                .isEqualTo(new EarlyStop(1, 4, 3));
        assertThat(new StopRule(Double.NaN, 0, 4, 3).stop(ENERGIES).level()).isEqualTo(-4);
        assertThat(new StopRule(Double.NaN, 1, 4, 3).stop(ENERGIES).level()).isEqualTo(8);
        assertThat(new StopRule(Double.NaN, 0.7, 4, 3).stop(ENERGIES).level()).isEqualTo(3);
    }

    @Test
    void withoutChainsRunsTakeAllSteps() {
        assertThat(new StopRule(Double.NaN, 0.5, 4, 3).stop(new double[0])).isNull();
    }

    @Test
    void aLevelWinsOverTheChains() {
        assertThat(new StopRule(2.5, 0.5, 4, 3).stop(ENERGIES).level()).isEqualTo(2.5);
        assertThat(new StopRule(2.5, 0.5, 4, 3).stop(new double[0]).level()).isEqualTo(2.5);
    }

    @Test
    void refusesWhatCannotBe() {
        assertThatThrownBy(() -> new StopRule(Double.NaN, 1.5, 4, 3))
                .hasMessageContaining("quantile from 0 to 1");
        assertThatThrownBy(() -> new StopRule(Double.NEGATIVE_INFINITY, 0.5, 4, 3))
                .hasMessageContaining("finite");
        assertThatThrownBy(() -> new StopRule(Double.NaN, 0.5, 0, 3))
                .hasMessageContaining("at least 1 step");
    }
}
