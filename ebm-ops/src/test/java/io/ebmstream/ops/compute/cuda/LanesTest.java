package io.ebmstream.ops.compute.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.ops.compute.Mode;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.TestArrays;
import io.ebmstream.ops.compute.cuda.emulator.EmulatedGpu;
import io.ebmstream.ops.compute.cuda.gpu.GpuLostError;
import io.ebmstream.ops.compute.cuda.gpu.GpuOutOfMemoryException;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Light32;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.energy.WideResNet;
import io.ebmstream.ops.sampler.LangevinConfig;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Memory, lanes and failures of executor cuda. */
class LanesTest {
    private static final Network NETWORK = Light32.of(new ImageShape(1, 16, 16), 8);
    private static final LangevinConfig STEP = LangevinConfig.of(1e-2, 1e-3);
    private static final int BATCH = 16;

    private record Run(
            float[] pixels, float[] displacement, int micro, int lanes, long bytes, long splits) {}

    /** Ten steps on a GPU of so much memory. */
    private static Run run(long memory, int micro, int lanes) {
        try (EmulatedGpu gpu = EmulatedGpu.builder().memory(memory).open()) {
            CudaExecutor executor = new CudaExecutor(gpu, micro, lanes);
            try (CudaNetwork compiled =
                            (CudaNetwork)
                                    executor.compile(
                                            NETWORK, BATCH, Precision.FLOAT32, Mode.INFERENCE);
                    INDArray weights = TestArrays.vector(TestArrays.weights(NETWORK, 3));
                    INDArray images = TestArrays.images(NETWORK, BATCH, 4)) {
                compiled.setParameters(weights);
                float[] displacement = langevin(compiled, images);
                return new Run(
                        TestArrays.values(images),
                        displacement,
                        compiled.lanes().micro(BATCH),
                        compiled.lanes().count(),
                        gpu.peakBytes(),
                        executor.splits());
            }
        }
    }

    private static float[] langevin(CudaNetwork compiled, INDArray images) {
        int n = (int) images.size(0);
        long[] chains = new long[n];
        Arrays.setAll(chains, i -> 100 + i);
        float[] displacement = new float[n];
        compiled.langevin(images, STEP, 9, chains, new long[n], 10, displacement);
        return displacement;
    }

    @Test
    void tooLittleMemoryTakesFewerLanesThenSmallerMicroBatches() {
        Run all = run(1L << 30, 4, 4);
        assertThat(all.micro()).isEqualTo(4);
        assertThat(all.lanes()).isEqualTo(4);
        assertThat(all.splits()).isZero();

        Run fewer = run(all.bytes() - 1, 4, 4);
        assertThat(fewer.micro()).isEqualTo(4);
        assertThat(fewer.lanes()).isEqualTo(3);
        assertThat(fewer.splits()).isZero();

        long one = run(1L << 30, 4, 1).bytes();
        Run smaller = run(one - 1, 4, 4);
        assertThat(smaller.micro()).isEqualTo(2);
        assertThat(smaller.splits()).isEqualTo(1);

        for (Run run : new Run[] {fewer, smaller}) {
            assertThat(run.pixels()).isEqualTo(all.pixels());
            assertThat(run.displacement()).isEqualTo(all.displacement());
        }
    }

    @Test
    void whatDoesNotFitAtAllSaysSoAndLeavesNothingBehind() {
        assertThatThrownBy(() -> run(100_000, 4, 4))
                .isInstanceOf(GpuOutOfMemoryException.class)
                .hasMessageContaining("expected")
                .hasMessageContaining("found");
    }

    /** A batch of training is one whole: it cannot be cut. */
    @Test
    void aBatchOfTrainingIsNotCut() {
        Network network = WideResNet.of(new ImageShape(1, 16, 16), 10, 1, 3, 4);
        try (EmulatedGpu gpu = EmulatedGpu.builder().memory(2_000_000).open()) {
            CudaExecutor executor = new CudaExecutor(gpu, 2, 2);
            try (CudaNetwork compiled =
                            (CudaNetwork)
                                    executor.compile(
                                            network, BATCH, Precision.FLOAT32, Mode.TRAINING);
                    INDArray few = TestArrays.images(network, 2, 4);
                    INDArray fewOutputs =
                            TestArrays.vector(new float[2 * network.output().size()])
                                    .reshape(2, network.output().size(), 1, 1);
                    INDArray images = TestArrays.images(network, BATCH, 4);
                    INDArray outputs =
                            TestArrays.vector(new float[BATCH * network.output().size()])
                                    .reshape(BATCH, network.output().size(), 1, 1)) {
                compiled.forward(few, fewOutputs);
                assertThatThrownBy(() -> compiled.forward(images, outputs))
                        .isInstanceOf(GpuOutOfMemoryException.class);
                compiled.forward(few, fewOutputs);
            }
            assertThat(executor.splits()).isZero();
        }
    }

    /** A GPU that is lost in the middle of a run fails it, and the images are as before. */
    @Test
    void aLostGpuFailsTheRun() {
        try (EmulatedGpu gpu = EmulatedGpu.builder().lostAfter(60).open();
                CudaNetwork compiled =
                        (CudaNetwork)
                                new CudaExecutor(gpu)
                                        .compile(NETWORK, 2, Precision.FLOAT32, Mode.INFERENCE);
                INDArray weights = TestArrays.vector(TestArrays.weights(NETWORK, 3));
                INDArray images = TestArrays.images(NETWORK, 2, 4)) {
            compiled.setParameters(weights);
            float[] before = TestArrays.values(images);
            assertThatThrownBy(() -> langevin(compiled, images)).isInstanceOf(GpuLostError.class);
            assertThat(TestArrays.values(images)).isEqualTo(before);
        }
    }

    /** A call on few images takes no more lanes than it can use. */
    @Test
    void lanesAreBuiltWhenTheyAreNeeded() {
        try (EmulatedGpu gpu = EmulatedGpu.open();
                CudaNetwork compiled =
                        (CudaNetwork)
                                new CudaExecutor(gpu, 4, 3)
                                        .compile(
                                                NETWORK, BATCH, Precision.FLOAT32, Mode.INFERENCE);
                INDArray few = TestArrays.images(NETWORK, 5, 1);
                INDArray many = TestArrays.images(NETWORK, BATCH, 1)) {
            compiled.energies(few, new float[5]);
            assertThat(compiled.lanes().count()).isEqualTo(2);
            compiled.energies(many, new float[BATCH]);
            assertThat(compiled.lanes().count()).isEqualTo(3);
        }
    }
}
