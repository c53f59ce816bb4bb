package io.ebmstream.ops.learner;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.ops.bank.ChainStart;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.reference.ReferenceExecutor;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.energy.Light32;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.image.ShapesDataset;
import io.ebmstream.ops.sampler.LangevinConfig;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The course of learning is a promise: whoever goes on with a training under a later release gets
 * the same bits. The checksums were taken when the state's format was first written.
 */
class TrajectoryTest {
    private static final ImageShape SHAPE = new ImageShape(1, 16, 16);
    private static final Network NETWORK = Light32.of(SHAPE, 2);
    private static final ShapesDataset IMAGES = new ShapesDataset(SHAPE, 5, 64);

    @ParameterizedTest
    @CsvSource({
        "NOISE, ADAM, cb3e00fb",
        "DATA, SGD, 1c38ebe4",
        "PERSISTENT, SGD, fdd42490",
        "DATA_PERSISTENT, ADAM, aa3247ae"
    })
    void weightsAndChainsAreThoseOfTheFirstRelease(
            ChainStart start, OptimizerKind optimizer, String checksum) {
        LearnerConfig config =
                LearnerConfig.builder(NETWORK)
                        .langevin(new LangevinConfig(1e-2, 1e-4, 2, 1))
                        .start(start)
                        .optimizer(optimizer)
                        .learningRate(
                                Schedule.parse(
                                        optimizer == OptimizerKind.SGD
                                                ? "1e-7@0, 5e-8@3"
                                                : "1e-3@0, 5e-4@3"))
                        .steps(3)
                        .bankSize(20)
                        .rejuvenation(0.2)
                        .maxChainUpdates(2)
                        .batch(6)
                        .part(4)
                        .replayCapacity(40)
                        .warmupImages(8)
                        .imagesPerUpdate(5)
                        .build();
        try (MaximumLikelihoodLearner learner =
                new MaximumLikelihoodLearner(
                        config,
                        new ReferenceExecutor(),
                        Precision.FLOAT32,
                        Initializer.weights(NETWORK, 1))) {
            for (int i = 0; i < 60; i++) {
                if (learner.offer(IMAGES.image(i).pixels())) {
                    learner.advance(Long.MAX_VALUE);
                }
            }
            assertThat(learner.updates()).isEqualTo(11);
            CRC32C crc = new CRC32C();
            update(crc, learner.parameters());
            update(crc, learner.averagedParameters());
            for (byte[] chain : learner.copyChains(20)) {
                crc.update(chain);
            }
            assertThat(Long.toHexString(crc.getValue())).isEqualTo(checksum);
        }
    }

    private static void update(CRC32C crc, float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length);
        for (float value : values) {
            bytes.putFloat(value);
        }
        crc.update(bytes.array());
    }
}
