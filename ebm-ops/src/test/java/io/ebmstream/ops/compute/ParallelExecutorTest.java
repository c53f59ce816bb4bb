package io.ebmstream.ops.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.ops.compute.onednn.OneDnnExecutor;
import io.ebmstream.ops.compute.reference.ReferenceExecutor;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Light32;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.sampler.LangevinConfig;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The contract for two workers and parts of two images, and equal bits for any number of workers.
 */
class ParallelExecutorTest extends ExecutorContractTest {
    private static final int BATCH = 21;
    private static final Network NETWORK = Light32.of(new ImageShape(1, 16, 16), 4);
    private static final LangevinConfig CONFIG = LangevinConfig.of(1e-2, 1e-3);

    private final WorkerPool shared = new WorkerPool(2, "contract");

    @Override
    protected Executor executor() {
        return new ParallelExecutor(new OneDnnExecutor(), shared, 2);
    }

    @AfterAll
    void closePool() {
        shared.close();
    }

    private record Result(
            float[] pixels,
            float[] displacement,
            float[] energies,
            float[] inputGradient,
            float[] parameterGradient) {}

    @Test
    void resultsDoNotDependOnTheNumberOfWorkers() {
        for (int part : new int[] {1, 4, 8, 64}) {
            Result alone = run(part, 1);
            for (int workers = 2; workers <= 4; workers++) {
                assertThat(run(part, workers))
                        .as("%d workers, parts of %d", workers, part)
                        .usingRecursiveComparison()
                        .isEqualTo(alone);
            }
        }
    }

    @Test
    void anImagesResultsDoNotDependOnParts() {
        Result whole = run(BATCH, 1);
        for (int part : new int[] {1, 4, 8}) {
            assertThat(run(part, 2))
                    .as("parts of %d", part)
                    .usingRecursiveComparison()
                    .ignoringFields("parameterGradient")
                    .isEqualTo(whole);
        }
    }

    @Test
    void aPrecisionThatCannotRunIsAnErrorOfTheCaller() {
        try (WorkerPool pool = new WorkerPool(2, "test")) {
            Executor executor = new ParallelExecutor(new ReferenceExecutor(), pool, 4);
            assertThatThrownBy(() -> executor.compile(NETWORK, 8, Precision.BFLOAT16))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("bf16");
        }
    }

    @Test
    void refusesShortArraysBeforeAnythingMoves() {
        try (WorkerPool pool = new WorkerPool(2, "test");
                CompiledNetwork compiled =
                        new ParallelExecutor(new ReferenceExecutor(), pool, 4)
                                .compile(NETWORK, BATCH, Precision.FLOAT32);
                INDArray images = TestArrays.images(NETWORK, BATCH, 4)) {
            float[] before = TestArrays.values(images);
            assertThatIllegalArgumentException()
                    .isThrownBy(
                            () ->
                                    compiled.langevin(
                                            images,
                                            CONFIG,
                                            5,
                                            chains(),
                                            new long[BATCH - 1],
                                            1,
                                            new float[BATCH]))
                    .withMessageContaining("firstSteps");
            assertThat(TestArrays.values(images)).isEqualTo(before);
        }
    }

    private static Result run(int part, int workers) {
        try (WorkerPool pool = new WorkerPool(workers, "test");
                CompiledNetwork compiled =
                        new ParallelExecutor(new OneDnnExecutor(), pool, part)
                                .compile(NETWORK, BATCH, Precision.FLOAT32);
                INDArray weights = TestArrays.vector(TestArrays.weights(NETWORK, 3));
                INDArray images = TestArrays.images(NETWORK, BATCH, 4);
                INDArray inputGradient = TestArrays.images(NETWORK, BATCH, 5);
                INDArray sum = TestArrays.vector(TestArrays.weights(NETWORK, 6))) {
            compiled.setParameters(weights);
            float[] displacement = new float[BATCH];
            float[] energies = new float[BATCH];
            compiled.inputGradient(images, inputGradient);
            compiled.parameterGradient(images, 0.1f, sum, energies);
            compiled.langevin(images, CONFIG, 5, chains(), steps(), 3, displacement);
            compiled.energies(images, energies);
            return new Result(
                    TestArrays.values(images),
                    displacement,
                    energies,
                    TestArrays.values(inputGradient),
                    TestArrays.values(sum));
        }
    }

    private static long[] chains() {
        long[] chains = new long[BATCH];
        Arrays.setAll(chains, i -> 7L * i);
        return chains;
    }

    private static long[] steps() {
        long[] steps = new long[BATCH];
        Arrays.setAll(steps, i -> 1000L - i);
        return steps;
    }
}
