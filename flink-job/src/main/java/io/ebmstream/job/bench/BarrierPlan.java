package io.ebmstream.job.bench;

/**
 * What {@link BarrierBench} measures.
 *
 * @param network name of the energy network
 * @param width channels of its first layer
 * @param executor name of what computes, {@code auto} among them
 * @param precision number format, {@code auto} among them
 * @param workers parallelism of the job, at least 1
 * @param steps Langevin steps of an image and of a chain in an update, at least 1
 * @param batch images of a micro-batch and chains of an update, at least 1
 * @param warmUp seconds of full load before, at least 0
 * @param seconds how long checkpoints are counted, above 0
 */
public record BarrierPlan(
        String network,
        int width,
        String executor,
        String precision,
        int workers,
        int steps,
        int batch,
        double warmUp,
        double seconds) {
    /**
     * @throws IllegalArgumentException if a number is out of range
     */
    public BarrierPlan {
        if (workers < 1 || steps < 1 || batch < 1 || !(warmUp >= 0) || !(seconds > 0)) {
            throw new IllegalArgumentException(
                    "expected workers, steps and batch of at least 1, a warm-up of at least 0"
                            + " and seconds above 0, found "
                            + workers
                            + ", "
                            + steps
                            + ", "
                            + batch
                            + ", "
                            + warmUp
                            + " and "
                            + seconds);
        }
    }
}
