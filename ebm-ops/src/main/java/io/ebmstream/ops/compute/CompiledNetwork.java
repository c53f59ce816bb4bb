package io.ebmstream.ops.compute;

import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.sampler.LangevinConfig;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A network made ready to run on batches of up to {@link #batch()} inputs by one executor.
 *
 * <p>Input arrays are float32, shape [n, c, h, w] with 1 <= n <= batch, contiguous in c order,
 * pixels nominally in [-1, 1]. They stay the caller's. In {@link Mode#INFERENCE} an input's output,
 * energy, gradient and chain do not depend on its neighbours, its slot or n: bit for bit the same
 * on one instruction set. In {@link Mode#TRAINING} all n inputs of a call are one batch for batch
 * normalisation, and only {@link #forward} and {@link #gradient} may be called.
 *
 * <p>{@link #energies}, {@link #inputGradient}, {@link #parameterGradient} and {@link #langevin}
 * are for energy networks, those whose output is a single number, in inference mode: otherwise they
 * throw {@link IllegalStateException}.
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

    /** Which statistics batch normalisation uses. */
    Mode mode();

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

    /**
     * y = f(x) of every input.
     *
     * @param inputs [n, c, h, w]
     * @param outputs [n, c', h', w'] of the network's output, overwritten
     */
    void forward(INDArray inputs, INDArray outputs);

    /**
     * Gradients of L = sum_i l(f(x_i)): for every input, and added to a gradient by the parameters.
     *
     * <pre>
     * inputGradient_i = dL/dx_i,   accumulator += scale * dL/dtheta
     * </pre>
     *
     * For a generator the gradient by its input is the latent gradient. At running statistics the
     * gradient is 0.
     *
     * @param inputs [n, c, h, w]
     * @param loss derivative of l, asked for once for each input, block by block; for all n at once
     *     in {@link Mode#TRAINING}
     * @param inputGradient [n, c, h, w], overwritten; or null
     * @param scale factor of the parameter gradient
     * @param accumulator float32 vector laid out like the parameters, added to in place, inputs in
     *     a fixed order; or null
     */
    void gradient(
            INDArray inputs, Loss loss, INDArray inputGradient, float scale, INDArray accumulator);

    /**
     * Moves the running statistics toward those of the last call's batch: running = (1 - momentum)
     * running + momentum * batch, with the unbiased variance. The compiled network itself changes
     * at the next {@link #setParameters} only. A normalisation on which the output does not depend
     * keeps its running statistics.
     *
     * @param parameters float32 vector laid out by {@link Network#parameters()}, of which only the
     *     running statistics change, in place
     * @throws IllegalStateException in inference mode, or before a call of {@link #forward} or
     *     {@link #gradient}
     */
    void updateRunningStatistics(INDArray parameters);

    /** Frees native memory. Later calls fail. Closing twice is harmless. */
    @Override
    void close();
}
