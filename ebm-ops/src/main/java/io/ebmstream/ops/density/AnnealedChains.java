package io.ebmstream.ops.density;

import io.ebmstream.ops.sampler.GaussianNoise;
import io.ebmstream.ops.sampler.Threefry;
import java.util.Arrays;
import org.apache.commons.statistics.distribution.NormalDistribution;

/**
 * Chains on their way from a Gaussian base q in a box to an energy E, by Hamiltonian Monte Carlo
 * (Neal 2011, arXiv 1206.1901) at one temperature after the other:
 *
 * <pre>
 * H(x, p) = -(1 - beta) log q(x) + beta E(x) + |p|^2/2
 * p <- p - (eps/2) dH/dx,   x <- x + eps p,   p <- p - (eps/2) dH/dx        leapfrog, L times
 * accepted with min(1, exp(H before - H after)), from p ~ N(0, I)
 * </pre>
 *
 * <p>The walls of the box reflect, which keeps volumes and can be gone back. Noise is that of seed,
 * chain and step. Not thread-safe.
 */
final class AnnealedChains {
    private static final long CHOICE = 0x63686f696365L;

    private final EnergyFunction energy;
    private final LogZConfig config;
    private final int n;
    private final int d;
    private final long noiseKey;
    private final long choiceKey;
    private final GaussianNoise gaussian = new GaussianNoise();
    private final float[] noise;
    private final double[] momenta;
    private final double[] totals;
    private final double logPeak;
    private final double[] logWeights;
    private final Points now;
    private final Points proposed;

    /** Positions of all chains, with what is known there. */
    private static final class Points {
        private final float[] x;
        private final double[] energies;
        private final float[] gradients;

        Points(int n, int d) {
            x = new float[n * d];
            energies = new double[n];
            gradients = new float[n * d];
        }

        void take(Points from, int first, int count, int d) {
            System.arraycopy(from.x, first * d, x, first * d, count * d);
            System.arraycopy(from.gradients, first * d, gradients, first * d, count * d);
            System.arraycopy(from.energies, first, energies, first, count);
        }
    }

    /**
     * @param dimensions d, at least 1
     * @param n chains, at least 2
     * @param seed of starts, momenta and choices
     * @throws IllegalStateException if an energy is not finite
     */
    AnnealedChains(EnergyFunction energy, int dimensions, LogZConfig config, int n, long seed) {
        this.energy = energy;
        this.config = config;
        this.n = n;
        this.d = dimensions;
        this.noiseKey = seed;
        this.choiceKey = Threefry.derive(seed, CHOICE);
        noise = new float[d];
        momenta = new double[n * d];
        totals = new double[n];
        logWeights = new double[n];
        now = new Points(n, d);
        proposed = new Points(n, d);
        double inside =
                1 - 2 * NormalDistribution.of(0, config.sigma()).survivalProbability(config.box());
        logPeak = -d * Math.log(config.sigma() * Math.sqrt(2 * Math.PI) * inside);
        start();
        evaluate(now);
    }

    /** From the base: a normal outside the box is drawn again, by its quantile inside. */
    private void start() {
        NormalDistribution base = NormalDistribution.of(0, config.sigma());
        double below = base.cumulativeProbability(-config.box());
        float[] x = now.x;
        for (int i = 0; i < n; i++) {
            gaussian.fill(noiseKey, i, 0, x, i * d, d);
            for (int j = i * d; j < (i + 1) * d; j++) {
                x[j] *= (float) config.sigma();
                if (Math.abs(x[j]) > config.box()) {
                    double u = uniform(Threefry.derive(choiceKey, i), j);
                    x[j] = (float) base.inverseCumulativeProbability(below + u * (1 - 2 * below));
                }
            }
        }
    }

    private void evaluate(Points points) {
        energy.evaluate(points.x, n, points.energies, points.gradients);
        for (double value : points.energies) {
            if (!Double.isFinite(value)) {
                throw new IllegalStateException(
                        "expected finite energies on the way to log Z, found "
                                + value
                                + "; a smaller box keeps chains where the model was trained");
            }
        }
    }

    /** Adds to the log weights what the next temperature gives. */
    void weigh(double from, double to) {
        for (int i = 0; i < n; i++) {
            logWeights[i] += (to - from) * logRatio(i);
        }
    }

    /** Variance among the chains of -E - log q. */
    double spread() {
        double mean = 0;
        double squares = 0;
        for (int i = 0; i < n; i++) {
            double delta = logRatio(i) - mean;
            mean += delta / (i + 1);
            squares += delta * (logRatio(i) - mean);
        }
        return squares / (n - 1);
    }

    /** What has been added, a chain each; not to be changed. */
    double[] logWeights() {
        return logWeights;
    }

    /** Mean E where the chains are. */
    double meanEnergy() {
        return Arrays.stream(now.energies).average().orElseThrow();
    }

    private double logRatio(int i) {
        return -now.energies[i] - logBase(now, i);
    }

    /**
     * One trajectory of every chain at a temperature.
     *
     * @param k number of the step, from 1: names the noise
     * @param step step size of the leapfrog
     * @return share of accepted ones
     * @throws IllegalStateException if an energy is not finite
     */
    double move(int k, double beta, double step) {
        for (int i = 0; i < n; i++) {
            gaussian.fill(noiseKey, i, k, noise, 0, d);
            for (int j = 0; j < d; j++) {
                momenta[i * d + j] = noise[j];
            }
            totals[i] = hamiltonian(now, i, beta);
        }
        proposed.take(now, 0, n, d);
        kick(beta, step / 2);
        for (int l = 1; l <= config.leapfrog(); l++) {
            drift(step);
            evaluate(proposed);
            kick(beta, l == config.leapfrog() ? step / 2 : step);
        }
        int accepted = 0;
        for (int i = 0; i < n; i++) {
            double ratio = totals[i] - hamiltonian(proposed, i, beta);
            if (Math.log(uniform(choiceKey, (long) k * n + i)) < ratio) {
                accepted++;
                now.take(proposed, i, 1, d);
            }
        }
        return (double) accepted / n;
    }

    private void kick(double beta, double step) {
        double inverse = (1 - beta) / (config.sigma() * config.sigma());
        for (int j = 0; j < momenta.length; j++) {
            double slope = inverse * proposed.x[j] + beta * proposed.gradients[j];
            momenta[j] -= step * slope;
        }
    }

    private void drift(double step) {
        double box = config.box();
        for (int j = 0; j < momenta.length; j++) {
            double to = proposed.x[j] + step * momenta[j];
            if (Math.abs(to) > box) {
                // unfolded, the walls repeat every 4 b; between b and 3 b the way is back
                double around = to + box - 4 * box * Math.floor((to + box) / (4 * box));
                boolean back = around > 2 * box;
                to = back ? 3 * box - around : around - box;
                momenta[j] = back ? -momenta[j] : momenta[j];
            }
            proposed.x[j] = (float) to;
        }
    }

    /** -log f_beta and the momenta's energy. */
    private double hamiltonian(Points points, int i, double beta) {
        double squares = 0;
        for (int j = i * d; j < (i + 1) * d; j++) {
            squares += momenta[j] * momenta[j];
        }
        return squares / 2 - (1 - beta) * logBase(points, i) + beta * points.energies[i];
    }

    /** log q(x_i). */
    private double logBase(Points points, int i) {
        double squares = 0;
        for (int j = i * d; j < (i + 1) * d; j++) {
            squares += (double) points.x[j] * points.x[j];
        }
        return logPeak - squares / (2 * config.sigma() * config.sigma());
    }

    private static double uniform(long key, long index) {
        return ((Threefry.block(key, index) >>> 11) + 0.5) * 0x1p-53;
    }
}
