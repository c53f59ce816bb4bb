package io.ebmstream.ops.density;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ebmstream.ops.sampler.GaussianNoise;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class EnergyMonitorTest {

    private static float[] normals(int count) {
        float[] values = new float[count];
        new GaussianNoise().fill(3, 4, 5, values, 0, count);
        return values;
    }

    @Test
    void ranksAndScoresAreThoseOfTheWindow() {
        EnergyMonitor monitor = new EnergyMonitor();
        float[] values = normals(5000);
        EnergyReading last = null;
        for (int i = 0; i < values.length; i++) {
            last = monitor.observe(100 + 3 * values[i]);
            if (i < EnergyMonitor.MIN_COUNT) {
                assertThat(last.zScore()).isZero();
            }
        }
        assertThat(last.count()).isEqualTo(5000);
        assertThat(monitor.mean()).isCloseTo(100, within(0.2));
        assertThat(monitor.standardDeviation()).isCloseTo(3, within(0.15));
        assertThat(last.zScore()).isCloseTo(values[4999], within(0.1));
        double own = values[4999];
        double share = 0;
        for (float value : values) {
            share += value <= own ? 1.0 / values.length : 0;
        }
        assertThat(last.rank()).isCloseTo(share, within(0.01));
        EnergyReading high = monitor.observe(1000);
        assertThat(high.rank()).isGreaterThan(0.999);
        assertThat(high.zScore()).isGreaterThan(200);
        assertThat(monitor.observe(-1000).rank()).isLessThan(0.001);
    }

    @Test
    void restoredMonitorGoesOnBitForBit() {
        float[] values = normals(1000);
        EnergyMonitor whole = new EnergyMonitor();
        EnergyMonitor part = new EnergyMonitor();
        for (int i = 0; i < values.length; i++) {
            EnergyReading expected = whole.observe(values[i]);
            if (i % 97 == 0) {
                part = EnergyMonitor.fromBytes(part.toBytes());
            }
            assertThat(part.observe(values[i])).isEqualTo(expected);
        }
        assertThat(part.toBytes()).isEqualTo(whole.toBytes()).hasSizeLessThan(4096);
    }

    @Test
    void equalEnergiesHaveNoScore() {
        EnergyMonitor monitor = new EnergyMonitor();
        for (int i = 0; i < 100; i++) {
            assertThat(monitor.observe(5).zScore()).isZero();
        }
    }

    @Test
    void nonFiniteEnergiesAreRefused() {
        EnergyMonitor monitor = new EnergyMonitor();
        for (double energy : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> monitor.observe(energy))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(monitor.count()).isZero();
    }

    @Test
    void damagedStateIsRefused() {
        byte[] bytes = new EnergyMonitor().toBytes();
        bytes[bytes.length / 2] ^= 1;
        assertThatThrownBy(() -> EnergyMonitor.fromBytes(bytes))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void calibrationMakesShiftedAndScaledEnergiesEqual() {
        double[] anchors = {1, 2, 3, 6};
        double[] moved = Arrays.stream(anchors).map(e -> 40 - 7 * -e).toArray();
        double before = EnergyCalibration.of(anchors).calibrate(10);
        double after = EnergyCalibration.of(moved).calibrate(40 + 70);
        assertThat(after).isCloseTo(before, within(1e-12));
        assertThat(EnergyCalibration.of(new double[] {4, 4}).calibrate(5)).isEqualTo(1);
        assertThatThrownBy(() -> EnergyCalibration.of(new double[1]))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
