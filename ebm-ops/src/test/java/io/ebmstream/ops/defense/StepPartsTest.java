package io.ebmstream.ops.defense;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StepPartsTest {
    @Test
    void chainsInStepRunTogether() {
        assertThat(StepParts.of(new int[] {0, 5, 0, 5, 5, 2, 0}, 2))
                .containsExactly(
                        new int[] {1, 3},
                        new int[] {4},
                        new int[] {5},
                        new int[] {0, 2},
                        new int[] {6});
        assertThat(StepParts.of(new int[] {3}, 8)).containsExactly(new int[] {0});
    }

    @Test
    void aSliceHoldsWhatFits() {
        StepPace pace = new StepPace();
        assertThat(pace.steps(1_000, 50)).as("nothing is known").isEqualTo(1);
        pace.took(100, 1);
        assertThat(pace.steps(1_000, 50)).isEqualTo(10);
        assertThat(pace.steps(1_000, 7)).isEqualTo(7);
        assertThat(pace.steps(10, 50)).isEqualTo(1);
        pace.took(900, 3);
        assertThat(pace.steps(1_000, 50)).as("half of 100 and 300").isEqualTo(5);
    }
}
