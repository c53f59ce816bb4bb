package io.ebmstream.ops.attack;

import io.ebmstream.ops.bank.Draws;
import io.ebmstream.ops.classifier.Logits;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.sampler.Threefry;
import java.util.Arrays;

/**
 * Random search in the l_inf ball by scores alone (Square Attack, Andriushchenko, Croce,
 * Flammarion, Hein 2020, arXiv 1912.00049): it begins with vertical stripes of -r and r; each query
 * sets one square to x - r or x + r, a sign for each channel, and keeps it if the margin
 *
 * <pre>score of the true class - largest score of another</pre>
 *
 * falls. Squares shrink as the queries go on, by the paper's schedule. A wrong answer to a query is
 * a suspected break, and is verified.
 *
 * <p>An image's course depends on its id, pixels and label only. Not thread-safe.
 */
public final class SquareAttack {
    /** The paper's share of pixels in the first squares. */
    private static final double FIRST_SHARE = 0.3;

    /** Queries of 10,000 after which squares have half as many pixels as before. */
    private static final int[] HALVED_AT = {10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000};

    private static final int SCHEDULE = 10_000;
    private static final long PURPOSE = 0x737175617265L;

    private final ImageShape shape;
    private final Scores scores;
    private final Scores verification;
    private final float radius;
    private final int queries;
    private final long seed;

    /**
     * @param scores what the attacker asks
     * @param verification what decides whether a suspected image is broken
     * @param config ball, number of queries as its steps, and seed
     * @throws UnsupportedOperationException unless the ball is one of l_inf
     */
    public SquareAttack(ImageShape shape, Scores scores, Scores verification, AttackConfig config) {
        if (config.ball().norm() != Norm.LINF) {
            throw new UnsupportedOperationException(
                    "expected an l_inf ball for the square attack, found "
                            + config.ball().norm().label()
                            + "; use linf, or another attack");
        }
        this.shape = shape;
        this.scores = scores;
        this.verification = verification;
        radius = (float) (PerturbationBall.SCALE * config.ball().radius());
        queries = config.steps();
        seed = config.seed();
    }

    /** An image that stands, with the lowest margin so far. */
    private static final class Course {
        final int index;
        final float[] best;
        double margin = Double.POSITIVE_INFINITY;

        Course(int index, float[] best) {
            this.index = index;
            this.best = best;
        }
    }

    /**
     * Attacks images.
     *
     * @param images planar [n, c, h, w], pixels in [-1, 1]; not changed
     * @param labels true classes, n
     * @param ids ids of the images, n
     * @return what became of them, or null if the listener ended it
     */
    public AttackOutcome attack(
            float[] images, int[] labels, long[] ids, EotAttack.Listener listener) {
        int n = ids.length;
        int size = shape.size();
        float[] result = images.clone();
        int[] brokenAt = new int[n];
        Arrays.fill(brokenAt, AttackOutcome.STANDS);
        Course[] standing = new Course[n];
        for (int i = 0; i < n; i++) {
            standing[i] = new Course(i, Arrays.copyOfRange(images, i * size, (i + 1) * size));
        }
        for (int query = 0; query <= queries && standing.length > 0; query++) {
            if (!listener.at(query, standing.length)) {
                return null;
            }
            float[] tried = new float[standing.length * size];
            long[] asked = new long[standing.length];
            for (int a = 0; a < standing.length; a++) {
                Course course = standing[a];
                asked[a] = ids[course.index];
                System.arraycopy(course.best, 0, tried, a * size, size);
                propose(images, course.index * size, tried, a * size, asked[a], query);
            }
            float[][] answers = scores.of(tried, asked, query);
            for (int a = 0; a < standing.length; a++) {
                Course course = standing[a];
                int label = labels[course.index];
                double margin = margin(answers[a], label);
                if (margin < course.margin) {
                    course.margin = margin;
                    System.arraycopy(tried, a * size, course.best, 0, size);
                    System.arraycopy(tried, a * size, result, course.index * size, size);
                }
                if (margin < 0 && wrong(tried, a, asked[a], query, label)) {
                    brokenAt[course.index] = query;
                    System.arraycopy(tried, a * size, result, course.index * size, size);
                }
            }
            standing =
                    Arrays.stream(standing)
                            .filter(c -> brokenAt[c.index] == AttackOutcome.STANDS)
                            .toArray(Course[]::new);
        }
        return new AttackOutcome(result, brokenAt);
    }

    private boolean wrong(float[] tried, int a, long id, int query, int label) {
        int size = shape.size();
        float[] one = Arrays.copyOfRange(tried, a * size, (a + 1) * size);
        return Logits.argmax(verification.of(one, new long[] {id}, query)[0]) != label;
    }

    private static double margin(float[] scores, int label) {
        double other = Double.NEGATIVE_INFINITY;
        for (int k = 0; k < scores.length; k++) {
            if (k != label) {
                other = Math.max(other, scores[k]);
            }
        }
        return scores[label] - other;
    }

    /** Changes the image from {@code at} on: stripes at first, then a square. */
    private void propose(float[] images, int clean, float[] tried, int at, long id, int query) {
        long key = Threefry.derive(Threefry.derive(Threefry.derive(seed, PURPOSE), id), query);
        int height = shape.height();
        int width = shape.width();
        for (int c = 0; c < shape.channels(); c++) {
            int plane = c * height * width;
            if (query == 0) {
                for (int column = 0; column < width; column++) {
                    float sign = sign(key, 1 + c * width + column);
                    for (int row = 0; row < height; row++) {
                        set(images, clean, tried, at, plane + row * width + column, sign);
                    }
                }
                continue;
            }
            int side = side(query);
            int top = Draws.index(key, -1, height - side + 1);
            int left = Draws.index(key, -2, width - side + 1);
            float sign = sign(key, 1 + c);
            for (int row = top; row < top + side; row++) {
                for (int column = left; column < left + side; column++) {
                    set(images, clean, tried, at, plane + row * width + column, sign);
                }
            }
        }
    }

    private void set(float[] images, int clean, float[] tried, int at, int pixel, float sign) {
        float moved = images[clean + pixel] + sign * radius;
        tried[at + pixel] = Math.max(-1, Math.min(1, moved));
    }

    private static float sign(long key, long counter) {
        return Draws.index(key, counter, 2) == 0 ? -1 : 1;
    }

    private int side(int query) {
        long at = (long) query * SCHEDULE / Math.max(1, queries);
        double share = FIRST_SHARE;
        for (int halved : HALVED_AT) {
            share = at > halved ? share / 2 : share;
        }
        int least = Math.min(shape.height(), shape.width());
        double side = Math.sqrt(share * shape.height() * shape.width());
        return Math.max(1, Math.min(least - 1, (int) Math.round(side)));
    }
}
