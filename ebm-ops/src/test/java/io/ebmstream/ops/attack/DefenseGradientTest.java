package io.ebmstream.ops.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.ebmstream.ops.defense.EotMean;
import io.ebmstream.ops.defense.PurifierConfig;
import io.ebmstream.ops.sampler.LangevinConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DefenseGradientTest {
    private static final int REPLICATES = 3;
    private static final long[] OCCASION = {77};
    private static final float STEP = 1e-2f;

    /** Rounding of float32 pixels over 2 STEP, and STEP^2 of the third derivative. */
    private static final double TOLERANCE = 3e-4;

    @ParameterizedTest
    @EnumSource
    void bpdaIsTheGradientWhereNothingIsPurified(EotMean how) {
        try (AttackFixture fixture = new AttackFixture(1, 0, how)) {
            check(fixture, new BpdaGradient(fixture.eot, fixture.classifier), how);
        }
    }

    @Test
    void unrolledIsTheGradientOfTheWholeRun() {
        EotMean how = EotMean.LOGITS;
        try (AttackFixture fixture = new AttackFixture(2, 4, how);
                UnrolledGradient gradient = unrolled(fixture, 4, how)) {
            float[] exact = check(fixture, gradient, how);
            float[] bpda = new float[exact.length];
            TrialImages images = fixture.images(1);
            new BpdaGradient(fixture.eot, fixture.classifier)
                    .of(images.pixels(), images.labels(), OCCASION, REPLICATES, bpda);
            double most = 0;
            for (int p = 0; p < bpda.length; p++) {
                most = Math.max(most, Math.abs(bpda[p] - exact[p]));
            }
            assertThat(most).as("the run's Jacobian is no identity").isGreaterThan(10 * TOLERANCE);
        }
    }

    @Test
    void refusesALimitOfTheDisplacement() {
        try (AttackFixture fixture = new AttackFixture(1, 1, EotMean.LOGITS)) {
            PurifierConfig config = new PurifierConfig(new LangevinConfig(0.1, 0.02, 0, 1), 1, 5);
            assertThatIllegalArgumentException()
                    .isThrownBy(
                            () ->
                                    new UnrolledGradient(
                                            AttackFixture.ENERGY,
                                            AttackFixture.WEIGHTS,
                                            AttackFixture.EXECUTOR,
                                            config,
                                            fixture.classifier,
                                            EotMean.LOGITS,
                                            1e-3,
                                            2,
                                            fixture.pool))
                    .withMessageContaining("limit");
        }
    }

    private static UnrolledGradient unrolled(AttackFixture fixture, int steps, EotMean how) {
        return new UnrolledGradient(
                AttackFixture.ENERGY,
                AttackFixture.WEIGHTS,
                AttackFixture.EXECUTOR,
                AttackFixture.config(steps),
                fixture.classifier,
                how,
                1e-3,
                AttackFixture.PART,
                fixture.pool);
    }

    private static float[] check(AttackFixture fixture, DefenseGradient gradient, EotMean how) {
        TrialImages images = fixture.images(1);
        float[] found = new float[images.pixels().length];
        gradient.of(images.pixels(), images.labels(), OCCASION, REPLICATES, found);
        for (int p = 0; p < found.length; p++) {
            double difference =
                    loss(fixture, images, p, STEP, how) - loss(fixture, images, p, -STEP, how);
            assertThat((double) found[p])
                    .as("pixel %d", p)
                    .isCloseTo(difference / (2 * STEP), within(TOLERANCE));
        }
        return found;
    }

    private static double loss(
            AttackFixture fixture, TrialImages images, int p, float step, EotMean how) {
        float[] moved = images.pixels().clone();
        moved[p] += step;
        float[] ends = fixture.eot.ends(moved, OCCASION, 0, 1, REPLICATES, new int[REPLICATES]);
        float[][] logits = new float[REPLICATES][3];
        fixture.eot.logits(ends, logits);
        return how.lossGradient(
                logits, 0, REPLICATES, images.labels()[0], new float[REPLICATES][3]);
    }
}
