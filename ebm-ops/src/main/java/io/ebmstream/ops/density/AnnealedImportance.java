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
 * f_beta(x) = q(x)^(1-beta) exp(-beta E(x)),   q = N(0, sigma^2 I) on the box, beta_k = (k/K)^3
 * log w = sum_k (beta_k - beta_k-1) (-E(x_k-1) - log q(x_k-1)),   x_k from x_k-1 at f_beta_k
 * log Z ~ log mean w
 * </pre>
 *
 * <p>A chain moves by one Metropolis-adjusted Langevin step (Roberts, Tweedie 1996) for each
 * temperature, which keeps f_beta exactly: the mean weight has no bias, whatever the number of
 * steps. A step that leaves the box is rejected. The box makes Z finite: an energy without a
 * Gaussian term need not grow far away from images. A pilot run of a quarter of the chains, at
 * least 4, finds step sizes by its acceptance; they are then fixed.
 *
 * <p>The interval is that of 1,000 bootstrap samples of the chains. With few steps a few chains
 * carry all the weight: then the logarithm is too low, and so is the interval, which {@link
 * LogZEstimate#ess} tells. A function of energy and configuration. Stateless, thread-safe.
 */
public final class AnnealedImportance {
    /** Share of accepted steps that moves a chain of many dimensions furthest. */
    private static final double ACCEPTANCE = 0.574;

    /** How fast the pilot run's step size follows its acceptance. */
    private static final double ADAPTATION = 0.2;

    private static final double POWER = 3;
    private static final int RESAMPLES = 1000;
    private static final double TAIL = 0.025;
    private static final long PILOT = 0x70696c6f74L;
    private static final long CHOICE = 0x63686f696365L;
    private static final long RESAMPLE = 0x72657361L;

    private AnnealedImportance() {}

    /**
     * @param energy E
     * @param dimensions d, at least 1
     * @param config chains, steps, base
     * @param progress told the number of steps done out of twice the configuration's
     * @throws IllegalStateException if an energy is not finite
     */
    public static LogZEstimate logZ(
            EnergyFunction energy, int dimensions, LogZConfig config, IntConsumer progress) {
        double[] steps = new double[config.steps()];
        Run pilot =
                new Run(
                        energy,
                        dimensions,
                        config,
                        Math.max(4, config.chains() / 4),
                        Threefry.derive(config.seed(), PILOT));
        double step = config.stepSize();
        for (int k = 1; k <= config.steps(); k++) {
            steps[k - 1] = step;
            double accepted = pilot.advance(k, step);
            step *= Math.exp(ADAPTATION * (accepted - ACCEPTANCE));
            progress.accept(k);
        }
        Run run = new Run(energy, dimensions, config, config.chains(), config.seed());
        double accepted = 0;
        for (int k = 1; k <= config.steps(); k++) {
            accepted += run.advance(k, steps[k - 1]) / config.steps();
            progress.accept(config.steps() + k);
        }
        return estimate(run.logWeights, accepted, config.seed());
    }

    /** Of weights that are known. */
    static LogZEstimate estimate(double[] logWeights, double acceptance, long seed) {
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
        private final double logBase;
        private final double[] logWeights;

        private float[] x;
        private double[] energies;
        private float[] gradients;
        private float[] proposed;
        private double[] proposedEnergies;
        private float[] proposedGradients;

        Run(EnergyFunction energy, int dimensions, LogZConfig config, int n, long seed) {
            this.energy = energy;
            this.config = config;
            this.n = n;
            this.d = dimensions;
            this.noiseKey = seed;
            this.choiceKey = Threefry.derive(seed, CHOICE);
            noise = new float[d];
            logWeights = new double[n];
            x = new float[n * d];
            energies = new double[n];
            gradients = new float[n * d];
            proposed = new float[n * d];
            proposedEnergies = new double[n];
            proposedGradients = new float[n * d];
            double inside =
                    1
                            - 2
                                    * NormalDistribution.of(0, config.sigma())
                                            .survivalProbability(config.box());
            logBase = -d * Math.log(config.sigma() * Math.sqrt(2 * Math.PI) * inside);
            start();
            evaluate(x, energies, gradients);
        }

        /** From the base: a normal outside the box is drawn again, by its quantile inside. */
        private void start() {
            NormalDistribution base = NormalDistribution.of(0, config.sigma());
            double below = base.cumulativeProbability(-config.box());
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

        private void evaluate(float[] points, double[] out, float[] slopes) {
            energy.evaluate(points, n, out, slopes);
            for (double value : out) {
                if (!Double.isFinite(value)) {
                    throw new IllegalStateException(
                            "expected finite energies on the way to log Z, found "
                                    + value
                                    + "; a smaller box keeps chains where the model was trained");
                }
            }
        }

        /**
         * One temperature further.
         *
         * @return share of accepted steps
         */
        double advance(int k, double step) {
            double from = beta(k - 1);
            double to = beta(k);
            double variance = config.sigma() * config.sigma();
            for (int i = 0; i < n; i++) {
                logWeights[i] += (to - from) * (-energies[i] - logBase(x, i));
                gaussian.fill(noiseKey, i, k, noise, 0, d);
                for (int j = 0; j < d; j++) {
                    int at = i * d + j;
                    double slope = (1 - to) * x[at] / variance + to * gradients[at];
                    proposed[at] = (float) (x[at] - step * step / 2 * slope + step * noise[j]);
                }
            }
            // outside the box energies may be anything, and do not count
            boolean[] inside = new boolean[n];
            for (int i = 0; i < n; i++) {
                inside[i] = inside(proposed, i);
                if (!inside[i]) {
                    System.arraycopy(x, i * d, proposed, i * d, d);
                }
            }
            evaluate(proposed, proposedEnergies, proposedGradients);
            int accepted = 0;
            for (int i = 0; i < n; i++) {
                if (!inside[i]) {
                    continue;
                }
                double ratio =
                        logTarget(proposed, proposedEnergies, i, to)
                                - logTarget(x, energies, i, to)
                                + logMove(proposed, proposedGradients, x, i, to, step)
                                - logMove(x, gradients, proposed, i, to, step);
                if (Math.log(uniform(choiceKey, (long) k * n + i)) < ratio) {
                    accepted++;
                } else {
                    inside[i] = false;
                }
            }
            take(inside);
            return (double) accepted / n;
        }

        /** Takes the proposals that were accepted. */
        private void take(boolean[] accepted) {
            for (int i = 0; i < n; i++) {
                if (accepted[i]) {
                    System.arraycopy(proposed, i * d, x, i * d, d);
                    System.arraycopy(proposedGradients, i * d, gradients, i * d, d);
                    energies[i] = proposedEnergies[i];
                }
            }
        }

        private double beta(int k) {
            return Math.pow((double) k / config.steps(), POWER);
        }

        private boolean inside(float[] points, int i) {
            for (int j = i * d; j < (i + 1) * d; j++) {
                if (!(Math.abs(points[j]) <= config.box())) {
                    return false;
                }
            }
            return true;
        }

        /** log q(x_i). */
        private double logBase(float[] points, int i) {
            double squares = 0;
            for (int j = i * d; j < (i + 1) * d; j++) {
                squares += (double) points[j] * points[j];
            }
            return logBase - squares / (2 * config.sigma() * config.sigma());
        }

        private double logTarget(float[] points, double[] values, int i, double beta) {
            return (1 - beta) * logBase(points, i) - beta * values[i];
        }

        /** log density of the step from one point to the other, up to what both ways share. */
        private double logMove(
                float[] points, float[] slopes, float[] target, int i, double beta, double step) {
            double variance = config.sigma() * config.sigma();
            double squares = 0;
            for (int j = i * d; j < (i + 1) * d; j++) {
                double slope = (1 - beta) * points[j] / variance + beta * slopes[j];
                double rest = target[j] - points[j] + step * step / 2 * slope;
                squares += rest * rest;
            }
            return -squares / (2 * step * step);
        }

        private static double uniform(long key, long index) {
            return ((Threefry.block(key, index) >>> 11) + 0.5) * 0x1p-53;
        }
    }
}
