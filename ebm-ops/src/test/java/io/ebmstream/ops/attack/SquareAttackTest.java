package io.ebmstream.ops.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.ops.defense.EotMean;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class SquareAttackTest {
    private static final int COUNT = 20;
    private static final AttackConfig CONFIG =
            new AttackConfig(new PerturbationBall(Norm.LINF, 0.08, 0.02), 60, false, 9);

    @Test
    void breaksAClassifierByItsScoresWithinTheBall() {
        try (AttackFixture fixture = new AttackFixture(1, 0, EotMean.LOGITS)) {
            TrialImages images = fixture.images(COUNT);
            Scores scores = Scores.of(fixture.eot, fixture.classifier);
            SquareAttack attack = new SquareAttack(AttackFixture.SHAPE, scores, scores, CONFIG);
            AttackOutcome outcome =
                    attack.attack(
                            images.pixels(),
                            images.labels(),
                            images.ids(),
                            (query, standing) -> true);
            AttackOutcome pgd =
                    new Pgd(fixture.classifier, AttackFixture.attack(20))
                            .attack(images.pixels(), images.labels(), images.ids());
            assertThat(outcome.standing())
                    .as("weaker than with gradients, but not by much")
                    .isBetween(pgd.standing(), pgd.standing() + COUNT / 4);
            assertThat(outcome.standing()).isLessThan(COUNT);
            for (int i = 0; i < images.pixels().length; i++) {
                float moved = outcome.images()[i];
                assertThat(moved).isBetween(-1f, 1f);
                assertThat(Math.abs(moved - images.pixels()[i])).isLessThanOrEqualTo(0.1601f);
            }
        }
    }

    @Test
    void anImagesCourseDoesNotDependOnItsCompany() {
        List<Verdict> together = verdicts(0, COUNT, 2);
        assertThat(together.stream().map(Verdict::brokenAt).distinct().count()).isGreaterThan(2);
        assertThat(verdicts(7, 2, 1)).isEqualTo(together.subList(7, 9));
    }

    private static List<Verdict> verdicts(int from, int count, int workers) {
        try (AttackFixture fixture = new AttackFixture(workers, 2, EotMean.LOGITS)) {
            TrialImages images = fixture.images(COUNT);
            int size = AttackFixture.SHAPE.size();
            TrialImages some =
                    new TrialImages(
                            from,
                            Arrays.copyOfRange(images.pixels(), from * size, (from + count) * size),
                            Arrays.copyOfRange(images.labels(), from, from + count),
                            Arrays.copyOfRange(images.ids(), from, from + count));
            EotAttackConfig config = new EotAttackConfig(CONFIG, 1, 2, false, false);
            return Trials.square(fixture.eot, config, 1).run(some, (query, standing) -> true);
        }
    }

    @Test
    void refusesL2() {
        AttackConfig l2 = new AttackConfig(new PerturbationBall(Norm.L2, 1, 1), 5, false, 1);
        assertThatThrownBy(() -> new SquareAttack(AttackFixture.SHAPE, null, null, l2))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("use linf");
    }
}
