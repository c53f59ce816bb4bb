package io.ebmstream.ops.hat;

import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.compute.HatEnergy;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.sampler.GaussianNoise;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.sampler.LangevinStep;
import io.ebmstream.ops.sampler.Threefry;
import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Joint Langevin runs on pairs of latents z and residual r, in place ({@link HatDynamics} has the
 * equations). Each step moves z first and r at the new z.
 *
 * <p>Noise is a pure function of (seed, chain, step, index); z and r have keys of their own. So a
 * pair's bits depend neither on its neighbours, its slot nor the number of pairs, and K steps at
 * once give the same as in any number of parts.
 *
 * <p>Cost of a step: the generator twice forward and once back, the energy twice forward and back.
 * If latents stay, the generator runs once in a call, and a step is the energy's alone. Scratch is
 * allocated once. Not thread-safe. The hat energy stays the caller's; close this for its scratch.
 */
public final class HatLangevin implements AutoCloseable {
    /** Purposes of noise. */
    private static final long LATENTS = 0x7A;

    private static final long RESIDUAL = 0x72;

    private final HatEnergy energy;
    private final HatDynamics dynamics;
    private final LangevinStep latentStep;
    private final LangevinStep residualStep;
    private final INDArray latentGradients;
    private final INDArray residualGradients;
    private final INDArray generated;
    private final INDArray images;
    private final INDArray[] latentParts;
    private final INDArray[] residualParts;
    private final INDArray[] generatedParts;
    private final INDArray[] imageParts;
    private final GaussianNoise gaussian = new GaussianNoise();
    private final float[] state;
    private final float[] gradient;
    private final float[] noise;

    /** Of the step that ran last. */
    private final float[] norms;

    /**
     * @param energy H without temperature; its weights may change between runs
     */
    public HatLangevin(HatEnergy energy, HatDynamics dynamics) {
        this.energy = energy;
        this.dynamics = dynamics;
        LangevinConfig latents = dynamics.latents();
        latentStep = latents == null ? null : new LangevinStep(latents);
        residualStep = new LangevinStep(dynamics.residual());
        ImageShape z = energy.generator().network().input();
        ImageShape r = energy.energy().network().input();
        latentGradients = array(z);
        residualGradients = array(r);
        generated = array(r);
        images = array(r);
        latentParts = new INDArray[energy.batch() + 1];
        residualParts = new INDArray[energy.batch() + 1];
        generatedParts = new INDArray[energy.batch() + 1];
        imageParts = new INDArray[energy.batch() + 1];
        int largest = Math.max(z.size(), r.size());
        state = new float[largest];
        gradient = new float[largest];
        noise = new float[largest];
        norms = new float[energy.batch()];
    }

    private INDArray array(ImageShape shape) {
        return Nd4j.zeros(
                DataType.FLOAT, energy.batch(), shape.channels(), shape.height(), shape.width());
    }

    public HatDynamics dynamics() {
        return dynamics;
    }

    /**
     * Moves every pair by {@code steps} steps; step k of pair i uses the noise of (seed, chains[i],
     * firstSteps[i] + k).
     *
     * @param z [n, c, h, w] of the generator's input, n at most the energy's batch; overwritten if
     *     latents move
     * @param r [n, c, h, w] of the images, overwritten
     * @param seed noise seed of the run
     * @param chains chain ids, at least n
     * @param firstSteps steps that every pair has behind it, at least n; not changed
     * @param steps at least 1
     * @param latentNorms receives |(eps_z^2/2) grad_z| of the last step of pair i at index i, 0 if
     *     latents stay; at least n long
     * @param residualNorms the same of r, after clipping
     */
    public void run(
            INDArray z,
            INDArray r,
            long seed,
            long[] chains,
            long[] firstSteps,
            int steps,
            float[] latentNorms,
            float[] residualNorms) {
        int n = (int) z.size(0);
        FloatArrays.checkLangevin(n, chains, firstSteps, steps, residualNorms);
        FloatArrays.checkLength("latentNorms", latentNorms.length, n);
        boolean moves = latentStep != null;
        if (!moves) {
            Arrays.fill(latentNorms, 0, n, 0);
        }
        INDArray made = part(generated, generatedParts, n);
        INDArray x = part(images, imageParts, n);
        INDArray gradients = part(residualGradients, residualParts, n);
        long latentSeed = Threefry.derive(seed, LATENTS);
        long residualSeed = Threefry.derive(seed, RESIDUAL);
        energy.generator().forward(z, made);
        for (int k = 0; k < steps; k++) {
            boolean last = k == steps - 1;
            if (moves) {
                gradient(made, r, x, gradients);
                INDArray byLatents = part(latentGradients, latentParts, n);
                energy.pullBack(z, gradients, byLatents);
                move(latentStep, z, byLatents, latentSeed, chains, firstSteps, k);
                keep(last, latentNorms, n);
                energy.generator().forward(z, made);
            }
            gradient(made, r, x, gradients);
            move(residualStep, r, gradients, residualSeed, chains, firstSteps, k);
            keep(last, residualNorms, n);
        }
    }

    /** grad U at G(z) + r. */
    private void gradient(INDArray made, INDArray r, INDArray x, INDArray gradients) {
        x.assign(made);
        x.addi(r);
        energy.energy().inputGradient(x, gradients);
    }

    private void keep(boolean last, float[] out, int n) {
        if (last) {
            System.arraycopy(norms, 0, out, 0, n);
        }
    }

    private void move(
            LangevinStep step,
            INDArray states,
            INDArray gradients,
            long seed,
            long[] chains,
            long[] firstSteps,
            int k) {
        int n = (int) states.size(0);
        int size = (int) (states.length() / n);
        for (int i = 0; i < n; i++) {
            long from = (long) i * size;
            FloatArrays.read(states, from, state, 0, size);
            FloatArrays.read(gradients, from, gradient, 0, size);
            gaussian.fill(seed, chains[i], firstSteps[i] + k, noise, 0, size);
            norms[i] = step.apply(state, 0, gradient, 0, noise, 0, size, true);
            FloatArrays.write(state, 0, states, from, size);
        }
    }

    private static INDArray part(INDArray whole, INDArray[] parts, int n) {
        if (parts[n] == null) {
            parts[n] = FloatArrays.part(whole, 0, n);
        }
        return parts[n];
    }

    /** Frees the scratch. Closing twice is harmless. */
    @Override
    public void close() {
        for (INDArray array :
                new INDArray[] {latentGradients, residualGradients, generated, images}) {
            if (array.closeable()) {
                array.close();
            }
        }
    }
}
