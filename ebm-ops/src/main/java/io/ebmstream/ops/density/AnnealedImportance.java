package io.ebmstream.ops.density;

import io.ebmstream.ops.sampler.Threefry;
import java.util.Arrays;
import java.util.function.IntConsumer;

/**
 * log Z of an energy by annealed importance sampling (Neal 2001, arXiv physics/9803008), from a
 * Gaussian base:
 *
 * <pre>
 * log Z = log of the integral of exp(-E(x)) over [-b, b]^d
 * f_beta(x) = q(x)^(1-beta) exp(-beta E(x)),   q = N(0, sigma^2 I) on the box
 * log w = sum_k (beta_k - beta_k-1) (-E(x_k-1) - log q(x_k-1)),   x_k from x_k-1 at f_beta_k,
 *         0 = beta_0 .. beta_K = 1
 * log Z ~ log mean w
 * </pre>
 *
 * <p>A chain moves by one Hamiltonian trajectory for each temperature ({@link AnnealedChains}; for
 * weights of deep models Wu et al. 2017, arXiv 1611.04273), which keeps f_beta exactly: the mean
 * weight has no bias, whatever the number of steps. The box makes Z finite: an energy without a
 * Gaussian term need not grow far away from images.
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

    /** The pilot run's spread is averaged over K by this many temperatures on each side. */
    private static final int SMOOTHING = 40;

    private static final int RESAMPLES = 1000;
    private static final double TAIL = 0.025;
    private static final long PILOT = 0x70696c6f74L;
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
        AnnealedChains run =
                new AnnealedChains(energy, dimensions, config, config.chains(), config.seed());
        double accepted = 0;
        for (int k = 1; k <= count; k++) {
            run.weigh(schedule.betas[k - 1], schedule.betas[k]);
            accepted += run.move(k, schedule.betas[k], schedule.steps[k]) / count;
            progress.accept(count + k);
        }
        return estimate(run.logWeights(), accepted, run.meanEnergy(), config.seed());
    }

    private static Schedule pilot(
            EnergyFunction energy, int dimensions, LogZConfig config, IntConsumer progress) {
        int count = config.steps();
        double[] betas = new double[count + 1];
        double[] steps = new double[count + 1];
        double[] variances = new double[count + 1];
        AnnealedChains run =
                new AnnealedChains(
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
}
