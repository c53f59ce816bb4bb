package io.ebmstream.ops.attack;

import io.ebmstream.ops.defense.Eot;
import io.ebmstream.ops.defense.EotVote;
import java.util.Arrays;

/**
 * Iterated attack on a purified classifier in expectation over its noise (BPDA+EOT with a {@link
 * BpdaGradient}; Hill, Mitchell, Zhu 2021, section 3). At each place of an image:
 *
 * <pre>
 * 1. purify R_a times; gradient of the loss of their vote
 * 2. the vote is wrong: suspected. Purify R times anew; their vote is wrong: broken, and it leaves
 * 3. a step of ascent, and back into the ball
 * </pre>
 *
 * <p>The last place is screened like the others. Images are independent of each other: which are
 * attacked together makes no difference. Not thread-safe.
 */
public final class EotAttack {
    private final Eot eot;
    private final DefenseGradient gradient;
    private final EotAttackConfig config;

    /** Told about progress. */
    @FunctionalInterface
    public interface Listener {
        /**
         * @param step steps behind the images
         * @param standing images that are not broken
         * @return whether to go on
         */
        boolean at(int step, int standing);
    }

    /**
     * @param eot the defense; stays the caller's
     * @param gradient the attacker's
     */
    public EotAttack(Eot eot, DefenseGradient gradient, EotAttackConfig config) {
        this.eot = eot;
        this.gradient = gradient;
        this.config = config;
    }

    /**
     * Attacks images.
     *
     * @param images planar [n, c, h, w], pixels in [-1, 1]; not changed
     * @param labels true classes, n
     * @param ids ids of the images, n
     * @return what became of them, or null if the listener ended it
     */
    public AttackOutcome attack(float[] images, int[] labels, long[] ids, Listener listener) {
        int n = ids.length;
        int size = eot.purifier().shape().size();
        AttackConfig attack = config.attack();
        float[] moved = attack.start(images, ids);
        int[] brokenAt = new int[n];
        Arrays.fill(brokenAt, AttackOutcome.STANDS);
        for (int step = 0; step <= attack.steps(); step++) {
            int[] active = standing(brokenAt);
            if (active.length == 0) {
                break;
            }
            if (!listener.at(step, active.length)) {
                return null;
            }
            float[] places = pick(moved, active, size);
            float[] gradients = new float[places.length];
            boolean[] suspected = new boolean[active.length];
            screen(places, active, labels, ids, step, gradients, suspected);
            verify(places, active, labels, ids, step, suspected, brokenAt);
            if (step == attack.steps()) {
                break;
            }
            for (int a = 0; a < active.length; a++) {
                if (brokenAt[active[a]] == AttackOutcome.STANDS) {
                    attack.ball().step(images, moved, active[a] * size, gradients, a * size, size);
                }
            }
        }
        return new AttackOutcome(moved, brokenAt);
    }

    /** Gradients, and which images the attack's own replicates classify wrongly. */
    private void screen(
            float[] places,
            int[] active,
            int[] labels,
            long[] ids,
            int step,
            float[] gradients,
            boolean[] suspected) {
        int[] expected = pick(labels, active);
        long[] occasions = occasions(Occasion.ATTACK, pick(ids, active), step);
        boolean last = step == config.attack().steps();
        EotVote[] votes =
                last
                        ? eot.classify(places, occasions, config.attackReplicates())
                        : gradient.of(
                                places, expected, occasions, config.attackReplicates(), gradients);
        for (int a = 0; a < active.length; a++) {
            suspected[a] = votes[a].label() != expected[a] || last && config.verifyLast();
        }
    }

    /** Marks suspected images that the full defense classifies wrongly too. */
    private void verify(
            float[] places,
            int[] active,
            int[] labels,
            long[] ids,
            int step,
            boolean[] suspected,
            int[] brokenAt) {
        int[] chosen = indices(suspected);
        if (chosen.length == 0) {
            return;
        }
        int[] image = pick(active, chosen);
        EotVote[] votes =
                eot.answer(
                        pick(places, chosen, eot.purifier().shape().size()),
                        occasions(Occasion.VERIFICATION, pick(ids, image), step),
                        config.verifyReplicates());
        for (int s = 0; s < chosen.length; s++) {
            if (votes[s].label() != labels[image[s]]) {
                brokenAt[image[s]] = step;
            }
        }
    }

    private long[] occasions(Occasion occasion, long[] ids, int step) {
        return config.fixedNoise() ? Occasion.SUBMISSION.ids(ids, 0) : occasion.ids(ids, step);
    }

    private static int[] standing(int[] brokenAt) {
        boolean[] stands = new boolean[brokenAt.length];
        for (int i = 0; i < stands.length; i++) {
            stands[i] = brokenAt[i] == AttackOutcome.STANDS;
        }
        return indices(stands);
    }

    private static int[] indices(boolean[] which) {
        int[] found = new int[which.length];
        int count = 0;
        for (int i = 0; i < which.length; i++) {
            if (which[i]) {
                found[count++] = i;
            }
        }
        return Arrays.copyOf(found, count);
    }

    private static float[] pick(float[] images, int[] which, int size) {
        float[] picked = new float[which.length * size];
        for (int i = 0; i < which.length; i++) {
            System.arraycopy(images, which[i] * size, picked, i * size, size);
        }
        return picked;
    }

    private static int[] pick(int[] values, int[] which) {
        return Arrays.stream(which).map(i -> values[i]).toArray();
    }

    private static long[] pick(long[] values, int[] which) {
        return Arrays.stream(which).mapToLong(i -> values[i]).toArray();
    }
}
