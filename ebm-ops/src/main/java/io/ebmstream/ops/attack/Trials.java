package io.ebmstream.ops.attack;

import io.ebmstream.ops.classifier.Classifier;
import io.ebmstream.ops.classifier.DifferentiableClassifier;
import io.ebmstream.ops.classifier.Logits;
import io.ebmstream.ops.defense.Eot;
import io.ebmstream.ops.defense.EotVote;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;

/**
 * The trials of a robustness report. Those with a defense submit what comes out of the attack N
 * times to independent defenses of R purifications each. Stateless, thread-safe.
 */
public final class Trials {
    private Trials() {}

    /** A trial by its function. */
    private record Of(
            String name, int steps, BiFunction<TrialImages, EotAttack.Listener, List<Verdict>> rule)
            implements Trial {
        @Override
        public List<Verdict> run(TrialImages images, EotAttack.Listener listener) {
            return rule.apply(images, listener);
        }
    }

    /** The bare classifier on images as they are. */
    public static Trial bare(Eot eot, Classifier classifier) {
        return new Of(
                "bare",
                0,
                (images, listener) -> {
                    if (!listener.at(0, images.count())) {
                        return null;
                    }
                    float[][] logits = new float[images.count()][classifier.classes()];
                    eot.logits(images.pixels(), logits);
                    List<Verdict> verdicts = new ArrayList<>();
                    for (int i = 0; i < images.count(); i++) {
                        boolean right = Logits.argmax(logits[i]) == images.labels()[i];
                        verdicts.add(
                                new Verdict(
                                        images.first() + i,
                                        right,
                                        right ? AttackOutcome.STANDS : Verdict.WRONG_BEFORE,
                                        right ? 1 : 0));
                    }
                    return verdicts;
                });
    }

    /**
     * The defense on images as they are.
     *
     * @param replicates R
     * @param submissions N
     */
    public static Trial purified(Eot eot, int replicates, int submissions) {
        return new Of(
                "purified",
                0,
                (images, listener) ->
                        submit(eot, replicates, submissions, images, images.pixels(), listener));
    }

    /** The bare classifier under projected gradient descent. */
    public static Trial pgd(DifferentiableClassifier classifier, AttackConfig config) {
        return new Of(
                "pgd",
                config.steps(),
                (images, listener) -> {
                    if (!listener.at(0, images.count())) {
                        return null;
                    }
                    AttackOutcome outcome =
                            new Pgd(classifier, config)
                                    .attack(images.pixels(), images.labels(), images.ids());
                    return verdicts(images, outcome);
                });
    }

    /** The defense on images that were made against the bare classifier. */
    public static Trial transfer(
            Eot eot,
            DifferentiableClassifier classifier,
            AttackConfig config,
            int replicates,
            int submissions) {
        return new Of(
                "transfer",
                0,
                (images, listener) -> {
                    AttackOutcome outcome =
                            new Pgd(classifier, config)
                                    .attack(images.pixels(), images.labels(), images.ids());
                    return submit(eot, replicates, submissions, images, outcome.images(), listener);
                });
    }

    /**
     * The defense under an attack on itself. Images that it classifies wrongly without one are not
     * attacked, and count as wrong.
     *
     * @param name name of the trial
     */
    public static Trial attacked(
            String name,
            Eot eot,
            DefenseGradient gradient,
            EotAttackConfig config,
            int submissions) {
        EotAttack attack = new EotAttack(eot, gradient, config);
        return new Of(
                name,
                config.attack().steps(),
                (images, listener) ->
                        attacked(
                                eot,
                                config.verifyReplicates(),
                                submissions,
                                images,
                                listener,
                                some ->
                                        attack.attack(
                                                some.pixels(),
                                                some.labels(),
                                                some.ids(),
                                                listener)));
    }

    /**
     * The defense under an attack that sees the scores of R_a purifications, and no gradients.
     *
     * @param config with the number of queries as steps
     */
    public static Trial square(Eot eot, EotAttackConfig config, int submissions) {
        SquareAttack attack =
                new SquareAttack(
                        eot.purifier().shape(),
                        Scores.of(eot, Occasion.QUERY, config.attackReplicates()),
                        Scores.of(eot, Occasion.VERIFICATION, config.verifyReplicates()),
                        config.attack());
        return new Of(
                "square",
                config.attack().steps(),
                (images, listener) ->
                        attacked(
                                eot,
                                config.verifyReplicates(),
                                submissions,
                                images,
                                listener,
                                some ->
                                        attack.attack(
                                                some.pixels(),
                                                some.labels(),
                                                some.ids(),
                                                listener)));
    }

    /** The bare classifier under an attack that sees its scores, and no gradients. */
    public static Trial bareSquare(Eot eot, Classifier classifier, AttackConfig config) {
        Scores scores = Scores.of(eot, classifier);
        SquareAttack attack = new SquareAttack(classifier.input(), scores, scores, config);
        return new Of(
                "bare-square",
                config.steps(),
                (images, listener) -> {
                    AttackOutcome outcome =
                            attack.attack(images.pixels(), images.labels(), images.ids(), listener);
                    return outcome == null ? null : verdicts(images, outcome);
                });
    }

    /** Of an attack without purifications. */
    private static List<Verdict> verdicts(TrialImages images, AttackOutcome outcome) {
        List<Verdict> verdicts = new ArrayList<>();
        for (int i = 0; i < images.count(); i++) {
            int at = outcome.brokenAt()[i];
            boolean stands = at == AttackOutcome.STANDS;
            verdicts.add(new Verdict(images.first() + i, stands, at, stands ? 1 : 0));
        }
        return verdicts;
    }

    /** An attack on some images; null if it was ended. */
    @FunctionalInterface
    interface Attack {
        AttackOutcome on(TrialImages images);
    }

    /** Judges an attack on those images that the defense classifies rightly. */
    static List<Verdict> attacked(
            Eot eot,
            int replicates,
            int submissions,
            TrialImages images,
            EotAttack.Listener listener,
            Attack attack) {
        int size = eot.purifier().shape().size();
        List<Verdict> before = submit(eot, replicates, 1, images, images.pixels(), listener);
        if (before == null) {
            return null;
        }
        int[] chosen =
                Arrays.stream(range(images.count())).filter(i -> before.get(i).right()).toArray();
        TrialImages some = pick(images, images.pixels(), chosen, size);
        AttackOutcome outcome = attack.on(some);
        if (outcome == null) {
            return null;
        }
        List<Verdict> verdicts = new ArrayList<>(before);
        for (int c = 0; c < chosen.length; c++) {
            Verdict old = before.get(chosen[c]);
            verdicts.set(
                    chosen[c],
                    new Verdict(
                            old.image(),
                            false,
                            outcome.brokenAt()[c],
                            0,
                            old.margin(),
                            old.steps(),
                            old.replicates()));
        }
        int[] standing =
                Arrays.stream(range(chosen.length))
                        .filter(c -> outcome.brokenAt()[c] == AttackOutcome.STANDS)
                        .toArray();
        TrialImages left = pick(some, outcome.images(), standing, size);
        List<Verdict> after =
                submissions < 2
                        ? null
                        : submit(eot, replicates, submissions, left, left.pixels(), listener);
        if (after == null && submissions > 1) {
            return null;
        }
        for (int s = 0; s < standing.length; s++) {
            int i = chosen[standing[s]];
            int survived = after == null ? 1 : after.get(s).survived();
            Verdict answer = after == null ? before.get(i) : after.get(s);
            verdicts.set(
                    i,
                    new Verdict(
                            before.get(i).image(),
                            true,
                            AttackOutcome.STANDS,
                            survived,
                            answer.margin(),
                            answer.steps(),
                            answer.replicates()));
        }
        return verdicts;
    }

    /** Submits images again and again, until each was answered wrongly or N times. */
    private static List<Verdict> submit(
            Eot eot,
            int replicates,
            int submissions,
            TrialImages images,
            float[] pixels,
            EotAttack.Listener listener) {
        int n = images.count();
        int size = eot.purifier().shape().size();
        int[] survived = new int[n];
        double[] margin = new double[n];
        double[] steps = new double[n];
        int[] voted = new int[n];
        int[] left = range(n);
        for (int s = 0; s < submissions && left.length > 0; s++) {
            if (!listener.at(0, left.length)) {
                return null;
            }
            TrialImages some = pick(images, pixels, left, size);
            EotVote[] votes =
                    eot.answer(some.pixels(), Occasion.SUBMISSION.ids(some.ids(), s), replicates);
            for (int j = 0; j < left.length; j++) {
                boolean right = votes[j].label() == some.labels()[j];
                survived[left[j]] += right ? 1 : 0;
                margin[left[j]] = votes[j].margin();
                steps[left[j]] = votes[j].steps();
                voted[left[j]] = votes[j].replicates();
            }
            int answered = s + 1;
            left = Arrays.stream(left).filter(i -> survived[i] == answered).toArray();
        }
        List<Verdict> verdicts = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            boolean right = survived[i] > 0;
            verdicts.add(
                    new Verdict(
                            images.first() + i,
                            right,
                            right ? AttackOutcome.STANDS : Verdict.WRONG_BEFORE,
                            survived[i],
                            margin[i],
                            steps[i],
                            voted[i]));
        }
        return verdicts;
    }

    private static int[] range(int n) {
        int[] all = new int[n];
        Arrays.setAll(all, i -> i);
        return all;
    }

    private static TrialImages pick(TrialImages images, float[] pixels, int[] which, int size) {
        float[] picked = new float[which.length * size];
        for (int i = 0; i < which.length; i++) {
            System.arraycopy(pixels, which[i] * size, picked, i * size, size);
        }
        return new TrialImages(
                images.first(),
                picked,
                Arrays.stream(which).map(i -> images.labels()[i]).toArray(),
                Arrays.stream(which).mapToLong(i -> images.ids()[i]).toArray());
    }
}
