package io.ebmstream.ops.compute;

import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.sampler.LangevinConfig;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A network made ready to run on batches of up to {@link #batch()} images by one executor.
 *
 * <p>Image arrays are float32, shape [n, c, h, w] with 1 <= n <= batch, contiguous in c order,
 * pixels nominally in [-1, 1]. They stay the caller's. An image's energy, gradient and chain do not
 * depend on its neighbours, its slot or n: bit for bit the same on one instruction set.
 *
 * <p>Not thread-safe: one thread at a time. Several compiled networks may run side by side.
 */
public interface CompiledNetwork extends AutoCloseable {

    /** The network that runs. */
    Network network();

    /** Most images in one call. */
    int batch();

    /** Number format it runs in. */
    Precision precision();

    /**
     * Takes new weights; the array is copied.
     *
     * @param parameters float32 vector laid out by {@link Network#parameters()}
     */
    void setParameters(INDArray parameters);

    /**
     * U(x) of every image, without temperature.
     *
     * @param images [n, c, h, w]
     * @param energies receives U(x_i) at index i; at least n long
     */
    void energies(INDArray images, float[] energies);

    /**
     * Gradient of U(x_i) by x_i for every image.
     *
     * @param images [n, c, h, w]
     * @param gradient [n, c, h, w], overwritten
     */
    void inputGradient(INDArray images, INDArray gradient);

    /**
     * Adds {@code scale * sum_i grad_theta U(x_i)} to a gradient, images added in a fixed order.
     *
     * @param images [n, c, h, w]
     * @param scale factor of every image's gradient
     * @param accumulator float32 vector laid out like the parameters, added to in place
     * @param energies receives U(x_i) at index i; at least n long
     */
    void parameterGradient(INDArray images, float scale, INDArray accumulator, float[] energies);

    /**
     * Moves every image's chain in place by {@code steps} Langevin steps:
     *
     * <pre>x <- x - (eps^2/2) grad[ U(x)/T + |x|^2/(2 tau^2) ] + eps xi</pre>
     *
     * where step k of image i uses the noise of (seed, chains[i], firstSteps[i] + k). Running K
     * steps at once or in any number of parts gives the same bits.
     *
     * @param images [n, c, h, w], overwritten
     * @param config step size, temperature, Gaussian term, clipping
     * @param seed noise seed of the run
     * @param chains chain ids, at least n
     * @param firstSteps number of steps every chain has behind it, at least n; not changed
     * @param steps number of steps, at least 1
     * @param displacement receives the L2 norm of the last step's (eps^2/2) grad[..] of image i
     *     (after clipping) at index i; at least n long
     */
    void langevin(
            INDArray images,
            LangevinConfig config,
            long seed,
            long[] chains,
            long[] firstSteps,
            int steps,
            float[] displacement);

    /** Frees native memory. Later calls fail. Closing twice is harmless. */
    @Override
    void close();
}
