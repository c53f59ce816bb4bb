package io.ebmstream.ops.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class FeatureScaleTest {
    @Test
    void centresAndScalesByTheReference() {
        FeatureScale scale = FeatureScale.of(new float[][] {{1, 5}, {3, 5}});
        assertThat(scale.apply(new float[][] {{1, 5}, {3, 5}, {4, 7}}))
                .isDeepEqualTo(new float[][] {{-1, 0}, {1, 0}, {2, 2}});
    }

    @Test
    void wantsTwoRows() {
        assertThatThrownBy(() -> FeatureScale.of(new float[][] {{1}}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least 2 images, found 1");
    }
}
