package io.ebmstream.ops.learner;

import org.nd4j.linalg.api.ndarray.INDArray;

/** Langevin dynamics of one energy, ready to run on parts of images. */
@FunctionalInterface
public interface ChainDynamics {
    /**
     * Moves every image's chain in place, as {@code CompiledNetwork.langevin} does.
     *
     * @param images [n, c, h, w], overwritten
     * @param seed noise seed
     * @param chains chain ids
     * @param firstSteps steps that every chain has behind it; not changed
     * @param steps number of steps, at least 1
     * @param displacement receives the L2 norm of the last step's displacement
     */
    void langevin(
            INDArray images,
            long seed,
            long[] chains,
            long[] firstSteps,
            int steps,
            float[] displacement);
}
