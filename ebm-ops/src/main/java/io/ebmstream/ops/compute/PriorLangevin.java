package io.ebmstream.ops.compute;

import io.ebmstream.ops.sampler.GaussianNoise;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.sampler.LangevinStep;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Langevin dynamics of an energy and a prior network with a temperature of its own:
 *
 * <pre>x <- x - (eps^2/2) grad[ U(x)/T + U0(x)/T0 + |x|^2/(2 tau^2) ] + eps xi</pre>
 *
 * Noise, clipping and displacement are those of {@link CompiledNetwork#langevin}, and as there a
 * run may be cut in any number of parts. Every step goes through the heap, which costs little
 * beside two networks' gradients; without a prior the executor's own loop is faster.
 *
 * <p>Scratch for a batch is allocated once. Not thread-safe. Close it to free it.
 */
public final class PriorLangevin implements AutoCloseable {
    private final CompiledNetwork energy;
    private final CompiledNetwork prior;
    private final double priorTemperature;
    private final int size;
    private final INDArray gradients;
    private final INDArray priorGradients;
    private final INDArray[] gradientParts;
    private final INDArray[] priorGradientParts;
    private final float[] pixels;
    private final float[] drift;
    private final float[] priorDrift;
    private final float[] noise;
    private final GaussianNoise gaussian = new GaussianNoise();

    /**
     * @param energy U, compiled for inference; stays the caller's
     * @param prior U0, compiled for inference, with its weights; stays the caller's
     * @param priorTemperature T0, above 0
     * @throws IllegalArgumentException if the networks read different images, or T0 is not positive
     */
    public PriorLangevin(CompiledNetwork energy, CompiledNetwork prior, double priorTemperature) {
        FloatArrays.checkEnergy("Langevin runs", energy);
        FloatArrays.checkEnergy("Langevin runs under a prior", prior);
        if (!prior.network().input().equals(energy.network().input())) {
            throw new IllegalArgumentException(
                    "expected a prior network for images "
                            + energy.network().input()
                            + ", found "
                            + prior.network()
                            + " for "
                            + prior.network().input());
        }
        if (!(priorTemperature > 0) || !Double.isFinite(priorTemperature)) {
            throw new IllegalArgumentException(
                    "expected a prior temperature above 0, found " + priorTemperature);
        }
        this.energy = energy;
        this.prior = prior;
        this.priorTemperature = priorTemperature;
        int batch = Math.min(energy.batch(), prior.batch());
        size = energy.network().input().size();
        gradients = images(batch);
        priorGradients = images(batch);
        gradientParts = new INDArray[batch + 1];
        priorGradientParts = new INDArray[batch + 1];
        pixels = new float[batch * size];
        drift = new float[batch * size];
        priorDrift = new float[batch * size];
        noise = new float[batch * size];
    }

    private INDArray images(int n) {
        var shape = energy.network().input();
        return Nd4j.zeros(DataType.FLOAT, n, shape.channels(), shape.height(), shape.width());
    }

    /**
     * Moves every image's chain in place.
     *
     * @param images [n, c, h, w], overwritten
     * @param config step size, temperature of U, Gaussian term, clipping of the whole displacement
     * @param seed noise seed of the run
     * @param chains chain ids, at least n
     * @param firstSteps number of steps every chain has behind it, at least n; not changed
     * @param steps number of steps, at least 1
     * @param displacement receives the L2 norm of the last step's displacement; at least n long
     */
    public void langevin(
            INDArray images,
            LangevinConfig config,
            long seed,
            long[] chains,
            long[] firstSteps,
            int steps,
            float[] displacement) {
        int batch = Math.min(energy.batch(), prior.batch());
        int n = FloatArrays.checkImages("images", images, energy.network(), batch);
        FloatArrays.checkLangevin(n, chains, firstSteps, steps, displacement);
        LangevinStep step = new LangevinStep(config);
        float ratio = (float) (config.temperature() / priorTemperature);
        INDArray gradient = part(gradients, gradientParts, n);
        INDArray priorGradient = part(priorGradients, priorGradientParts, n);
        FloatArrays.read(images, 0, pixels, 0, n * size);
        for (int k = 0; k < steps; k++) {
            energy.inputGradient(images, gradient);
            prior.inputGradient(images, priorGradient);
            FloatArrays.read(gradient, 0, drift, 0, n * size);
            FloatArrays.read(priorGradient, 0, priorDrift, 0, n * size);
            for (int j = 0; j < n * size; j++) {
                drift[j] += ratio * priorDrift[j];
            }
            for (int i = 0; i < n; i++) {
                int at = i * size;
                gaussian.fill(seed, chains[i], firstSteps[i] + k, noise, at, size);
                displacement[i] =
                        step.apply(pixels, at, drift, at, noise, at, size, k == steps - 1);
            }
            FloatArrays.write(pixels, 0, images, 0, n * size);
        }
    }

    private static INDArray part(INDArray whole, INDArray[] parts, int n) {
        if (parts[n] == null) {
            parts[n] = FloatArrays.part(whole, 0, n);
        }
        return parts[n];
    }

    /** Frees the scratch; the networks stay. Closing twice is harmless. */
    @Override
    public void close() {
        for (INDArray array : new INDArray[] {gradients, priorGradients}) {
            if (array.closeable()) {
                array.close();
            }
        }
    }
}
