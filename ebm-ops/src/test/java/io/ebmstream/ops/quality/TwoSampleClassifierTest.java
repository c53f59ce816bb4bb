package io.ebmstream.ops.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TwoSampleClassifierTest {

    @Test
    void findsNothingBetweenSetsThatAreAlike() {
        for (long seed = 1; seed <= 5; seed++) {
            TwoSampleClassifier same =
                    TwoSampleClassifier.of(
                            SampleRows.normals(400, 32, seed, 0),
                            SampleRows.normals(400, 32, seed + 10, 0));
            assertThat(Math.abs(same.zScore())).as("seed %d", seed).isLessThan(4);
        }
    }

    /** Means 0.2 apart on 32 axes: d' = 0.2 sqrt(32) = 1.13, the best accuracy is 0.714. */
    @Test
    void comesNearTheBestAccuracy() {
        TwoSampleClassifier shifted =
                TwoSampleClassifier.of(
                        SampleRows.normals(2000, 32, 1, 0), SampleRows.normals(2000, 32, 2, 0.2f));
        assertThat(shifted.accuracy()).isBetween(0.67, 0.714 + 4 * shifted.error());
        assertThat(shifted.zScore()).isGreaterThan(10);
    }

    @Test
    void refusesSetsOfDifferentSizes() {
        assertThatThrownBy(() -> TwoSampleClassifier.of(new float[4][1], new float[6][1]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("4 and 6");
    }
}
