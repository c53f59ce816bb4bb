package io.ebmstream.ops.diagnostics;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;

/**
 * Follows the chains of a {@link ChainRun} whose first images come in groups of equal ones
 * (superchains) and draws the energy and random projections from them. Not thread-safe.
 */
public final class Mixing {
    private final int superchains;
    private final int chains;
    private final Projections projections;
    private final List<double[][]> draws = new ArrayList<>();

    /**
     * @param superchains K, groups of chains with one first image, at least 2
     * @param chains M, chains in a group, at least 2
     * @param projections of the run's images
     */
    public Mixing(int superchains, int chains, Projections projections) {
        if (superchains < 2 || chains < 2) {
            throw new IllegalArgumentException(
                    "expected at least 2 superchains of at least 2 chains, found "
                            + superchains
                            + " of "
                            + chains);
        }
        this.superchains = superchains;
        this.chains = chains;
        this.projections = projections;
    }

    /** Each image M times in a row: first images of a run for K superchains of M chains. */
    public static List<float[]> starts(List<float[]> images, int chains) {
        List<float[]> starts = new ArrayList<>();
        for (float[] image : images) {
            for (int i = 0; i < chains; i++) {
                starts.add(image);
            }
        }
        return starts;
    }

    /**
     * Runs the burn-in, then draws.
     *
     * @param run K M chains, groups one after the other
     * @param burnIn steps before the first draw, at least 0
     * @param count N, draws of each chain, at least {@link EffectiveSampleSize#LEAST_DRAWS}
     * @param thinning steps between two draws, at least 1
     * @param progress told the steps done
     * @param stop looked at between pieces of work
     * @return the report, or null if it was stopped
     */
    public MixingReport measure(
            ChainRun run,
            int burnIn,
            int count,
            int thinning,
            LongConsumer progress,
            BooleanSupplier stop) {
        if (run.count() != superchains * chains
                || burnIn < 0
                || thinning < 1
                || count < EffectiveSampleSize.LEAST_DRAWS) {
            throw new IllegalArgumentException(
                    "expected "
                            + superchains * chains
                            + " chains, a burn-in of at least 0, thinning of at least 1 and "
                            + EffectiveSampleSize.LEAST_DRAWS
                            + " or more draws, found "
                            + run.count()
                            + ", "
                            + burnIn
                            + ", "
                            + thinning
                            + " and "
                            + count);
        }
        long end = burnIn;
        for (int draw = 0; draw < count; draw++) {
            while (run.steps() < end) {
                if (stop.getAsBoolean()) {
                    return null;
                }
                run.advance((int) Math.min(thinning, end - run.steps()));
                progress.accept(run.steps());
            }
            draws.add(draw(run));
            end += thinning;
        }
        List<MixingReport.Quantity> quantities = new ArrayList<>();
        for (int q = 0; q <= projections.count(); q++) {
            quantities.add(quantity(q));
        }
        return new MixingReport(superchains, chains, burnIn, count, thinning, quantities);
    }

    /** values[quantity][chain]. */
    private double[][] draw(ChainRun run) {
        double[][] values = new double[1 + projections.count()][run.count()];
        values[0] = run.energies();
        float[] image = new float[projections.size()];
        for (int i = 0; i < run.count(); i++) {
            run.read(i, image);
            for (int j = 0; j < projections.count(); j++) {
                values[1 + j][i] = projections.of(j, image, 0);
            }
        }
        return values;
    }

    private MixingReport.Quantity quantity(int q) {
        double[][][] nested = new double[superchains][chains][draws.size()];
        double[][] all = new double[superchains * chains][];
        double alone = 0;
        for (int k = 0; k < superchains; k++) {
            for (int m = 0; m < chains; m++) {
                int chain = k * chains + m;
                for (int t = 0; t < draws.size(); t++) {
                    nested[k][m][t] = draws.get(t)[q][chain];
                }
                all[chain] = nested[k][m];
                alone += EffectiveSampleSize.of(new double[][] {nested[k][m]}) / all.length;
            }
        }
        NestedRhat rhat = NestedRhat.of(nested);
        return new MixingReport.Quantity(
                q == 0 ? "energy" : "projection " + q,
                rhat.value(),
                rhat.bound(),
                EffectiveSampleSize.of(all),
                alone);
    }
}
