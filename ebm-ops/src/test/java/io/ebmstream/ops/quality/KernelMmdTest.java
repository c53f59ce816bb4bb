package io.ebmstream.ops.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** The cubic-kernel distance. */
class KernelMmdTest {
    private static final int ROWS = 256;
    private static final int BLOCK = 32;

    /** By hand: d = 1, m = 2, x = (1, -1), y = (0, 2) twice over. */
    @Test
    void agreesWithTheDefinition() {
        float[][] x = {{1}, {-1}, {1}, {-1}};
        float[][] y = {{0}, {2}, {0}, {2}};
        // k(1,-1) = 0; k(0,2) = 1; k(1,0) = 1, k(1,2) = 27, k(-1,0) = 1, k(-1,2) = -1
        double expected = (0 + 0) / 2.0 + (1 + 1) / 2.0 - 2 * (1 + 27 + 1 - 1) / 4.0;
        Estimate found = KernelMmd.between(x, y, 2);
        assertThat(found.value()).isCloseTo(expected, within(1e-12));
        assertThat(found.error()).isZero();
    }

    @Test
    void isAboutZeroForOneDistributionAndGrowsWithTheShift() {
        float[][] x = SampleRows.normals(ROWS, 16, 1, 0);
        Estimate same = KernelMmd.between(x, SampleRows.normals(ROWS, 16, 2, 0), BLOCK);
        Estimate near = KernelMmd.between(x, SampleRows.normals(ROWS, 16, 3, 0.4f), BLOCK);
        Estimate far = KernelMmd.between(x, SampleRows.normals(ROWS, 16, 4, 0.8f), BLOCK);
        assertThat(Math.abs(same.value())).isLessThan(4 * same.error());
        assertThat(near.value()).isGreaterThan(4 * near.error());
        assertThat(far.low()).isGreaterThan(near.high());
    }

    @Test
    void wantsTwoBlocks() {
        assertThatThrownBy(
                        () ->
                                KernelMmd.between(
                                        SampleRows.normals(ROWS, 16, 1, 0),
                                        SampleRows.normals(ROWS, 16, 2, 0),
                                        ROWS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least two of them")
                .hasMessageContaining("256");
    }
}
