package io.ebmstream.ops.classifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ProportionTest {
    /** Three decimals of published values; Newcombe 1998, Table I. */
    private static final double ROUNDED = 5e-5;

    @Test
    void agreesWithNewcombesTable() {
        check(new Proportion(81, 263), 0.2553, 0.3662);
        check(new Proportion(15, 148), 0.0624, 0.1605);
        check(new Proportion(0, 20), 0, 0.1611);
        check(new Proportion(1, 29), 0.0061, 0.1718);
    }

    @Test
    void isSymmetric() {
        Proportion some = new Proportion(3, 50);
        Proportion rest = new Proportion(47, 50);
        assertThat(some.low()).isCloseTo(1 - rest.high(), within(1e-12));
        assertThat(some.value()).isEqualTo(0.06);
    }

    @Test
    void refusesWhatIsNoShare() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Proportion(0, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new Proportion(3, 2));
    }

    private static void check(Proportion found, double low, double high) {
        assertThat(found.low()).isCloseTo(low, within(ROUNDED));
        assertThat(found.high()).isCloseTo(high, within(ROUNDED));
    }
}
