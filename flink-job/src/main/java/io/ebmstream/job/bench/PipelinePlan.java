package io.ebmstream.job.bench;

/**
 * What {@link PipelineBench} measures.
 *
 * @param network name of the energy network
 * @param width channels of its first layer
 * @param executor name of what computes, {@code auto} among them
 * @param precision number format, {@code auto} among them
 * @param workers parallelism of the job and threads of the loop, at least 1
 * @param steps Langevin steps of each image, at least 1
 * @param batch images of a micro-batch, at least 1
 * @param images images of a round, at least 1
 * @param rounds rounds after the warm-up, at least 1
 */
public record PipelinePlan(
        String network,
        int width,
        String executor,
        String precision,
        int workers,
        int steps,
        int batch,
        int images,
        int rounds) {
    /**
     * @throws IllegalArgumentException if a number is below 1
     */
    public PipelinePlan {
        if (workers < 1 || steps < 1 || batch < 1 || images < 1 || rounds < 1) {
            throw new IllegalArgumentException(
                    "expected workers, steps, batch, images and rounds of at least 1, found "
                            + workers
                            + ", "
                            + steps
                            + ", "
                            + batch
                            + ", "
                            + images
                            + ", "
                            + rounds);
        }
    }
}
