package io.ebmstream.ops.density;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ebmstream.ops.sampler.Threefry;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EnergyRangeTest {
    private static double[] normal(double mean, double sd, int count) {
        return IntStream.range(0, count)
                .mapToDouble(
                        i -> {
                            double u = ((Threefry.derive(1, i) >>> 11) + 0.5) * 0x1p-53;
                            double v = ((Threefry.derive(2, i) >>> 11) + 0.5) * 0x1p-53;
                            return mean
                                    + sd * Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v);
                        })
                .toArray();
    }

    @Test
    void spreadOfNormalEnergiesIsTheirStandardDeviation() {
        EnergyRange range = EnergyRange.of(normal(-300, 20, 10_000));
        // 4 standard errors of median and MAD at n = 10,000
        assertThat(range.centre()).isCloseTo(-300, within(4 * 1.2533 * 20 / 100));
        assertThat(range.spread()).isCloseTo(20, within(4 * 1.1664 * 20 / 100));
        assertThat(range.outside(-300 + 5 * 20, 8)).isFalse();
        assertThat(range.outside(-300 + 9 * 20, 8)).isTrue();
        assertThat(range.outside(-300 - 9 * 20, 8)).isTrue();
        assertThat(range.outside(Double.NaN, 8)).isTrue();
        assertThat(range.outside(1e9, 0)).as("no limit").isFalse();
    }

    @Test
    void aFifthOfPoisonDoesNotMakeRoomForItself() {
        double[] energies = normal(0, 1, 1_000);
        Arrays.fill(energies, 0, 200, 1e6);
        assertThat(EnergyRange.of(energies).outside(1e6, 8)).isTrue();
        assertThat(EnergyRange.of(energies).outside(5, 8)).isFalse();
    }

    @Test
    void withoutKnowledgeNothingIsFarOut() {
        assertThat(EnergyRange.of(new double[0])).isEqualTo(EnergyRange.UNKNOWN);
        assertThat(EnergyRange.of(new double[] {1, Double.NaN})).isEqualTo(EnergyRange.UNKNOWN);
        assertThat(EnergyRange.of(new double[] {3, 3, 3}).outside(1e9, 8)).isFalse();
        assertThat(EnergyRange.UNKNOWN.outside(1e9, 8)).isFalse();
        assertThatThrownBy(() -> new EnergyRange(0, -1)).hasMessageContaining("found 0.0 and -1.0");
    }
}
