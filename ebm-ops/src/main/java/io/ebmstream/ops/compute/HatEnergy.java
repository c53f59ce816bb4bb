package io.ebmstream.ops.compute;

import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Network;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The hat energy of latents z and residual r (Hill, Nijkamp, Mitchell, Pang, Zhu 2022, arXiv
 * 2210.16486), two compiled networks in one:
 *
 * <pre>
 * H(z, r) = U(x),   x = G(z) + r
 * grad_r H = grad U(x),   grad_z H = J_G(z)^T grad U(x)
 * </pre>
 *
 * Without temperature, and without the Gaussian terms of z and r, which are the sampler's. z has
 * the shape of the generator's input, [n, c, h, w]; r that of the images. A pair's results do not
 * depend on its neighbours, its slot or n, bit for bit, because both networks run in inference
 * mode.
 *
 * <p>Scratch for a batch is allocated once. Not thread-safe.
 */
public final class HatEnergy implements AutoCloseable {
    private final CompiledNetwork energy;
    private final CompiledNetwork generator;
    private final boolean owns;
    private final int batch;
    private final int size;

    /** x and grad U(x) of some pairs, and the parts of them that hold the first n. */
    private final INDArray images;

    private final INDArray gradients;
    private final INDArray[] imageParts;
    private final INDArray[] gradientParts;
    private final Loss pullBack = this::pullBack;

    /** grad U(x) of the call in progress, for {@link #pullBack}. */
    private INDArray imageGradient;

    /**
     * Takes over both networks, which are closed with this object.
     *
     * @param energy U, compiled for inference
     * @param generator G, compiled for inference; its output is U's input
     * @throws IllegalArgumentException if the generator does not make what the energy reads, or one
     *     of them is compiled for training, or U is no energy
     */
    public HatEnergy(CompiledNetwork energy, CompiledNetwork generator) {
        this(energy, generator, true);
    }

    /**
     * Two networks that stay the caller's, who closes them after this object.
     *
     * @throws IllegalArgumentException as the constructor
     */
    public static HatEnergy borrowing(CompiledNetwork energy, CompiledNetwork generator) {
        return new HatEnergy(energy, generator, false);
    }

    private HatEnergy(CompiledNetwork energy, CompiledNetwork generator, boolean owns) {
        ImageShape shape = energy.network().input();
        if (!energy.network().isEnergy() || !shape.equals(generator.network().output())) {
            throw new IllegalArgumentException(
                    "expected an energy network and a generator of its images, found "
                            + energy.network()
                            + " and "
                            + generator.network()
                            + " with output "
                            + generator.network().output());
        }
        if (energy.mode() != Mode.INFERENCE || generator.mode() != Mode.INFERENCE) {
            throw new IllegalArgumentException(
                    "expected energy and generator compiled for inference, found modes "
                            + energy.mode()
                            + " and "
                            + generator.mode());
        }
        this.owns = owns;
        this.energy = energy;
        this.generator = generator;
        this.batch = Math.min(energy.batch(), generator.batch());
        this.size = shape.size();
        this.images = array(shape);
        this.gradients = array(shape);
        this.imageParts = new INDArray[batch + 1];
        this.gradientParts = new INDArray[batch + 1];
    }

    private INDArray array(ImageShape shape) {
        return Nd4j.create(DataType.FLOAT, batch, shape.channels(), shape.height(), shape.width());
    }

    /**
     * Compiles both networks for one executor.
     *
     * @param batch most pairs in one call
     */
    public static HatEnergy compile(
            Executor executor, Network energy, Network generator, int batch, Precision precision) {
        CompiledNetwork compiledEnergy = executor.compile(energy, batch, precision);
        try {
            CompiledNetwork compiledGenerator = executor.compile(generator, batch, precision);
            try {
                return new HatEnergy(compiledEnergy, compiledGenerator);
            } catch (RuntimeException e) {
                compiledGenerator.close();
                throw e;
            }
        } catch (RuntimeException e) {
            compiledEnergy.close();
            throw e;
        }
    }

    /** U: its weights are set here, and it may be used by itself between calls. */
    public CompiledNetwork energy() {
        return energy;
    }

    /** G: its weights are set here, and it may be used by itself between calls. */
    public CompiledNetwork generator() {
        return generator;
    }

    /** Most pairs in one call. */
    public int batch() {
        return batch;
    }

    /**
     * x = G(z) + r of every pair.
     *
     * @param z [n, c, h, w] of the generator's input
     * @param r [n, c, h, w]
     * @param x [n, c, h, w], overwritten
     */
    public void images(INDArray z, INDArray r, INDArray x) {
        int n = check(z, r);
        FloatArrays.checkSameImages("x", x, energy.network(), n);
        generator.forward(z, x);
        x.addi(r);
    }

    /**
     * H(z, r) of every pair.
     *
     * @param z [n, c, h, w] of the generator's input
     * @param r [n, c, h, w]
     * @param energies receives H of pair i at index i; at least n long
     */
    public void energies(INDArray z, INDArray r, float[] energies) {
        INDArray x = imagePart(check(z, r));
        images(z, r, x);
        energy.energies(x, energies);
    }

    /**
     * Gradients of H(z, r) of every pair. The one by r alone costs no way back through the
     * generator; the one by z gives the one by r for nothing, and costs the generator's forward
     * pass twice.
     *
     * @param z [n, c, h, w] of the generator's input
     * @param r [n, c, h, w]
     * @param byLatents shape of z, overwritten; or null
     * @param byResidual [n, c, h, w], overwritten; or null
     */
    public void gradient(INDArray z, INDArray r, INDArray byLatents, INDArray byResidual) {
        int n = check(z, r);
        if (byResidual != null) {
            FloatArrays.checkSameImages("byResidual", byResidual, energy.network(), n);
        }
        if (byLatents == null && byResidual == null) {
            throw new IllegalArgumentException(
                    "expected an array for byLatents, byResidual or both, found null for both");
        }
        INDArray x = imagePart(n);
        images(z, r, x);
        imageGradient = byResidual != null ? byResidual : gradientPart(n);
        energy.inputGradient(x, imageGradient);
        if (byLatents != null) {
            generator.gradient(z, pullBack, byLatents, 0, null);
        }
    }

    /**
     * J_G(z)^T g of every pair: the gradient by latents of what has the gradient g by the
     * generator's images.
     *
     * @param z [n, c, h, w] of the generator's input
     * @param g [n, c, h, w] of the images
     * @param byLatents shape of z, overwritten
     */
    public void pullBack(INDArray z, INDArray g, INDArray byLatents) {
        check(z, g);
        imageGradient = g;
        generator.gradient(z, pullBack, byLatents, 0, null);
    }

    /**
     * grad U at G(z) + r, where the generator's way back begins. Only copies: networks on several
     * cores ask from several threads, and could not run the energy in there.
     */
    private void pullBack(int first, int n, float[] outputs, float[] gradient) {
        FloatArrays.read(imageGradient, (long) first * size, gradient, 0, n * size);
    }

    /**
     * Adds {@code scale * sum_i grad_theta U(x_i)} by the energy's weights theta to a gradient.
     *
     * @param z [n, c, h, w] of the generator's input
     * @param r [n, c, h, w]
     * @param scale factor of every pair's gradient
     * @param accumulator float32 vector laid out like the energy's parameters, added to in place
     * @param energies receives H of pair i at index i; at least n long
     */
    public void parameterGradient(
            INDArray z, INDArray r, float scale, INDArray accumulator, float[] energies) {
        INDArray x = imagePart(check(z, r));
        images(z, r, x);
        energy.parameterGradient(x, scale, accumulator, energies);
    }

    private int check(INDArray z, INDArray r) {
        int n = FloatArrays.checkImages("z", z, generator.network(), batch);
        FloatArrays.checkSameImages("r", r, energy.network(), n);
        return n;
    }

    private INDArray imagePart(int n) {
        return part(images, imageParts, n);
    }

    private INDArray gradientPart(int n) {
        return part(gradients, gradientParts, n);
    }

    private static INDArray part(INDArray whole, INDArray[] parts, int n) {
        if (parts[n] == null) {
            parts[n] = FloatArrays.part(whole, 0, n);
        }
        return parts[n];
    }

    /** Closes the scratch, and both networks unless borrowed. Closing twice is harmless. */
    @Override
    public void close() {
        if (owns) {
            energy.close();
            generator.close();
        }
        for (INDArray array : new INDArray[] {images, gradients}) {
            if (array.closeable()) {
                array.close();
            }
        }
    }
}
