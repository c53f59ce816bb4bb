package io.ebmstream.ops.study;

import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.image.Image;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * bf16 beside float32 at the same weights and images.
 *
 * @param energyBias mean of (U_bf16 - U_float32) / T
 * @param energySpread standard deviation of the same over images
 * @param inputGradientError median over images of |g_bf16 - g_float32| / |g_float32|
 * @param inputGradientCosine median over images of the cosine between both
 * @param parameterGradientError |g_bf16 - g_float32| / |g_float32| of the mean gradient
 */
public record Agreement(
        double energyBias,
        double energySpread,
        double inputGradientError,
        double inputGradientCosine,
        double parameterGradientError) {

    /**
     * Compares both formats.
     *
     * @param temperature T, the unit of energies
     */
    static Agreement of(
            Network network,
            Executor executor,
            float[] weights,
            double temperature,
            List<Image> images) {
        Results exact = Results.of(network, executor, Precision.FLOAT32, weights, images);
        Results rough = Results.of(network, executor, Precision.BFLOAT16, weights, images);
        int n = images.size();
        int size = network.input().size();
        double[] errors = new double[n];
        double[] cosines = new double[n];
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < n; i++) {
            float[] a = Arrays.copyOfRange(exact.gradients, i * size, (i + 1) * size);
            float[] b = Arrays.copyOfRange(rough.gradients, i * size, (i + 1) * size);
            errors[i] = relativeError(b, a);
            cosines[i] = dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
            double bias = (rough.energies[i] - exact.energies[i]) / temperature;
            sum += bias;
            squares += bias * bias;
        }
        double mean = sum / n;
        Arrays.sort(errors);
        Arrays.sort(cosines);
        return new Agreement(
                mean,
                Math.sqrt(Math.max(0, squares / n - mean * mean)),
                errors[n / 2],
                cosines[n / 2],
                relativeError(rough.parameterGradient, exact.parameterGradient));
    }

    private static double relativeError(float[] found, float[] expected) {
        double difference = 0;
        for (int i = 0; i < found.length; i++) {
            difference += Math.pow((double) found[i] - expected[i], 2);
        }
        return Math.sqrt(difference / dot(expected, expected));
    }

    private static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }

    /** What one format gives. */
    private record Results(float[] energies, float[] gradients, float[] parameterGradient) {

        static Results of(
                Network network,
                Executor executor,
                Precision precision,
                float[] weights,
                List<Image> images) {
            int n = images.size();
            long[] shape = {
                n, network.input().channels(), network.input().height(), network.input().width()
            };
            float[] energies = new float[n];
            try (CompiledNetwork compiled = executor.compile(network, n, precision);
                    INDArray parameters =
                            Nd4j.create(weights, new long[] {weights.length}, DataType.FLOAT);
                    INDArray inputs = Nd4j.zeros(DataType.FLOAT, shape);
                    INDArray gradients = Nd4j.zeros(DataType.FLOAT, shape);
                    INDArray sum = Nd4j.zeros(DataType.FLOAT, weights.length)) {
                for (int i = 0; i < n; i++) {
                    images.get(i).copyInto(inputs, i);
                }
                compiled.setParameters(parameters);
                compiled.inputGradient(inputs, gradients);
                compiled.parameterGradient(inputs, 1f / n, sum, energies);
                return new Results(
                        energies, FloatArrays.toHeap(gradients), FloatArrays.toHeap(sum));
            }
        }
    }
}
