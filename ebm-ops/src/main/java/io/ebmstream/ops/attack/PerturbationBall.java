package io.ebmstream.ops.attack;

import io.ebmstream.ops.bank.Draws;
import io.ebmstream.ops.sampler.GaussianNoise;
import io.ebmstream.ops.sampler.Threefry;
import io.ebmstream.ops.sampler.UniformNoise;

/**
 * The images that an attacker may send in place of x: those within a distance r of it, with pixels
 * in [-1, 1]. Steps of ascent along a gradient g:
 *
 * <pre>
 * linf: x' <- x' + a sign(g),      then to [x - r, x + r]
 * l2:   x' <- x' + a g / |g|_2,    then to the sphere around x where it is outside
 * both: then to [-1, 1]
 * </pre>
 *
 * <p>Sizes are in units of pixels from 0 to 1, as in the literature (8/255); pixels here span 2, so
 * they count twice. Stateless but for scratch: not thread-safe.
 *
 * @param norm how distance is measured
 * @param radius r, above 0, in units of pixels from 0 to 1
 * @param stepSize a, above 0, in units of pixels from 0 to 1
 */
public record PerturbationBall(Norm norm, double radius, double stepSize) {
    /** From pixels of [0, 1] to those of [-1, 1]. */
    static final double SCALE = 2;

    private static final long PURPOSE = 0x7374617274L;

    /**
     * @throws IllegalArgumentException if a size is not above 0
     */
    public PerturbationBall {
        if (!(radius > 0) || !(stepSize > 0) || !Double.isFinite(radius + stepSize)) {
            throw new IllegalArgumentException(
                    "expected a radius and a step size above 0, found radius "
                            + radius
                            + ", step size "
                            + stepSize);
        }
    }

    /**
     * Moves an image to a random place in the ball: uniform for linf; for l2 in a random direction,
     * uniform in volume; a pure function of (seed, id).
     *
     * @param clean x
     * @param moved receives x', from the same offset on
     */
    void randomStart(long seed, long id, float[] clean, float[] moved, int offset, int size) {
        long key = Threefry.derive(seed, PURPOSE);
        float[] noise = new float[size];
        if (norm == Norm.LINF) {
            new UniformNoise().fill(key, id, 0, noise, 0, size);
            for (int i = 0; i < size; i++) {
                noise[i] *= (float) (SCALE * radius);
            }
        } else {
            new GaussianNoise().fill(key, id, 0, noise, 0, size);
            double share = Math.pow(Draws.uniform(Threefry.derive(key, id), 1), 1.0 / size);
            double factor = SCALE * radius * share / length(noise, 0, size);
            for (int i = 0; i < size; i++) {
                noise[i] *= (float) factor;
            }
        }
        for (int i = 0; i < size; i++) {
            moved[offset + i] = clip(clean[offset + i] + noise[i]);
        }
    }

    /**
     * One step of ascent and the way back into the ball, in place. A gradient of 0 moves nothing.
     *
     * @param clean x, from {@code offset} on
     * @param moved x', from {@code offset} on
     * @param gradient g, from {@code gradientOffset} on
     */
    void step(
            float[] clean,
            float[] moved,
            int offset,
            float[] gradient,
            int gradientOffset,
            int size) {
        double length = norm == Norm.L2 ? length(gradient, gradientOffset, size) : 1;
        float factor = (float) (length == 0 ? 0 : SCALE * stepSize / length);
        for (int i = 0; i < size; i++) {
            float g = gradient[gradientOffset + i];
            moved[offset + i] += factor * (norm == Norm.L2 ? g : Math.signum(g));
        }
        project(clean, moved, offset, size);
    }

    /** Back into the ball, in place. */
    void project(float[] clean, float[] moved, int offset, int size) {
        float most = (float) (SCALE * radius);
        if (norm == Norm.LINF) {
            for (int i = offset; i < offset + size; i++) {
                moved[i] = clip(Math.max(clean[i] - most, Math.min(clean[i] + most, moved[i])));
            }
            return;
        }
        double squares = 0;
        for (int i = offset; i < offset + size; i++) {
            double d = (double) moved[i] - clean[i];
            squares += d * d;
        }
        double distance = Math.sqrt(squares);
        double share = distance > most ? most / distance : 1;
        for (int i = offset; i < offset + size; i++) {
            // the box holds x, so clipping shortens the way further
            moved[i] =
                    clip(
                            share == 1
                                    ? moved[i]
                                    : (float) (clean[i] + share * (moved[i] - clean[i])));
        }
    }

    private static double length(float[] values, int offset, int size) {
        double squares = 0;
        for (int i = offset; i < offset + size; i++) {
            squares += (double) values[i] * values[i];
        }
        return Math.sqrt(squares);
    }

    private static float clip(float x) {
        return Math.max(-1, Math.min(1, x));
    }
}
