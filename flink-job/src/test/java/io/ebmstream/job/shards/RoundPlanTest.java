package io.ebmstream.job.shards;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class RoundPlanTest {
    private static List<Long> ends(RoundPlan plan, long rows) {
        return LongStream.rangeClosed(1, rows).filter(plan::endsAfter).boxed().toList();
    }

    @Test
    void aRoundEndsWhereAShardOfGoodImagesHasDoneItsUpdates() {
        // updates of a shard with 8, 14, 20, .. places; two partitions each: 4, 7, 10, .. rows
        assertThat(ends(new RoundPlan(2, 4, 8, 6, 2), 30)).containsExactly(7L, 13L, 19L, 25L);
        assertThat(ends(new RoundPlan(2, 4, 8, 6, 1), 13)).containsExactly(4L, 7L, 10L, 13L);
    }

    @Test
    void whereShardsHaveUnequalPartitionsTheirMeanCounts() {
        // 1.5 partitions each: places after rows 1, 2, ..: 1.5, 3, 4.5, 6, 7.5, 9
        assertThat(ends(new RoundPlan(2, 3, 4, 4, 1), 9)).containsExactly(3L, 6L, 8L);
    }

    @Test
    void roundsThatEndWithinOneRowAreOne() {
        assertThat(ends(new RoundPlan(1, 10, 5, 2, 1), 3)).containsExactly(1L, 2L, 3L);
    }

    @Test
    void everyShardNeedsAPartition() {
        assertThatThrownBy(() -> new RoundPlan(3, 2, 1, 1, 1))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
