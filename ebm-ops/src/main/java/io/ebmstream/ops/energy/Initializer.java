package io.ebmstream.ops.energy;

import io.ebmstream.ops.sampler.Threefry;
import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Initial weights of a network, a pure function of (network, seed).
 *
 * <p>Batch normalisation begins with scale 1, shift 0, mean 0 and variance 1. Weights and biases
 * are uniform in [-1/sqrt(fanIn), 1/sqrt(fanIn)]. That is PyTorch's default for convolutions (He,
 * Zhang, Ren, Sun 2015, arXiv 1502.01852, with a = sqrt 5), which the papers' code leaves in place
 * for light32. It makes a network that shrinks its signal layer by layer: the first energies are
 * nearly flat, and chains are moved by noise until learning has shaped them. He-normal weights
 * would begin with gradients larger by orders of magnitude.
 *
 * <p>Stateless, thread-safe.
 */
public final class Initializer {
    /** Keeps these draws apart from every other use of the same seed ("init" in ASCII). */
    private static final long PURPOSE = 0x696E6974L;

    private static final double HALF = 0.5;
    private static final double TWO_POW_MINUS_32 = 0x1p-32;

    private Initializer() {}

    /**
     * The flat parameter vector, laid out by {@link Network#parameters()}.
     *
     * <p>Value i of tensor t comes from counter i / 2 under the key of (seed, t): a tensor's
     * weights do not depend on the layers around it, only on its position.
     */
    public static float[] weights(Network network, long seed) {
        float[] flat = new float[network.parameterCount()];
        long purpose = Threefry.derive(seed, PURPOSE);
        for (int t = 0; t < network.parameters().size(); t++) {
            Network.Parameter parameter = network.parameters().get(t);
            int from = parameter.offset();
            int to = from + parameter.size();
            switch (parameter.kind()) {
                case WEIGHT, BIAS -> fillUniform(flat, parameter, Threefry.derive(purpose, t));
                case SCALE, RUNNING_VARIANCE -> Arrays.fill(flat, from, to, 1);
                case SHIFT, RUNNING_MEAN -> Arrays.fill(flat, from, to, 0);
            }
        }
        return flat;
    }

    private static void fillUniform(float[] flat, Network.Parameter parameter, long key) {
        double bound = 1 / Math.sqrt(parameter.fanIn());
        for (int i = 0; i < parameter.size(); i++) {
            long words = Threefry.block(key, i >> 1);
            long word = (i & 1) == 0 ? words & 0xFFFFFFFFL : words >>> 32;
            double uniform = (word + HALF) * TWO_POW_MINUS_32;
            flat[parameter.offset() + i] = (float) (bound * (2 * uniform - 1));
        }
    }

    /**
     * {@link #weights} as a new float32 array [P].
     *
     * @return an array that the caller owns and closes
     */
    public static INDArray array(Network network, long seed) {
        return Nd4j.create(
                weights(network, seed), new long[] {network.parameterCount()}, DataType.FLOAT);
    }
}
