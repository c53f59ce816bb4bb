package io.ebmstream.ops.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class SlicedWassersteinTest {

    /** In one dimension every direction is +1 or -1: the distance between sorted values. */
    @Test
    void isTheWassersteinDistanceInOneDimension() {
        float[][] x = {{3}, {0}, {1}};
        float[][] y = {{5}, {1}, {1}};
        assertThat(SlicedWasserstein.between(x, y, 7, 1))
                .isCloseTo(Math.sqrt((1 + 0 + 4) / 3.0), within(1e-12));
    }

    /** A shift by s along all d axes has squared projections of mean s^2. */
    @Test
    void findsAShift() {
        float[][] x = SampleRows.normals(500, 16, 1, 0);
        float[][] shifted = SampleRows.normals(500, 16, 1, 0.5f);
        assertThat(SlicedWasserstein.between(x, shifted, 400, 1)).isCloseTo(0.5, within(0.05));
        assertThat(SlicedWasserstein.between(x, x, 10, 1)).isZero();
    }

    @Test
    void refusesSetsOfDifferentSizes() {
        assertThatThrownBy(() -> SlicedWasserstein.between(new float[2][1], new float[3][1], 1, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("2 and 3 rows");
    }
}
