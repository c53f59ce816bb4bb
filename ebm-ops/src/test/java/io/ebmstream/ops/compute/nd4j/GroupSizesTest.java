package io.ebmstream.ops.compute.nd4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.Mode;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.TestArrays;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.energy.Light32;
import io.ebmstream.ops.energy.Network;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

class GroupSizesTest {

    @Test
    void largeMapsMakeSmallGroups() {
        new Nd4jExecutor();
        assertThat(GroupSizes.of(Light32.of(new ImageShape(3, 32, 32), 32)).next(64)).isEqualTo(16);
        // 128 x 128 x 32 values: 2 MiB an image
        assertThat(GroupSizes.of(Light32.of(new ImageShape(3, 128, 128), 32)).next(64))
                .isEqualTo(8);
        assertThat(GroupSizes.of(Light32.of(new ImageShape(3, 128, 128), 128)).next(64))
                .isEqualTo(2);
    }

    @Test
    void theNextGroupIsAPowerOfTwoOrTheLargest() {
        new Nd4jExecutor();
        GroupSizes sizes = GroupSizes.of(Light32.of(new ImageShape(1, 16, 16), 4));
        for (int left = 1; left <= 40; left++) {
            assertThat(sizes.next(left)).isIn(16, Math.min(16, Integer.highestOneBit(left)));
        }
    }

    /** One sum over many values: libraries add it up in another order for another batch. */
    @Test
    void bitsAreTheSameInEveryGroupWhateverTheLibraryDoes() {
        for (int pixels : new int[] {5, 8, 11, 16}) {
            Network network = TestArrays.linear(3, pixels);
            float[] all = energies(network, 16, 16);
            for (int n : new int[] {1, 2, 4, 8, 13}) {
                float[] some = energies(network, 16, n);
                for (int i = 0; i < n; i++) {
                    assertThat(some[i]).as("%d pixels, n %d", pixels, n).isEqualTo(all[i]);
                }
            }
        }
    }

    private static float[] energies(Network network, int batch, int n) {
        float[] energies = new float[n];
        try (CompiledNetwork compiled =
                        new Nd4jExecutor()
                                .compile(network, batch, Precision.FLOAT32, Mode.INFERENCE);
                INDArray weights = Initializer.array(network, 1);
                INDArray images = TestArrays.images(network, n, 2)) {
            compiled.setParameters(weights);
            compiled.energies(images, energies);
        }
        return energies;
    }
}
