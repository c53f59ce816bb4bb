package io.ebmstream.ops.energy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

class InitializerTest {
    private static final Network NETWORK = Light32.of(new ImageShape(3, 32, 32), 32);

    @Test
    void weightsAreUniformWithinTheInverseRootOfTheFanIn() {
        float[] weights = Initializer.weights(NETWORK, 1);
        assertThat(weights).hasSize(NETWORK.parameterCount());
        for (Network.Parameter p : NETWORK.parameters()) {
            double bound = 1 / Math.sqrt(p.fanIn());
            double sum = 0;
            double squares = 0;
            for (int i = p.offset(); i < p.offset() + p.size(); i++) {
                double u = weights[i] / bound;
                assertThat(u).as(p.name()).isBetween(-1.0, 1.0);
                sum += u;
                squares += u * u;
            }
            // Uniform on [-1, 1]: variance 1/3, variance of the square 4/45; four standard errors.
            double n = p.size();
            assertThat(sum / n)
                    .as(p.name())
                    .isBetween(-4 * Math.sqrt(1 / (3 * n)), 4 * Math.sqrt(1 / (3 * n)));
            assertThat(squares / n - 1 / 3.0)
                    .as(p.name())
                    .isBetween(-4 * Math.sqrt(4 / (45 * n)), 4 * Math.sqrt(4 / (45 * n)));
        }
    }

    @Test
    void everySeedAndTensorHasItsOwnWeights() {
        float[] weights = Initializer.weights(NETWORK, 1);
        assertThat(Initializer.weights(NETWORK, 1)).isEqualTo(weights);
        assertThat(Initializer.weights(NETWORK, 2)).isNotEqualTo(weights);
    }

    /** Version (0, 0) of every model is made of these: they must never change. */
    @Test
    void weightsStayTheSameFromReleaseToRelease() {
        float[] weights = Initializer.weights(NETWORK, 42);
        assertThat(weights[0]).isEqualTo(-0.006338977f);
        assertThat(weights[1]).isEqualTo(-0.12590128f);
        assertThat(weights[100_000]).isEqualTo(-0.023533843f);
        assertThat(weights[weights.length - 1]).isEqualTo(0.008726879f);
    }

    @Test
    void arrayHoldsTheSameWeights() {
        try (INDArray array = Initializer.array(NETWORK, 3)) {
            assertThat(array.shape()).containsExactly(NETWORK.parameterCount());
            assertThat(array.toFloatVector()).isEqualTo(Initializer.weights(NETWORK, 3));
        }
    }
}
