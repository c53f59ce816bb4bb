package io.ebmstream.ops.bank;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.apache.commons.statistics.inference.ChiSquareTest;
import org.junit.jupiter.api.Test;

class DrawsTest {

    @Property(tries = 300)
    void distinctIndicesAreDistinctAndInRange(
            @ForAll long key,
            @ForAll @IntRange(min = 1, max = 300) int bound,
            @ForAll @IntRange(max = 300) int wanted) {
        int count = Math.min(bound, wanted);
        int[] drawn = Draws.distinct(key, bound, count);
        assertThat(Arrays.stream(drawn).distinct().count()).isEqualTo(count);
        assertThat(Arrays.stream(drawn).boxed()).allMatch(i -> i >= 0 && i < bound);
        assertThat(drawn).isEqualTo(Draws.distinct(key, bound, count));
    }

    @Test
    void everyOrderedPairIsAsLikely() {
        long[] counts = new long[30];
        for (int key = 0; key < 30_000; key++) {
            int[] pair = Draws.distinct(key * 0x9E3779B97F4A7C15L, 6, 2);
            counts[pair[0] * 5 + (pair[1] > pair[0] ? pair[1] - 1 : pair[1])]++;
        }
        assertThat(ChiSquareTest.withDefaults().test(counts).getPValue()).isGreaterThan(1e-3);
    }

    @Test
    void uniformNumbersAreUniform() {
        long[] counts = new long[20];
        for (int i = 0; i < 20_000; i++) {
            double u = Draws.uniform(42, i);
            assertThat(u).isBetween(0.0, Math.nextDown(1.0));
            counts[(int) (u * 20)]++;
        }
        assertThat(ChiSquareTest.withDefaults().test(counts).getPValue()).isGreaterThan(1e-3);
    }

    @Test
    void indicesReachBothEnds() {
        int[] counts = new int[3];
        for (int i = 0; i < 300; i++) {
            counts[Draws.index(7, i, 3)]++;
        }
        assertThat(Arrays.stream(counts).boxed()).allMatch(count -> count > 70);
    }

    @Test
    void impossibleCountsAreRefused() {
        assertThatThrownBy(() -> Draws.distinct(1, 3, 4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("0 to 3");
        assertThatThrownBy(() -> Draws.index(1, 0, 0)).isInstanceOf(IllegalArgumentException.class);
    }
}
