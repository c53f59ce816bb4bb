package io.ebmstream.job.bench;

/**
 * What {@link BarrierBench} measures.
 *
 * @param work what the job computes; updates run as many steps of as many chains
 * @param warmUp seconds of full load before, at least 0
 * @param seconds how long checkpoints are counted, above 0
 */
public record BarrierPlan(Workload work, double warmUp, double seconds) {
    /**
     * @throws IllegalArgumentException if a number is out of range
     */
    public BarrierPlan {
        if (!(warmUp >= 0) || !(seconds > 0)) {
            throw new IllegalArgumentException(
                    "expected a warm-up of at least 0 and seconds above 0, found "
                            + warmUp
                            + " and "
                            + seconds);
        }
    }
}
