package io.ebmstream.ops.compute;

import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.sampler.LangevinConfig;
import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A network on several cores: every worker has its own compiled network, and a batch is cut into
 * parts of a fixed size that any worker may take. An image's results do not depend on its part;
 * every part has its own parameter gradient, and these are added in the order of the parts. So
 * nothing depends on the number of workers or on who ran what.
 *
 * <p>The loss of {@link #gradient} is asked by several threads at a time, each for other images and
 * in any order.
 *
 * <p>One caller at a time. Owns its compiled networks, not the pool.
 */
final class ParallelNetwork extends CheckedNetwork {
    /** Parameters that a worker sums at a time; they stay in its cache. */
    private static final int CHUNK = 1 << 15;

    private final int part;
    private final WorkerPool pool;
    private final CompiledNetwork[] compiled;
    private final INDArray[] partGradients;
    private final float[][] totals;
    private final float[][] scratch;

    ParallelNetwork(
            Executor executor,
            Network network,
            int batch,
            Precision precision,
            int part,
            WorkerPool pool) {
        super(network, batch, precision, Mode.INFERENCE);
        this.part = part;
        this.pool = pool;
        compiled = new CompiledNetwork[pool.workers()];
        partGradients = new INDArray[parts(batch)];
        int chunk = Math.min(CHUNK, network.parameterCount());
        totals = new float[pool.workers()][chunk];
        scratch = new float[pool.workers()][chunk];
        try {
            pool.runOnEach(
                    w -> compiled[w] = executor.compile(network, Math.min(part, batch), precision));
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    @Override
    protected void takeParameters(INDArray parameters) {
        pool.runOnEach(w -> compiled[w].setParameters(parameters));
    }

    @Override
    protected void forward(INDArray inputs, int n, INDArray outputs) {
        inParts(
                n,
                (worker, from, to) ->
                        worker.forward(
                                FloatArrays.part(inputs, from, to),
                                FloatArrays.part(outputs, from, to)));
    }

    @Override
    protected void gradient(
            INDArray inputs,
            int n,
            Loss loss,
            INDArray inputGradient,
            float scale,
            INDArray accumulator) {
        inParts(
                n,
                (worker, from, to) ->
                        worker.gradient(
                                FloatArrays.part(inputs, from, to),
                                (first, count, outputs, gradient) ->
                                        loss.gradient(from + first, count, outputs, gradient),
                                inputGradient == null
                                        ? null
                                        : FloatArrays.part(inputGradient, from, to),
                                scale,
                                accumulator == null ? null : zeroed(from / part)));
        if (accumulator != null) {
            addParts(n, accumulator);
        }
    }

    @Override
    protected void moveRunningStatistics(INDArray parameters) {
        compiled[0].updateRunningStatistics(parameters);
    }

    @Override
    protected void energies(INDArray images, int n, float[] energies) {
        inParts(
                n,
                (worker, from, to) -> {
                    float[] some = new float[to - from];
                    worker.energies(FloatArrays.part(images, from, to), some);
                    System.arraycopy(some, 0, energies, from, some.length);
                });
    }

    @Override
    protected void inputGradient(INDArray images, int n, INDArray gradient) {
        inParts(
                n,
                (worker, from, to) ->
                        worker.inputGradient(
                                FloatArrays.part(images, from, to),
                                FloatArrays.part(gradient, from, to)));
    }

    @Override
    protected void parameterGradient(
            INDArray images, int n, float scale, INDArray accumulator, float[] energies) {
        inParts(
                n,
                (worker, from, to) -> {
                    float[] some = new float[to - from];
                    worker.parameterGradient(
                            FloatArrays.part(images, from, to), scale, zeroed(from / part), some);
                    System.arraycopy(some, 0, energies, from, some.length);
                });
        addParts(n, accumulator);
    }

    @Override
    protected void langevin(
            INDArray images,
            int n,
            LangevinConfig config,
            long seed,
            long[] chains,
            long[] firstSteps,
            int steps,
            float[] displacement) {
        inParts(
                n,
                (worker, from, to) -> {
                    float[] norms = new float[to - from];
                    worker.langevin(
                            FloatArrays.part(images, from, to),
                            config,
                            seed,
                            Arrays.copyOfRange(chains, from, to),
                            Arrays.copyOfRange(firstSteps, from, to),
                            steps,
                            norms);
                    System.arraycopy(norms, 0, displacement, from, norms.length);
                });
    }

    @Override
    protected void free() {
        for (CompiledNetwork worker : compiled) {
            if (worker != null) {
                worker.close();
            }
        }
        for (INDArray gradient : partGradients) {
            if (gradient != null && gradient.closeable()) {
                gradient.close();
            }
        }
    }

    /** Work on the images from {@code from} up to {@code to}, by one worker's network. */
    @FunctionalInterface
    private interface PartTask {
        void run(CompiledNetwork worker, int from, int to);
    }

    private void inParts(int n, PartTask task) {
        pool.run(
                parts(n),
                (worker, index) ->
                        task.run(compiled[worker], index * part, Math.min(n, (index + 1) * part)));
    }

    private int parts(int n) {
        return (n + part - 1) / part;
    }

    /** Gradient of a part, all zeros; each is used by one worker at a time. */
    private INDArray zeroed(int index) {
        if (partGradients[index] == null) {
            partGradients[index] = Nd4j.zeros(DataType.FLOAT, network().parameterCount());
        } else {
            partGradients[index].assign(0);
        }
        return partGradients[index];
    }

    private void addParts(int n, INDArray accumulator) {
        int parameters = network().parameterCount();
        pool.run(
                (parameters + CHUNK - 1) / CHUNK,
                (worker, index) -> {
                    int from = index * CHUNK;
                    int length = Math.min(CHUNK, parameters - from);
                    float[] total = totals[worker];
                    float[] values = scratch[worker];
                    FloatArrays.read(accumulator, from, total, 0, length);
                    for (int p = 0; p < parts(n); p++) {
                        FloatArrays.read(partGradients[p], from, values, 0, length);
                        for (int i = 0; i < length; i++) {
                            total[i] += values[i];
                        }
                    }
                    FloatArrays.write(total, 0, accumulator, from, length);
                });
    }
}
