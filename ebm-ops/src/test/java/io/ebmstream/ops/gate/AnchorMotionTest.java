package io.ebmstream.ops.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.reference.ReferenceExecutor;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.energy.Light32;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.sampler.LangevinConfig;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class AnchorMotionTest {
    private static final ImageShape SHAPE = new ImageShape(1, 16, 16);
    private static final Network NETWORK = Light32.of(SHAPE, 2);

    private static AnchorMotion motion() {
        return new AnchorMotion(
                NETWORK,
                new ReferenceExecutor(),
                Precision.FLOAT32,
                LangevinConfig.of(1e-2, 1e-3),
                3);
    }

    private static byte[][] anchors(int count) {
        byte[][] images = new byte[count][SHAPE.size()];
        for (int i = 0; i < count; i++) {
            for (int j = 0; j < images[i].length; j++) {
                images[i][j] = (byte) (i * 37 + j * 5);
            }
        }
        return images;
    }

    /** 8 x 256 pixels of noise: its size is known to 1 / sqrt(2 * 2048), 1.6 %; 4 of that. */
    @Test
    void isOneWhereThereIsNothingButNoise() {
        try (AnchorMotion motion = motion()) {
            assertThat(motion.of(new float[NETWORK.parameterCount()], anchors(20)))
                    .isCloseTo(1, within(0.064));
        }
    }

    @Test
    void growsWithTheForceAndIsInfiniteWhereNothingHolds() {
        float[] weights = Initializer.weights(NETWORK, 1);
        float[] steep = weights.clone();
        for (int i = 0; i < steep.length; i++) {
            steep[i] *= 6;
        }
        float[] broken = weights.clone();
        Arrays.fill(broken, 1e30f);
        try (AnchorMotion motion = motion()) {
            double calm = motion.of(weights, anchors(3));
            assertThat(motion.of(steep, anchors(3))).isGreaterThan(2 * calm);
            assertThat(motion.of(broken, anchors(3))).isInfinite();
            // what came before does not show
            assertThat(motion.of(weights, anchors(3))).isEqualTo(calm);
            assertThat(motion.of(weights, anchors(0))).isNaN();
        }
    }
}
