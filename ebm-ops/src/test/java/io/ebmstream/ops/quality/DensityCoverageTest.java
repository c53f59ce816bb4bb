package io.ebmstream.ops.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class DensityCoverageTest {

    /** Real at 0, 1, 3 with k = 1: balls of radius 1, 1 and 2; samples at 0.5 and 10. */
    @Test
    void agreesWithTheDefinition() {
        DensityCoverage found =
                DensityCoverage.of(new float[][] {{0}, {1}, {3}}, new float[][] {{0.5f}, {10}}, 1);
        assertThat(found.density()).isEqualTo(2 / 2.0);
        assertThat(found.coverage()).isEqualTo(2 / 3.0);
    }

    @Test
    void knowsSamplesThatAreAlikeFromNarrowAndFarOnes() {
        float[][] real = SampleRows.normals(300, 8, 1, 0);
        DensityCoverage alike = DensityCoverage.of(real, SampleRows.normals(300, 8, 2, 0), 5);
        assertThat(alike.density()).isCloseTo(1, within(0.15));
        assertThat(alike.coverage()).isCloseTo(1 - Math.pow(2, -5), within(0.04));

        float[][] narrow = new float[300][8];
        DensityCoverage missing = DensityCoverage.of(real, narrow, 5);
        assertThat(missing.coverage()).as("one point").isLessThan(alike.coverage() / 2);

        DensityCoverage far = DensityCoverage.of(real, SampleRows.normals(300, 8, 3, 5), 5);
        assertThat(far.density()).isLessThan(0.05);
        assertThat(far.coverage()).isLessThan(0.05);
    }

    @Test
    void refusesTooFewImages() {
        assertThatThrownBy(() -> DensityCoverage.of(new float[5][2], new float[5][2], 5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("5 neighbours and 5 real images");
    }
}
