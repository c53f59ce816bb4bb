package io.ebmstream.ops.compute;

import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.sampler.LangevinConfig;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The border of an executor's compiled network: says what it is, checks what callers hand in, and
 * hands on only what fits, with n, the number of images in the call. So every executor refuses the
 * same arguments in the same words. The methods to be written have the names and meanings of those
 * of {@link CompiledNetwork}. As thread-safe as these.
 */
public abstract class CheckedNetwork implements CompiledNetwork {
    private final Network network;
    private final int batch;
    private final Precision precision;
    private final Mode mode;
    private boolean closed;

    /**
     * @param batch most images in one call, at least 1
     * @throws IllegalArgumentException if it is less
     */
    protected CheckedNetwork(Network network, int batch, Precision precision, Mode mode) {
        if (batch < 1) {
            throw new IllegalArgumentException("expected a batch of at least 1, found " + batch);
        }
        this.network = network;
        this.batch = batch;
        this.precision = precision;
        this.mode = mode;
    }

    @Override
    public final Network network() {
        return network;
    }

    @Override
    public final int batch() {
        return batch;
    }

    @Override
    public final Precision precision() {
        return precision;
    }

    @Override
    public final Mode mode() {
        return mode;
    }

    @Override
    public final void setParameters(INDArray parameters) {
        enter();
        FloatArrays.checkParameters("parameters", parameters, network);
        takeParameters(parameters);
    }

    @Override
    public final void energies(INDArray images, float[] energies) {
        int n = enterEnergy("energies", images);
        FloatArrays.checkLength("energies", energies.length, n);
        energies(images, n, energies);
    }

    @Override
    public final void inputGradient(INDArray images, INDArray gradient) {
        int n = enterEnergy("inputGradient", images);
        FloatArrays.checkSameImages("gradient", gradient, network, n);
        inputGradient(images, n, gradient);
    }

    @Override
    public final void parameterGradient(
            INDArray images, float scale, INDArray accumulator, float[] energies) {
        int n = enterEnergy("parameterGradient", images);
        FloatArrays.checkParameters("accumulator", accumulator, network);
        FloatArrays.checkLength("energies", energies.length, n);
        parameterGradient(images, n, scale, accumulator, energies);
    }

    @Override
    public final void langevin(
            INDArray images,
            LangevinConfig config,
            long seed,
            long[] chains,
            long[] firstSteps,
            int steps,
            float[] displacement) {
        int n = enterEnergy("langevin", images);
        FloatArrays.checkLangevin(n, chains, firstSteps, steps, displacement);
        langevin(images, n, config, seed, chains, firstSteps, steps, displacement);
    }

    @Override
    public final void forward(INDArray inputs, INDArray outputs) {
        int n = enter(inputs);
        FloatArrays.checkOutputs("outputs", outputs, network, n);
        forward(inputs, n, outputs);
    }

    @Override
    public final void gradient(
            INDArray inputs, Loss loss, INDArray inputGradient, float scale, INDArray accumulator) {
        int n = enter(inputs);
        if (inputGradient != null) {
            FloatArrays.checkSameImages("inputGradient", inputGradient, network, n);
        }
        if (accumulator != null) {
            FloatArrays.checkParameters("accumulator", accumulator, network);
        }
        gradient(inputs, n, loss, inputGradient, scale, accumulator);
    }

    @Override
    public final void updateRunningStatistics(INDArray parameters) {
        enter();
        FloatArrays.checkTraining(this);
        FloatArrays.checkParameters("parameters", parameters, network);
        moveRunningStatistics(parameters);
    }

    @Override
    public final void close() {
        if (!closed) {
            closed = true;
            free();
        }
    }

    /** Readies the calling thread, before any work. */
    protected void prepareThread() {}

    /**
     * Checks the number of inputs of a training call.
     *
     * @throws IllegalArgumentException if a batch normalisation needs more
     */
    protected void checkTrainingBatch(int n) {}

    protected abstract void takeParameters(INDArray parameters);

    protected abstract void energies(INDArray images, int n, float[] energies);

    protected abstract void inputGradient(INDArray images, int n, INDArray gradient);

    protected abstract void parameterGradient(
            INDArray images, int n, float scale, INDArray accumulator, float[] energies);

    protected abstract void langevin(
            INDArray images,
            int n,
            LangevinConfig config,
            long seed,
            long[] chains,
            long[] firstSteps,
            int steps,
            float[] displacement);

    protected abstract void forward(INDArray inputs, int n, INDArray outputs);

    protected abstract void gradient(
            INDArray inputs,
            int n,
            Loss loss,
            INDArray inputGradient,
            float scale,
            INDArray accumulator);

    protected abstract void moveRunningStatistics(INDArray parameters);

    /** Frees native memory; once. */
    protected abstract void free();

    private void enter() {
        if (closed) {
            throw new IllegalStateException("the compiled network " + network + " is closed");
        }
        prepareThread();
    }

    private int enterEnergy(String operation, INDArray images) {
        enter();
        FloatArrays.checkEnergy(operation, this);
        return FloatArrays.checkImages("images", images, network, batch);
    }

    private int enter(INDArray inputs) {
        enter();
        int n = FloatArrays.checkImages("inputs", inputs, network, batch);
        if (mode == Mode.TRAINING) {
            checkTrainingBatch(n);
        }
        return n;
    }
}
