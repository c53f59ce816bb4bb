package io.ebmstream.ops.density;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.ops.sampler.GaussianNoise;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DriftDetectorTest {

    private static float[] normals(int chain, int count) {
        float[] values = new float[count];
        new GaussianNoise().fill(11, chain, 0, values, 0, count);
        return values;
    }

    @Test
    void steadyReadingsRaiseNoAlarm() {
        int alarms = 0;
        for (int chain = 0; chain < 20; chain++) {
            DriftDetector detector = new DriftDetector(DriftConfig.DEFAULT);
            for (float value : normals(chain, 5000)) {
                alarms += detector.observe(value).isPresent() ? 1 : 0;
            }
        }
        assertThat(alarms).isLessThanOrEqualTo(2);
    }

    @Test
    void shiftIsFoundSoonOnceAndWithItsDirection() {
        for (int sign : new int[] {1, -1}) {
            DriftDetector detector = new DriftDetector(DriftConfig.DEFAULT);
            float[] values = normals(50, 3000);
            int alarms = 0;
            int first = -1;
            for (int i = 0; i < values.length; i++) {
                Optional<DriftAlarm> alarm =
                        detector.observe(50 + 2 * (values[i] + (i >= 1000 ? 1.5 * sign : 0)));
                if (alarm.isPresent()) {
                    alarms++;
                    first = first < 0 ? i : first;
                    assertThat(alarm.get().up()).isEqualTo(sign > 0);
                    assertThat(alarm.get().statistic()).isGreaterThan(16);
                    assertThat(alarm.get().length()).isBetween(1L, 60L);
                }
            }
            assertThat(first).isBetween(1000, 1050);
            assertThat(alarms).isEqualTo(1);
        }
    }

    @Test
    void restoredDetectorGoesOnBitForBit() {
        DriftDetector whole = new DriftDetector(DriftConfig.DEFAULT);
        DriftDetector part = new DriftDetector(DriftConfig.DEFAULT);
        float[] values = normals(2, 1500);
        for (int i = 0; i < values.length; i++) {
            double value = values[i] + (i > 700 ? 1 : 0);
            if (i % 53 == 0) {
                part = DriftDetector.fromBytes(DriftConfig.DEFAULT, part.toBytes());
            }
            assertThat(part.observe(value)).isEqualTo(whole.observe(value));
        }
        assertThat(part.toBytes()).isEqualTo(whole.toBytes());
    }

    @Test
    void referenceWithoutSpreadTakesAnyOtherValueForAChange() {
        DriftDetector detector = new DriftDetector(new DriftConfig(10, 0.5, 5, 0));
        for (int i = 0; i < 20; i++) {
            assertThat(detector.observe(3)).isEmpty();
        }
        assertThat(detector.observe(3.1)).isPresent();
    }

    @Test
    void nonFiniteReadingsAreRefused() {
        assertThatThrownBy(() -> new DriftDetector(DriftConfig.DEFAULT).observe(Double.NaN))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void configurationIsChecked() {
        assertThatThrownBy(() -> new DriftConfig(1, 0.5, 5, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("reference 1");
    }
}
