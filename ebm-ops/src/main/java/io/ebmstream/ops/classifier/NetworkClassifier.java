package io.ebmstream.ops.classifier;

import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Network;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A network with fixed weights as a classifier, batch normalisation at its running statistics. An
 * image's logits and gradients are the same bits in any company and for any batch.
 */
public final class NetworkClassifier implements DifferentiableClassifier {
    /** Images in one call of the executor, unless said otherwise. */
    public static final int DEFAULT_BATCH = 32;

    private final Network network;
    private final CompiledNetwork compiled;
    private final int batch;
    private final int classes;
    private final INDArray outputs;
    private final float[] values;

    /**
     * @param network its output, of any shape, is the logits; at least 2
     * @param executor computes
     * @param precision one that the executor has here
     * @param batch images in one call of the executor, at least 1
     * @param weights laid out by the network; copied
     * @throws IllegalArgumentException if the network gives a single number, or there is another
     *     number of weights
     */
    public NetworkClassifier(
            Network network, Executor executor, Precision precision, int batch, float[] weights) {
        if (network.output().size() < 2) {
            throw new IllegalArgumentException(
                    "expected a network of at least 2 logits as classifier, found "
                            + network
                            + " with output "
                            + network.output());
        }
        if (weights.length != network.parameterCount()) {
            throw new IllegalArgumentException(
                    "expected "
                            + network.parameterCount()
                            + " weights for "
                            + network
                            + ", found "
                            + weights.length);
        }
        this.network = network;
        this.batch = batch;
        classes = network.output().size();
        compiled = executor.compile(network, batch, precision);
        outputs = outputs(batch);
        values = new float[batch * classes];
        try (INDArray parameters = Nd4j.createFromArray(weights)) {
            compiled.setParameters(parameters);
        }
    }

    /** The network that runs. */
    public Network network() {
        return network;
    }

    @Override
    public ImageShape input() {
        return network.input();
    }

    @Override
    public int classes() {
        return classes;
    }

    @Override
    public void logits(INDArray images, float[][] logits) {
        int n = FloatArrays.checkImages("images", images, network, Integer.MAX_VALUE);
        FloatArrays.checkLength("logits", logits.length, n);
        for (int from = 0; from < n; from += batch) {
            int count = Math.min(batch, n - from);
            INDArray some = count == batch ? outputs : FloatArrays.part(outputs, 0, count);
            compiled.forward(FloatArrays.part(images, from, from + count), some);
            FloatArrays.read(outputs, 0, values, 0, count * classes);
            for (int i = 0; i < count; i++) {
                System.arraycopy(values, i * classes, logits[from + i], 0, classes);
            }
        }
    }

    @Override
    public void inputGradient(INDArray images, float[][] logitGradients, INDArray gradient) {
        int n = FloatArrays.checkImages("images", images, network, Integer.MAX_VALUE);
        FloatArrays.checkLength("logitGradients", logitGradients.length, n);
        FloatArrays.checkSameImages("gradient", gradient, network, n);
        for (int from = 0; from < n; from += batch) {
            int count = Math.min(batch, n - from);
            int base = from;
            compiled.gradient(
                    FloatArrays.part(images, from, from + count),
                    (first, m, y, dy) -> {
                        for (int i = 0; i < m; i++) {
                            System.arraycopy(
                                    logitGradients[base + first + i], 0, dy, i * classes, classes);
                        }
                    },
                    FloatArrays.part(gradient, from, from + count),
                    1,
                    null);
        }
    }

    private INDArray outputs(int n) {
        ImageShape shape = network.output();
        return Nd4j.zeros(DataType.FLOAT, n, shape.channels(), shape.height(), shape.width());
    }

    @Override
    public void close() {
        compiled.close();
        if (outputs.closeable()) {
            outputs.close();
        }
    }
}
