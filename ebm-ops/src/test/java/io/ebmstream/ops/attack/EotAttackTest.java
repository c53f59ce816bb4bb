package io.ebmstream.ops.attack;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.ops.defense.Eot;
import io.ebmstream.ops.defense.EotMean;
import io.ebmstream.ops.defense.EotVote;
import io.ebmstream.ops.defense.Purification;
import io.ebmstream.ops.energy.ImageShape;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EotAttackTest {
    private static final int COUNT = 24;

    private static EotAttackConfig config(int replicates, boolean fixedNoise) {
        return new EotAttackConfig(
                AttackFixture.attack(8), replicates, 2 * replicates, fixedNoise, true);
    }

    @Test
    void withoutPurificationItIsPgd() {
        try (AttackFixture fixture = new AttackFixture(2, 0, EotMean.LOGITS)) {
            TrialImages images = fixture.images(COUNT);
            AttackOutcome pgd =
                    new Pgd(fixture.classifier, AttackFixture.attack(8))
                            .attack(images.pixels(), images.labels(), images.ids());
            assertThat(pgd.standing()).as("some break and some stand").isBetween(1, COUNT - 1);
            for (int replicates : new int[] {1, 4}) {
                AttackOutcome eot = attack(fixture, config(replicates, false), images);
                assertThat(eot.brokenAt()).isEqualTo(pgd.brokenAt());
            }
        }
    }

    @Test
    void aPerfectPurifierIsNotBroken() {
        try (AttackFixture fixture = new AttackFixture(2, 0, EotMean.LOGITS)) {
            TrialImages images = fixture.images(COUNT);
            Eot oracle = new Eot(new Oracle(images), fixture.classifier, EotMean.LOGITS);
            AttackOutcome outcome =
                    new EotAttack(
                                    oracle,
                                    new BpdaGradient(oracle, fixture.classifier),
                                    config(2, false))
                            .attack(
                                    images.pixels(),
                                    images.labels(),
                                    images.ids(),
                                    (step, standing) -> true);
            assertThat(outcome.standing()).isEqualTo(COUNT);
            assertThat(outcome.images()).as("it did move").isNotEqualTo(images.pixels());
        }
    }

    /** Gives the clean image back: the one that is nearest. */
    private record Oracle(TrialImages clean) implements Purification {
        @Override
        public ImageShape shape() {
            return AttackFixture.SHAPE;
        }

        @Override
        public void purify(float[] images, int[] of, long[] chains, float[] out, int[] steps) {
            int size = shape().size();
            for (int j = 0; j < chains.length; j++) {
                int at = of[j] * size;
                int nearest =
                        IntStream.range(0, clean.count())
                                .boxed()
                                .min(
                                        (a, b) ->
                                                Double.compare(
                                                        distance(images, at, a),
                                                        distance(images, at, b)))
                                .orElseThrow();
                System.arraycopy(clean.pixels(), nearest * size, out, j * size, size);
            }
        }

        private double distance(float[] images, int at, int index) {
            double sum = 0;
            for (int p = 0; p < shape().size(); p++) {
                double d = images[at + p] - clean.pixels()[index * shape().size() + p];
                sum += d * d;
            }
            return sum;
        }
    }

    @Test
    void verdictsDoNotDependOnWorkersOrCompany() {
        List<Verdict> together = verdicts(2, COUNT, 0, COUNT);
        assertThat(together.stream().filter(Verdict::right).count())
                .as("some break and some stand")
                .isBetween(1L, COUNT - 1L);
        assertThat(verdicts(1, COUNT, 0, COUNT)).isEqualTo(together);
        assertThat(verdicts(2, COUNT, 5, 3)).isEqualTo(together.subList(5, 8));
    }

    private static List<Verdict> verdicts(int workers, int all, int from, int count) {
        try (AttackFixture fixture = new AttackFixture(workers, 3, EotMean.LOGITS)) {
            TrialImages images = fixture.images(all);
            int size = AttackFixture.SHAPE.size();
            TrialImages some =
                    new TrialImages(
                            from,
                            Arrays.copyOfRange(images.pixels(), from * size, (from + count) * size),
                            Arrays.copyOfRange(images.labels(), from, from + count),
                            Arrays.copyOfRange(images.ids(), from, from + count));
            return Trials.attacked(
                            "bpda",
                            fixture.eot,
                            new BpdaGradient(fixture.eot, fixture.classifier),
                            config(2, false),
                            3)
                    .run(some, (step, standing) -> true);
        }
    }

    @Test
    void fixedNoiseIsTheDefensesOwn() {
        try (AttackFixture fixture = new AttackFixture(2, 3, EotMean.LOGITS)) {
            TrialImages images = fixture.images(3);
            long[] occasions = Occasion.SUBMISSION.ids(images.ids(), 0);
            float[] gradient = new float[images.pixels().length];
            EotVote[] attackers =
                    new BpdaGradient(fixture.eot, fixture.classifier)
                            .of(images.pixels(), images.labels(), occasions, 4, gradient);
            EotVote[] defenders = fixture.eot.classify(images.pixels(), occasions, 4);
            assertThat(attackers)
                    .usingRecursiveComparison()
                    .ignoringFields("steps")
                    .isEqualTo(defenders);
            // what breaks a defense of known noise is broken without a second look
            EotAttackConfig known = new EotAttackConfig(AttackFixture.attack(8), 4, 4, true, false);
            AttackOutcome outcome = attack(fixture, known, fixture.images(COUNT));
            assertThat(outcome.standing()).isLessThan(COUNT);
        }
    }

    @Test
    void aListenerEndsIt() {
        try (AttackFixture fixture = new AttackFixture(1, 1, EotMean.LOGITS)) {
            TrialImages images = fixture.images(2);
            AttackOutcome outcome =
                    new EotAttack(
                                    fixture.eot,
                                    new BpdaGradient(fixture.eot, fixture.classifier),
                                    config(1, false))
                            .attack(
                                    images.pixels(),
                                    images.labels(),
                                    images.ids(),
                                    (step, standing) -> step < 1);
            assertThat(outcome).isNull();
        }
    }

    private static AttackOutcome attack(
            AttackFixture fixture, EotAttackConfig config, TrialImages images) {
        return new EotAttack(fixture.eot, new BpdaGradient(fixture.eot, fixture.classifier), config)
                .attack(images.pixels(), images.labels(), images.ids(), (step, standing) -> true);
    }
}
