package io.ebmstream.ops.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.ebmstream.ops.sampler.GaussianNoise;
import io.ebmstream.ops.sampler.UniformNoise;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class PerturbationBallTest {
    private static final int SIZE = 48;

    /** Rounding of float32. */
    private static final double ROUNDING = 1e-5;

    @Property(tries = 50)
    void neverLeavesTheBallOrTheBox(
            @ForAll Norm norm,
            @ForAll @DoubleRange(min = 0.01, max = 0.5) double radius,
            @ForAll @DoubleRange(min = 0.01, max = 1) double step,
            @ForAll @LongRange(min = 0, max = 1000) long seed) {
        PerturbationBall ball = new PerturbationBall(norm, radius, step);
        float[] clean = new float[SIZE];
        new UniformNoise().fill(seed, 1, 0, clean, 0, SIZE);
        float[] moved = clean.clone();
        ball.randomStart(seed, 4, clean, moved, 0, SIZE);
        assertThat(distance(norm, clean, moved)).isLessThanOrEqualTo(2 * radius + ROUNDING);
        for (int k = 0; k < 3; k++) {
            float[] gradient = new float[SIZE];
            new GaussianNoise().fill(seed, 2, k, gradient, 0, SIZE);
            ball.step(clean, moved, 0, gradient, 0, SIZE);
            assertThat(distance(norm, clean, moved)).isLessThanOrEqualTo(2 * radius + ROUNDING);
            for (float pixel : moved) {
                assertThat(pixel).isBetween(-1f, 1f);
            }
        }
    }

    private static double distance(Norm norm, float[] a, float[] b) {
        double most = 0;
        double squares = 0;
        for (int i = 0; i < a.length; i++) {
            double d = Math.abs((double) a[i] - b[i]);
            most = Math.max(most, d);
            squares += d * d;
        }
        return norm == Norm.LINF ? most : Math.sqrt(squares);
    }

    @Test
    void stepsHaveTheSizeAskedFor() {
        float[] clean = new float[SIZE];
        float[] gradient = new float[SIZE];
        new GaussianNoise().fill(3, 2, 0, gradient, 0, SIZE);
        for (Norm norm : Norm.values()) {
            float[] moved = clean.clone();
            new PerturbationBall(norm, 0.4, 2.0 / 255).step(clean, moved, 0, gradient, 0, SIZE);
            // 2/255 of pixels from 0 to 1 is twice that of pixels from -1 to 1
            assertThat(distance(norm, clean, moved)).isCloseTo(4.0 / 255, within(ROUNDING));
        }
    }

    @Test
    void aZeroGradientMovesNothing() {
        float[] clean = new float[SIZE];
        float[] moved = clean.clone();
        for (Norm norm : Norm.values()) {
            new PerturbationBall(norm, 0.1, 0.1).step(clean, moved, 0, new float[SIZE], 0, SIZE);
            assertThat(moved).isEqualTo(clean);
        }
    }

    @Test
    void refusesNoBall() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PerturbationBall(Norm.L2, 0, 0.1));
    }
}
