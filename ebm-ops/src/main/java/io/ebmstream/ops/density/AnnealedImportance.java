package io.ebmstream.ops.density;

import io.ebmstream.ops.sampler.GaussianNoise;
import io.ebmstream.ops.sampler.Threefry;
import java.util.Arrays;
import java.util.function.IntConsumer;
import org.apache.commons.statistics.distribution.NormalDistribution;

/**
 * log Z of an energy by annealed importance sampling (Neal 2001, arXiv physics/9803008), from a
 * Gaussian base:
 *
 * <pre>
 * log Z = log of the integral of exp(-E(x)) over [-b, b]^d
 * f_beta(x) = q(x)^(1-beta) exp(-beta E(x)),   q = N(0, sigma^2 I) on the box, 0 = beta_0 .. beta_K = 1
 * log w = sum_k (beta_k - beta_k-1) (-E(x_k-1) - log q(x_k-1)),   x_k from x_k-1 at f_beta_k
 * log Z ~ log mean w
 * </pre>
 *
 * <p>A chain moves by one trajectory of Hamiltonian Monte Carlo for each temperature (Neal 2011,
 * arXiv 1206.1901; for weights of deep models Wu et al. 2017, arXiv 1611.04273), accepted or not,
 * which keeps f_beta exactly: the mean weight has no bias, whatever the number of steps. The walls
 * of the box reflect. The box makes Z finite: an energy without a Gaussian term need not grow far
 * away from images.
 *
 * <p>A pilot run of a quarter of the chains, at least 8, at beta_k = (k/K)^3 finds step sizes by
 * its acceptance, and where log weights spread: the temperatures of the run are as dense as this
 * spread is wide, sqrt(Var(-E - log q)), which makes the sum's variance least. Both are then fixed.
 *
 * <p>The interval is that of 1,000 bootstrap samples of the chains. With few steps a few chains
 * carry all the weight: then the logarithm is too low, and so is the interval, which {@link
 * LogZEstimate#ess} tells. A function of energy and configuration. Stateless, thread-safe.
 */
public final class AnnealedImportance {
    /** Share of accepted trajectories that moves a chain of many dimensions furthest. */
    private static final double ACCEPTANCE = 0.65;

    /** How fast the pilot run's step size follows its acceptance. */
    private static final double ADAPTATION = 0.2;

    private static final double POWER = 3;
    private static final int LEAST_PILOTS = 8;

    /** Share of temperatures that stay where the pilot run had them, whatever it found. */
    private static final double KEPT = 0.1;

    /** Temperatures on each side, as a share of all, over which the pilot's spread is averaged. */
    private static final int SMOOTHING = 40;

    private static final int RESAMPLES = 1000;
    private static final double TAIL = 0.025;
    private static final long PILOT = 0x70696c6f74L;
    private static final long CHOICE = 0x63686f696365L;
    private static final long RESAMPLE = 0x72657361L;

    private AnnealedImportance() {}

    /** Temperatures and, for each but the first, the step size there. */
    private record Schedule(double[] betas, double[] steps) {}

    /**
     * @param energy E
     * @param dimensions d, at least 1
     * @param config chains, steps, base
     * @param progress told the number of steps done out of twice the configuration's
     * @throws IllegalStateException if an energy is not finite
     */
    public static LogZEstimate logZ(
            EnergyFunction energy, int dimensions, LogZConfig config, IntConsumer progress) {
        Schedule schedule = pilot(energy, dimensions, config, progress);
        int count = config.steps();
        Run run = new Run(energy, dimensions, config, config.chains(), config.seed());
        double accepted = 0;
        for (int k = 1; k <= count; k++) {
            run.weigh(schedule.betas[k - 1], schedule.betas[k]);
            accepted += run.move(k, schedule.betas[k], schedule.steps[k]) / count;
            progress.accept(count + k);
        }
        double meanEnergy = Arrays.stream(run.now.energies).average().orElseThrow();
        return estimate(run.logWeights, accepted, meanEnergy, config.seed());
    }

    private static Schedule pilot(
            EnergyFunction energy, int dimensions, LogZConfig config, IntConsumer progress) {
        int count = config.steps();
        double[] betas = new double[count + 1];
        double[] steps = new double[count + 1];
        double[] variances = new double[count + 1];
        Run run =
                new Run(
                        energy,
                        dimensions,
                        config,
                        Math.max(LEAST_PILOTS, config.chains() / 4),
                        Threefry.derive(config.seed(), PILOT));
        double step = config.stepSize();
        for (int k = 1; k <= count; k++) {
            betas[k] = Math.pow((double) k / count, POWER);
            steps[k] = step;
            variances[k] = run.spread();
            double accepted = run.move(k, betas[k], step);
            step *= Math.exp(ADAPTATION * (accepted - ACCEPTANCE));
            progress.accept(k);
        }
        return schedule(new Schedule(betas, steps), variances);
    }

    /**
     * As many temperatures, as dense as log weights' spread is wide.
     *
     * @param variances of -E - log q at the temperature before each; the first is not used
     */
    private static Schedule schedule(Schedule pilot, double[] variances) {
        int count = variances.length - 1;
        double[] lengths = new double[count + 1];
        int reach = Math.max(1, count / SMOOTHING);
        for (int k = 1; k <= count; k++) {
            int from = Math.max(1, k - reach);
            int to = Math.min(count, k + reach);
            double variance = Arrays.stream(variances, from, to + 1).average().orElseThrow();
            lengths[k] =
                    lengths[k - 1] + (pilot.betas[k] - pilot.betas[k - 1]) * Math.sqrt(variance);
        }
        double[] betas = new double[count + 1];
        double[] steps = new double[count + 1];
        double whole = lengths[count];
        int at = 1;
        for (int k = 1; k <= count; k++) {
            double wanted = (double) k / count;
            while (at < count && place(lengths, whole, at) < wanted) {
                at++;
            }
            double before = place(lengths, whole, at - 1);
            double share = (wanted - before) / (place(lengths, whole, at) - before);
            betas[k] =
                    k == count
                            ? 1
                            : pilot.betas[at - 1] + share * (pilot.betas[at] - pilot.betas[at - 1]);
            steps[k] = pilot.steps[at];
        }
        return new Schedule(betas, steps);
    }

    /** Where a temperature of the pilot run comes among those of the run, 0 to 1. */
    private static double place(double[] lengths, double whole, int k) {
        double even = (double) k / (lengths.length - 1);
        return whole > 0 ? (1 - KEPT) * lengths[k] / whole + KEPT * even : even;
    }

    /** Of weights that are known. */
    static LogZEstimate estimate(
            double[] logWeights, double acceptance, double meanEnergy, long seed) {
        int n = logWeights.length;
        double most = Arrays.stream(logWeights).max().orElseThrow();
        double[] weights = Arrays.stream(logWeights).map(w -> Math.exp(w - most)).toArray();
        double sum = Arrays.stream(weights).sum();
        double squares = Arrays.stream(weights).map(w -> w * w).sum();
        double[] means = new double[RESAMPLES];
        long key = Threefry.derive(seed, RESAMPLE);
        for (int r = 0; r < RESAMPLES; r++) {
            double resampled = 0;
            for (int i = 0; i < n; i++) {
                long bits = Threefry.block(key, (long) r * n + i);
                resampled += weights[(int) Long.remainderUnsigned(bits, n)];
            }
            means[r] = most + Math.log(resampled / n);
        }
        Arrays.sort(means);
        return new LogZEstimate(
                most + Math.log(sum / n),
                means[(int) (TAIL * RESAMPLES)],
                means[(int) ((1 - TAIL) * RESAMPLES)],
                sum * sum / squares,
                acceptance,
                meanEnergy,
                logWeights.clone());
    }

    /** Chains on their way from the base to the model. */
    private static final class Run {
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
        private final double logBase;
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

        Run(EnergyFunction energy, int dimensions, LogZConfig config, int n, long seed) {
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
                    1
                            - 2
                                    * NormalDistribution.of(0, config.sigma())
                                            .survivalProbability(config.box());
            logBase = -d * Math.log(config.sigma() * Math.sqrt(2 * Math.PI) * inside);
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
                        x[j] =
                                (float)
                                        base.inverseCumulativeProbability(
                                                below + u * (1 - 2 * below));
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

        private double logRatio(int i) {
            return -now.energies[i] - logBase(now, i);
        }

        /**
         * One trajectory of every chain at a temperature.
         *
         * @return share of accepted ones
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
            return logBase - squares / (2 * config.sigma() * config.sigma());
        }

        private static double uniform(long key, long index) {
            return ((Threefry.block(key, index) >>> 11) + 0.5) * 0x1p-53;
        }
    }
}
