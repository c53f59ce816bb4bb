package io.ebmstream.job.bench;

/**
 * What {@link PipelineBench} measures.
 *
 * @param work what the job and the threads of the loop compute
 * @param images images that a round counts, at least 1
 * @param rounds rounds after the warm-up, at least 1
 */
public record PipelinePlan(Workload work, int images, int rounds) {
    /**
     * @throws IllegalArgumentException if a number is below 1
     */
    public PipelinePlan {
        if (images < 1 || rounds < 1) {
            throw new IllegalArgumentException(
                    "expected images and rounds of at least 1, found " + images + " and " + rounds);
        }
    }
}
