package io.ebmstream.ops.compute.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.ops.compute.Mode;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.cuda.emulator.EmulatedGpu;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Light32;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.energy.Sngan;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What a lane of the papers' networks takes, counted by hand from their layers. */
class LaneMemoryTest {
    private static final ImageShape CIFAR = new ImageShape(3, 32, 32);
    private static final int IMAGES = 2;
    private static final int BYTES = Precision.BFLOAT16.bytes();

    private static long bytes(Network network) {
        try (EmulatedGpu gpu = EmulatedGpu.builder().memory(64L << 30).open();
                Lanes lanes =
                        new Lanes(
                                network,
                                IMAGES,
                                Precision.BFLOAT16,
                                Mode.INFERENCE,
                                gpu,
                                new Micro(IMAGES, 1, new AtomicLong()))) {
            return lanes.first(IMAGES, Lane::prepareLangevin).bytes();
        }
    }

    /** What stands at the border, in float32, and the input's values in 8 channels. */
    private static long border() {
        return IMAGES * (3L * 1024 * Float.BYTES + 8L * 1024 * BYTES);
    }

    @Test
    void light32KeepsFourMapsAndTwoGradients() {
        long maps = 32 * 1024 + 64 * 256 + 128 * 64 + 256 * 16;
        // The way back holds one gradient and makes the next; slots that are large enough serve
        // again, so there is one for each of the five sizes at most.
        long most = maps + 8 * 1024;
        long bytes = bytes(Light32.of(CIFAR, 32));
        assertThat(bytes - border())
                .isBetween(IMAGES * maps * BYTES, IMAGES * (maps + most) * BYTES + (1 << 14));
    }

    @Test
    void sngan32KeepsWhatItsWayBackReads() {
        int n = 256;
        // stem: convolution, convolution, pool, pool of the shortcut (3 channels), its convolution,
        // sum
        long stem = n * 1024 + n * 1024 + n * 256 + 8 * 256 + n * 256 + n * 256;
        // pooled block: ReLU, two convolutions, pool, shortcut's convolution, its pool, sum
        long pooled = n * 256 * 4 + n * 64 * 3;
        // block: ReLU, two convolutions, sum; twice, then the last ReLU and the mean
        long blocks = 2L * n * 64 * 4 + n * 64 + n;
        long maps = stem + pooled + blocks;
        long bytes = bytes(Sngan.of32(CIFAR, n));
        // of gradients, no more than three of the largest and of every smaller size
        long gradients = 3L * n * (1024 + 256 + 64) + 3L * 8 * 1024;
        assertThat(bytes - border())
                .isBetween(IMAGES * maps * BYTES, IMAGES * (maps + gradients) * BYTES + (1 << 14));
    }
}
