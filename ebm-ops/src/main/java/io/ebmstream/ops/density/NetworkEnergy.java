package io.ebmstream.ops.density;

import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.sampler.LangevinConfig;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The energy of a model's images, as its chains follow it:
 *
 * <pre>E(x) = U(x)/T + |x|^2/(2 tau^2)</pre>
 *
 * <p>Points beyond the network's batch go through it in parts. Not thread-safe. The network stays
 * the caller's; close this to free the scratch.
 */
public final class NetworkEnergy implements EnergyFunction, AutoCloseable {
    private final CompiledNetwork network;
    private final double temperature;
    private final double tau;
    private final int size;
    private final INDArray images;
    private final INDArray slopes;
    private final float[] values;

    /**
     * @param network U, compiled for inference in float32, with its weights
     * @param langevin temperature and Gaussian term
     * @throws IllegalStateException if the network is not an energy compiled for inference
     */
    public NetworkEnergy(CompiledNetwork network, LangevinConfig langevin) {
        FloatArrays.checkEnergy("log Z", network);
        this.network = network;
        this.temperature = langevin.temperature();
        this.tau = langevin.tau();
        ImageShape shape = network.network().input();
        this.size = shape.size();
        this.images = scratch(shape);
        this.slopes = scratch(shape);
        this.values = new float[network.batch()];
    }

    private INDArray scratch(ImageShape shape) {
        return Nd4j.zeros(
                DataType.FLOAT, network.batch(), shape.channels(), shape.height(), shape.width());
    }

    @Override
    public void evaluate(float[] points, int n, double[] energies, float[] gradients) {
        for (int from = 0; from < n; from += network.batch()) {
            int count = Math.min(network.batch(), n - from);
            INDArray x = FloatArrays.part(images, 0, count);
            INDArray slope = FloatArrays.part(slopes, 0, count);
            FloatArrays.write(points, from * size, x, 0, count * size);
            network.energies(x, values);
            network.inputGradient(x, slope);
            FloatArrays.read(slope, 0, gradients, from * size, count * size);
            for (int i = 0; i < count; i++) {
                energies[from + i] = values[i] / temperature;
            }
        }
        double inverse = tau > 0 ? 1 / (tau * tau) : 0;
        for (int i = 0; i < n; i++) {
            double squares = 0;
            for (int j = i * size; j < (i + 1) * size; j++) {
                squares += (double) points[j] * points[j];
                gradients[j] = (float) (gradients[j] / temperature + points[j] * inverse);
            }
            energies[i] += squares * inverse / 2;
        }
    }

    @Override
    public void close() {
        images.close();
        slopes.close();
    }
}
