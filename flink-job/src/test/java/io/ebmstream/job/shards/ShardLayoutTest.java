package io.ebmstream.job.shards;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShardLayoutTest {
    @Test
    void oneShardHasTheKeyAndSeedOfAJobWithoutShards() {
        ShardLayout one = new ShardLayout("m", 1, 128);
        assertThat(one.key(0)).isEqualTo("m/0");
        assertThat(one.seed(0, 42)).isEqualTo(42);
        assertThat(one.shardOf(7)).isZero();
    }

    @ParameterizedTest
    @CsvSource({"2, 16", "3, 16", "4, 128", "5, 128", "7, 7", "16, 16"})
    void everyParallelismGetsAsEqualASharesAsCanBe(int shards, int maxParallelism) {
        ShardLayout layout = new ShardLayout("default", shards, maxParallelism);
        for (int parallelism = 1; parallelism <= shards; parallelism++) {
            int[] load = new int[parallelism];
            for (String key : layout.keys()) {
                load[
                        KeyGroupRangeAssignment.assignKeyToParallelOperator(
                                key, maxParallelism, parallelism)]++;
            }
            int most = IntStream.of(load).max().getAsInt();
            int least = IntStream.of(load).min().getAsInt();
            assertThat(most - least).as("at parallelism %d", parallelism).isLessThanOrEqualTo(1);
        }
    }

    @Test
    void keysTellTheirNumberAndSeedsDiffer() {
        ShardLayout layout = new ShardLayout("a/b", 4, 128);
        List<Long> seeds = new ArrayList<>(List.of(42L));
        for (int shard = 0; shard < 4; shard++) {
            assertThat(ShardLayout.number(layout.key(shard))).isEqualTo(shard);
            assertThat(layout.key(shard)).isEqualTo(layout.key(shard));
            seeds.add(layout.seed(shard, 42));
        }
        assertThat(seeds).doesNotHaveDuplicates();
        assertThat(IntStream.range(0, 6).map(layout::shardOf)).containsExactly(0, 1, 2, 3, 0, 1);
    }

    @Test
    void moreShardsThanKeyGroupsAreRefused() {
        assertThatThrownBy(() -> new ShardLayout("m", 17, 16))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected 1 to 16 shards, found 17");
    }
}
