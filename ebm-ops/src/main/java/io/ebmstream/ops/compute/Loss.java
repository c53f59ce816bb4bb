package io.ebmstream.ops.compute;

/**
 * What {@link CompiledNetwork#gradient} is the gradient of: a sum over inputs of a function of each
 * one's output y. It is told by its derivative. A network on several cores ({@link
 * ParallelExecutor}) asks from several threads at a time, each for other inputs; a loss that runs
 * another network on the same cores would wait for itself, and is refused.
 */
@FunctionalInterface
public interface Loss {
    /**
     * Derivative by the outputs of some inputs.
     *
     * @param first index of the first of them in the call
     * @param n number of them
     * @param outputs their outputs, n times (c, h, w)
     * @param gradient receives dL/dy in the same order; holds nothing of use before. Both arrays
     *     may be longer and are valid during the call only
     */
    void gradient(int first, int n, float[] outputs, float[] gradient);
}
