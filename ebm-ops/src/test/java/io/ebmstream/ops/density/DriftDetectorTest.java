package io.ebmstream.ops.density;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ebmstream.ops.sampler.GaussianNoise;
import io.ebmstream.ops.state.StateKind;
import io.ebmstream.ops.state.StateWriter;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

class DriftDetectorTest {
    private static final int LONGEST = 200_000;

    private static float[] normals(int chain, int count) {
        float[] values = new float[count];
        new GaussianNoise().fill(11, chain, 0, values, 0, count);
        return values;
    }

    /** x_t = phi x_t-1 + sqrt(1 - phi^2) xi_t: variance 1. */
    private static double[] correlated(int chain, int count, double phi) {
        float[] normals = normals(chain, count);
        double[] values = new double[count];
        double last = normals[0];
        for (int i = 0; i < count; i++) {
            last = phi * last + Math.sqrt(1 - phi * phi) * normals[i];
            values[i] = last;
        }
        return values;
    }

    /** Readings from the end of the first stretch to an alarm, summed over runs, per alarm. */
    private static double runLength(DriftConfig config, int runs, Runs series) {
        long watched = 0;
        int alarms = 0;
        for (int run = 0; run < runs; run++) {
            DriftDetector detector = new DriftDetector(config);
            IntToDoubleFunction values = series.of(run);
            boolean alarm = false;
            for (int i = 0; i < 8 * config.runLength() && !alarm; i++) {
                watched += detector.block() > 0 ? 1 : 0;
                alarm = detector.observe(values.applyAsDouble(i), i).isPresent();
            }
            alarms += alarm ? 1 : 0;
        }
        return (double) watched / alarms;
    }

    /** Makes the series of a run. */
    private interface Runs {
        IntToDoubleFunction of(int run);
    }

    /**
     * 120 runs: a standard error of 9 %; the equations' normal numbers are blocks of 16 scores,
     * which are a little less spread in the tails.
     */
    @Test
    void falseAlarmsOfIndependentReadingsComeAsRarelyAsConfigured() {
        DriftConfig config = new DriftConfig(100, 0.25, 2_000, 0);
        assertThat(
                        runLength(
                                config,
                                120,
                                run -> {
                                    float[] values = normals(run, 16_000);
                                    return i -> values[i];
                                }))
                .isBetween(0.7 * 2_000, 1.6 * 2_000);
    }

    /** A tenth of the images is odd: energies 50 spreads higher. */
    @Test
    void falseAlarmsDoNotDependOnTheDistribution() {
        DriftConfig config = new DriftConfig(100, 0.25, 2_000, 0);
        assertThat(
                        runLength(
                                config,
                                120,
                                run -> {
                                    float[] values = normals(run, 16_000);
                                    float[] odd = normals(run + 10_000, 16_000);
                                    return i -> Math.exp(values[i]) + (odd[i] > 1.2816 ? 50 : 0);
                                }))
                .isBetween(0.7 * 2_000, 1.6 * 2_000);
    }

    /** 40 runs: a standard error of 16 %, and the correlation time is estimated. */
    @Test
    void falseAlarmsOfCorrelatedFramesComeAsRarelyAsConfigured() {
        DriftConfig config = new DriftConfig(100, 0.25, 10_000, 0);
        assertThat(
                        runLength(
                                config,
                                40,
                                run -> {
                                    double[] values = correlated(run, 80_000, 0.8);
                                    return i -> values[i];
                                }))
                .isBetween(0.5 * 10_000, 2.5 * 10_000);
    }

    @Test
    void blocksAreLongerThanCorrelationsLast() {
        DriftDetector independent = new DriftDetector(DriftConfig.DEFAULT);
        DriftDetector frames = new DriftDetector(DriftConfig.DEFAULT);
        float[] values = normals(1, 5_000);
        double[] alike = correlated(2, 5_000, 0.9);
        for (int i = 0; i < values.length; i++) {
            independent.observe(values[i], i);
            frames.observe(alike[i], i);
        }
        assertThat(independent.block()).isBetween(DriftDetector.LEAST_BLOCK, 20);
        // (1 + 0.9) / (1 - 0.9) = 19; from some 1,100 readings the estimate's spread is a third
        assertThat(frames.correlationTime()).isBetween(9.0, 38.0);
        assertThat(frames.block()).isGreaterThanOrEqualTo((int) (10 * frames.correlationTime()));
    }

    @Test
    void shiftIsFoundSoonOnceAndWithItsDirection() {
        for (int sign : new int[] {1, -1}) {
            DriftDetector detector = new DriftDetector(DriftConfig.DEFAULT);
            float[] values = normals(50, 3000);
            int alarms = 0;
            for (int i = 0; i < values.length; i++) {
                double value = 50 + 2 * (values[i] + (i >= 1000 ? 1.5 * sign : 0));
                Optional<DriftAlarm> found = detector.observe(value, 7_000 + i);
                if (found.isPresent()) {
                    DriftAlarm alarm = found.get();
                    alarms++;
                    assertThat(i).isBetween(1000, 1100);
                    assertThat(alarm.up()).isEqualTo(sign > 0);
                    assertThat(alarm.statistic()).isGreaterThan(alarm.threshold());
                    assertThat(alarm.start()).isBetween(7_000L + 950, 7_000L + 1_020);
                    assertThat(alarm.length()).isBetween(16L, 150L);
                    assertThat(alarm.pValue()).isBetween(0.0, 1e-3);
                }
            }
            assertThat(alarms).isEqualTo(1);
        }
    }

    /** The mean over runs of how long a shift of some standard deviations lasts unseen. */
    @Test
    void delayShrinksWithTheShift() {
        double[] shifts = {0.75, 1.5, 4};
        double[] most = {200, 70, 50};
        for (int s = 0; s < shifts.length; s++) {
            long delay = 0;
            int runs = 20;
            for (int run = 0; run < runs; run++) {
                DriftDetector detector = new DriftDetector(DriftConfig.DEFAULT);
                float[] values = normals(100 + run, 6_000);
                int i = 0;
                for (; i < 2_000; i++) {
                    assertThat(detector.observe(values[i], i)).isEmpty();
                }
                while (detector.observe(values[i] + shifts[s], i).isEmpty()) {
                    i++;
                }
                delay += i + 1 - 2_000;
            }
            assertThat((double) delay / runs).as("shift %s", shifts[s]).isLessThan(most[s]);
        }
    }

    @Test
    void thereIsNoAlarmWhileOneCoolsDown() {
        DriftConfig config = new DriftConfig(50, 0, 1_000, 400);
        DriftDetector detector = new DriftDetector(config);
        float[] values = normals(3, LONGEST);
        long last = -1_000;
        int alarms = 0;
        for (int i = 0; i < 30_000; i++) {
            if (detector.observe(values[i], i).isPresent()) {
                assertThat(i - last).isGreaterThan(400 + 50);
                last = i;
                alarms++;
            }
        }
        assertThat(alarms).isPositive();
    }

    @Test
    void restoredDetectorGoesOnBitForBit() {
        DriftDetector whole = new DriftDetector(DriftConfig.DEFAULT);
        DriftDetector part = new DriftDetector(DriftConfig.DEFAULT);
        float[] values = normals(2, 1500);
        int alarms = 0;
        for (int i = 0; i < values.length; i++) {
            double value = values[i] + (i > 700 ? 2 : 0);
            if (i % 53 == 0) {
                part = DriftDetector.fromBytes(DriftConfig.DEFAULT, part.toBytes());
            }
            Optional<DriftAlarm> alarm = whole.observe(value, i);
            assertThat(part.observe(value, i)).isEqualTo(alarm);
            alarms += alarm.isPresent() ? 1 : 0;
        }
        assertThat(alarms).isEqualTo(1);
        assertThat(part.toBytes()).isEqualTo(whole.toBytes());
    }

    @Test
    void anotherRunLengthHoldsFromARestoreOn() {
        DriftDetector before = new DriftDetector(DriftConfig.DEFAULT);
        float[] values = normals(5, 400);
        for (int i = 0; i < 300; i++) {
            before.observe(values[i], i);
        }
        DriftConfig often = new DriftConfig(200, 0.35, 1_000, 200);
        double strict = alarmThreshold(DriftConfig.DEFAULT, before.toBytes());
        assertThat(alarmThreshold(often, before.toBytes())).isLessThan(strict - 1);
    }

    private static double alarmThreshold(DriftConfig config, byte[] state) {
        DriftDetector detector = DriftDetector.fromBytes(config, state);
        for (int i = 0; i < 500; i++) {
            Optional<DriftAlarm> alarm = detector.observe(100 + i, i);
            if (alarm.isPresent()) {
                return alarm.get().threshold();
            }
        }
        throw new AssertionError("expected an alarm");
    }

    @Test
    void stateOfTheFirstReleaseIsCheckedAndBegunAnew() {
        byte[] old =
                new StateWriter(StateKind.DRIFT_DETECTOR, 128)
                        .putLong(50)
                        .putDouble(1)
                        .putDouble(2)
                        .putDouble(3)
                        .putDouble(4)
                        .putLong(5)
                        .putLong(6)
                        .putLong(7)
                        .toBytes();
        assertThat(DriftDetector.fromBytes(DriftConfig.DEFAULT, old).toBytes())
                .isEqualTo(new DriftDetector(DriftConfig.DEFAULT).toBytes());
        old[20] ^= 1;
        assertThatThrownBy(() -> DriftDetector.fromBytes(DriftConfig.DEFAULT, old))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("checksum");
    }

    @Test
    void readingsWithoutSpreadTakeAnyOtherValueForAChange() {
        DriftDetector detector = new DriftDetector(DriftConfig.DEFAULT);
        for (int i = 0; i < 1_000; i++) {
            assertThat(detector.observe(3, i)).isEmpty();
        }
        boolean found = false;
        for (int i = 0; i < 64; i++) {
            found |= detector.observe(3.1, i).isPresent();
        }
        assertThat(found).isTrue();
    }

    @Test
    void nonFiniteReadingsAreRefused() {
        assertThatThrownBy(() -> new DriftDetector(DriftConfig.DEFAULT).observe(Double.NaN, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void configurationIsChecked() {
        assertThatThrownBy(() -> new DriftConfig(1, 0.5, 5_000, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("reference 1,");
        assertThatThrownBy(() -> new DriftConfig(100, 0.5, 5, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("run length 5.0");
    }

    /** Table of Montgomery, "Introduction to Statistical Quality Control", section 9.1.3. */
    @Test
    void runLengthsAreThoseOfTheLiterature() {
        assertThat(CusumRunLength.expected(0.5, 4)).isCloseTo(168, within(3.0));
        assertThat(CusumRunLength.expected(0.5, 5)).isCloseTo(465, within(8.0));
        assertThat(CusumRunLength.expected(1, CusumRunLength.threshold(1, 5e4)))
                .isCloseTo(5e4, within(50.0));
    }
}
