package io.ebmstream.ops.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ebmstream.ops.compute.reference.ReferenceExecutor;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.energy.Light32;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.sampler.LangevinConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class PriorLangevinTest {
    private static final ImageShape SHAPE = new ImageShape(1, 16, 16);
    private static final Network NETWORK = Light32.of(SHAPE, 2);
    private static final ReferenceExecutor EXECUTOR = new ReferenceExecutor();
    private static final int N = 3;
    private static final long SEED = 4;
    private static final long[] CHAINS = {5, 9, 2};
    private static final long[] FIRST = {0, 7, 3};

    /** Steps are single precision here and double in the reference's own loop. */
    private static final float TOLERANCE = 1e-5f;

    private final CompiledNetwork energy = EXECUTOR.compile(NETWORK, 4, Precision.FLOAT32);
    private final CompiledNetwork prior = EXECUTOR.compile(NETWORK, 4, Precision.FLOAT32);
    private final float[] norms = new float[N];

    @BeforeEach
    void weights() {
        set(energy, 1, 1);
    }

    private static void set(CompiledNetwork plan, long seed, float scale) {
        float[] weights = Initializer.weights(NETWORK, seed);
        for (int i = 0; i < weights.length; i++) {
            weights[i] *= scale;
        }
        try (INDArray array = Nd4j.create(weights)) {
            plan.setParameters(array);
        }
    }

    @AfterEach
    void close() {
        energy.close();
        prior.close();
    }

    private static INDArray images() {
        return TestArrays.images(NETWORK, N, 3);
    }

    private float[] plain(LangevinConfig config, int steps) {
        try (INDArray images = images()) {
            energy.langevin(images, config, SEED, CHAINS, FIRST, steps, norms);
            return FloatArrays.toHeap(images);
        }
    }

    private float[] withPrior(double temperature, LangevinConfig config, int... parts) {
        long[] first = FIRST.clone();
        try (PriorLangevin langevin = new PriorLangevin(energy, prior, temperature);
                INDArray images = images()) {
            for (int steps : parts) {
                langevin.langevin(images, config, SEED, CHAINS, first, steps, norms);
                for (int i = 0; i < first.length; i++) {
                    first[i] += steps;
                }
            }
            return FloatArrays.toHeap(images);
        }
    }

    @Test
    void aPriorWithoutSlopeChangesNothing() {
        set(prior, 1, 0);
        LangevinConfig config = new LangevinConfig(2e-2, 1e-4, 0.5, 0);
        float[] expected = plain(config, 5);
        float[] expectedNorms = norms.clone();
        assertThat(withPrior(3e-4, config, 5)).containsExactly(expected, within(TOLERANCE));
        assertThat(norms).containsExactly(expectedNorms, within(TOLERANCE));
    }

    @Test
    void theEnergyAsItsOwnPriorAddsUp() {
        set(prior, 1, 1);
        // U/T + U/T0 = U/T' with 1/T' = 1/T + 1/T0; the clipping acts on the sum
        for (double clip : new double[] {0, 0.01}) {
            LangevinConfig config = new LangevinConfig(2e-2, 4e-4, 0.5, clip);
            LangevinConfig sum = new LangevinConfig(2e-2, 1e-4, 0.5, clip);
            float[] expected = plain(sum, 5);
            float[] expectedNorms = norms.clone();
            assertThat(withPrior(4e-4 / 3, config, 5)).containsExactly(expected, within(TOLERANCE));
            assertThat(norms).containsExactly(expectedNorms, within(TOLERANCE));
            assertThat(expected).isNotEqualTo(plain(config, 5));
        }
    }

    @Test
    void cutsDoNotShow() {
        set(prior, 2, 1);
        LangevinConfig config = LangevinConfig.of(2e-2, 1e-4);
        assertThat(withPrior(3e-4, config, 1, 3, 2)).isEqualTo(withPrior(3e-4, config, 6));
    }

    @Test
    void networksMustReadTheSameImages() {
        Network other = Light32.of(new ImageShape(3, 16, 16), 2);
        try (CompiledNetwork wide = EXECUTOR.compile(other, 4, Precision.FLOAT32)) {
            assertThatThrownBy(() -> new PriorLangevin(energy, wide, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected a prior network for images");
        }
        assertThatThrownBy(() -> new PriorLangevin(energy, prior, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("temperature");
    }
}
