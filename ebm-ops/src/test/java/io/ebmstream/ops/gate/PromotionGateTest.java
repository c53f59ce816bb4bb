package io.ebmstream.ops.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PromotionGateTest {
    private static final int WARMUP = 100;
    private static final PromotionGate GATE =
            new PromotionGate(new GateConfig(WARMUP, 4, 10, 0.2, 2.5));

    /** Mean 0, standard deviation 1. */
    private static final double[] ANCHORS = {-1, 0, 1};

    private static final GateReference LAST = new GateReference(150, 1);

    private static GateCandidate candidate(
            long updates, double[] anchors, double[] chains, double outOfRange, double motion) {
        return new GateCandidate(updates, true, anchors, chains, outOfRange, motion);
    }

    private static GateCandidate healthy(long updates) {
        return candidate(updates, ANCHORS, new double[] {0.5, 1}, 0, 1.1);
    }

    @Test
    void aHealthyVersionPasses() {
        assertThat(GATE.examine(healthy(200), LAST)).isEmpty();
        assertThat(GATE.examine(healthy(200), null)).isEmpty();
        GateReference next = PromotionGate.reference(200, ANCHORS);
        assertThat(next).isEqualTo(new GateReference(200, 1));
    }

    @Test
    void whatIsNotFiniteNeverPasses() {
        double[] bad = {0, Double.NaN};
        assertFails(
                new GateCandidate(0, false, ANCHORS, ANCHORS, 0, 1), GateCheck.FINITE, "weights");
        assertFails(candidate(0, bad, ANCHORS, 0, 1), GateCheck.FINITE, "anchors");
        assertFails(
                candidate(0, ANCHORS, new double[] {1 / 0.0}, 0, 1), GateCheck.FINITE, "chains");
    }

    /** Ratios of the spread, on both sides of the bound of 4. */
    @ParameterizedTest
    @CsvSource({"3.9, true", "4.1, false", "0.26, true", "0.24, false"})
    void theSpreadOfAnchorEnergiesKeepsItsSize(double ratio, boolean passes) {
        double[] scaled = {-ratio, 0, ratio};
        GateCandidate wide = candidate(200, scaled, scaled, 0, 1);
        assertThat(GATE.examine(wide, LAST).isEmpty()).isEqualTo(passes);
        if (!passes) {
            GateFinding finding = assertFails(wide, GateCheck.SPREAD, "spread");
            assertThat(finding.found()).isBetween(4.09, 4.17);
            assertThat(finding.bound()).isEqualTo(4);
        }
        // nothing to compare with: the last one was young, or had no spread
        assertThat(GATE.examine(wide, new GateReference(WARMUP - 1, 1))).isEmpty();
        assertThat(GATE.examine(wide, new GateReference(150, Double.NaN))).isEmpty();
    }

    @Test
    void chainsHaveEnergiesLikeAnchors() {
        assertThat(GATE.examine(candidate(200, ANCHORS, new double[] {9, 10.9}, 0, 1), LAST))
                .isEmpty();
        GateFinding finding =
                assertFails(
                        candidate(200, ANCHORS, new double[] {-10, -11}, 0, 1),
                        GateCheck.SEPARATION,
                        "at most 10.00 spreads");
        assertThat(finding.found()).isEqualTo(10.5);
        // chains that do not last have no energies
        assertThat(GATE.examine(candidate(200, ANCHORS, new double[0], 0, 1), LAST)).isEmpty();
        // a constant shift of all energies means nothing
        assertThat(
                        GATE.examine(
                                candidate(
                                        200,
                                        new double[] {1e6 - 1, 1e6, 1e6 + 1},
                                        new double[] {1e6},
                                        0,
                                        1),
                                LAST))
                .isEmpty();
    }

    @Test
    void chainsAndAnchorsStayWhereTheyBelong() {
        assertThat(GATE.examine(candidate(200, ANCHORS, ANCHORS, 0.2, 2.5), LAST)).isEmpty();
        assertFails(candidate(200, ANCHORS, ANCHORS, 0.21, 1), GateCheck.CHAINS, "out of range");
        assertFails(candidate(200, ANCHORS, ANCHORS, 0, 2.6), GateCheck.MOTION, "noise alone");
        assertFails(
                candidate(200, ANCHORS, ANCHORS, 0, Double.POSITIVE_INFINITY),
                GateCheck.MOTION,
                "Infinity");
        assertThat(GATE.examine(candidate(200, ANCHORS, ANCHORS, Double.NaN, Double.NaN), LAST))
                .isEmpty();
    }

    @Test
    void aYoungVersionMustOnlyBeFinite() {
        GateCandidate wild = candidate(WARMUP - 1, ANCHORS, new double[] {100}, 1, 50);
        assertThat(GATE.examine(wild, null)).isEmpty();
        assertThat(GATE.armed(WARMUP - 1)).isFalse();
        assertThat(GATE.armed(WARMUP)).isTrue();
    }

    @Test
    void boundsAreChecked() {
        assertThatThrownBy(() -> new GateConfig(-1, 4, 10, 0.2, 2))
                .hasMessageContaining("found -1");
        assertThatThrownBy(() -> new GateConfig(0, 1, 10, 0.2, 2))
                .hasMessageContaining("found 1.0");
        assertThatThrownBy(() -> new GateConfig(0, 4, 0, 0.2, 2)).hasMessageContaining("found 0.0");
        assertThatThrownBy(() -> new GateConfig(0, 4, 10, 1.1, 2)).hasMessageContaining("1.1");
        assertThatThrownBy(() -> new GateConfig(0, 4, 10, 0.2, Double.NaN))
                .hasMessageContaining("NaN");
    }

    private static GateFinding assertFails(GateCandidate version, GateCheck check, String text) {
        GateFinding finding = GATE.examine(version, LAST).orElseThrow();
        assertThat(finding.check()).isEqualTo(check);
        assertThat(finding.text()).contains(text);
        return finding;
    }
}
