package io.ebmstream.ops.sampler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ThreefryTest {

    /** The known answers of Random123 for threefry2x32 with 20 rounds. */
    @ParameterizedTest
    @CsvSource({
        "00000000, 00000000, 00000000, 00000000, 6b200159, 99ba4efe",
        "ffffffff, ffffffff, ffffffff, ffffffff, 1cb996fc, bb002be7",
        "13198a2e, 03707344, 243f6a88, 85a308d3, c4923a9c, 483df7a0"
    })
    void givesTheKnownAnswers(
            String key0,
            String key1,
            String counter0,
            String counter1,
            String word0,
            String word1) {
        long result = Threefry.block(words(key0, key1), words(counter0, counter1));
        assertThat(Long.toHexString(result)).isEqualTo(Long.toHexString(words(word0, word1)));
    }

    @Test
    void blocksGiveTheSameBits() {
        ThreefryBlock block = new ThreefryBlock();
        for (int count : new int[] {1, 7, 255, 256}) {
            long key = Threefry.derive(42, count);
            block.generate(key, -3, 1000, count);
            for (int i = 0; i < count; i++) {
                long expected = Threefry.block(key, 0xFFFFFFFDL | ((1000L + i) << 32));
                assertThat(block.first[i]).isEqualTo((int) expected);
                assertThat(block.second[i]).isEqualTo((int) (expected >>> 32));
            }
        }
    }

    @Test
    void isABijectionOfTheCounter() {
        Set<Long> seen = new HashSet<>();
        for (long counter = -5000; counter < 5000; counter++) {
            seen.add(Threefry.block(17, counter));
        }
        assertThat(seen).hasSize(10_000);
    }

    private static long words(String low, String high) {
        return Long.parseLong(low, 16) | (Long.parseLong(high, 16) << 32);
    }
}
