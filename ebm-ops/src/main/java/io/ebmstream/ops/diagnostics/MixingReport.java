package io.ebmstream.ops.diagnostics;

import java.util.List;

/**
 * Whether a model's chains forget where they started: nested R-hat and effective sample size of the
 * energy and of fixed random projections.
 *
 * @param superchains K, different first images
 * @param chains M, chains from each
 * @param burnIn steps before the first draw
 * @param draws N, draws of a chain
 * @param thinning steps between two draws
 * @param quantities one row for each quantity
 */
public record MixingReport(
        int superchains,
        int chains,
        long burnIn,
        int draws,
        int thinning,
        List<Quantity> quantities) {
    public MixingReport {
        quantities = List.copyOf(quantities);
    }

    /**
     * One quantity of the chains.
     *
     * @param name "energy" or "projection i"
     * @param rhat nested R-hat
     * @param bound what nested R-hat may be for chains that have forgotten their start
     * @param ess effective number of all draws together
     * @param essPerChain that of a chain by itself, mean over chains: how often a chain gets
     *     anywhere new where it is
     */
    public record Quantity(String name, double rhat, double bound, double ess, double essPerChain) {
        /** Whether chains have forgotten where they started, as far as this quantity shows. */
        public boolean converged() {
            return rhat <= bound;
        }
    }

    /** Whether they have, as far as any quantity shows. */
    public boolean converged() {
        return quantities.stream().allMatch(Quantity::converged);
    }
}
