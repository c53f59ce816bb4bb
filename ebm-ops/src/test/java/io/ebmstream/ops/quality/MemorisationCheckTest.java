package io.ebmstream.ops.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class MemorisationCheckTest {
    private final float[][] training = SampleRows.normals(400, 8, 1, 0);
    private final float[][] heldOut = SampleRows.normals(400, 8, 2, 0);

    @Test
    void newSamplesAreAsFarAsHeldOutImages() {
        MemorisationCheck fresh =
                MemorisationCheck.of(training, heldOut, SampleRows.normals(400, 8, 3, 0));
        assertThat(fresh.medianRatio()).isCloseTo(1, within(0.1));
        assertThat(fresh.closeShare()).isCloseTo(MemorisationCheck.TAIL, within(0.04));
    }

    @Test
    void findsCopies() {
        float[][] copies = new float[100][8];
        for (int i = 0; i < copies.length; i++) {
            for (int j = 0; j < 8; j++) {
                copies[i][j] = training[i][j] + 0.01f;
            }
        }
        MemorisationCheck found = MemorisationCheck.of(training, heldOut, copies);
        assertThat(found.medianRatio()).isLessThan(0.1);
        assertThat(found.closeShare()).isEqualTo(1);
    }

    @Test
    void refusesEmptySets() {
        assertThatThrownBy(() -> MemorisationCheck.of(training, heldOut, new float[0][8]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("400 and 0");
    }
}
