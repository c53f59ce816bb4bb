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
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

class ParallelLangevinTest {
    private static final int BATCH = 21;
    private static final Network NETWORK = Light32.of(new ImageShape(3, 16, 16), 8);
    private static final LangevinConfig CONFIG = LangevinConfig.of(1e-2, 1e-3);

    private record Result(float[] pixels, float[] displacement, float[] energies) {}

    @Test
    void resultsDoNotDependOnWorkersOrParts() {
        Result alone = run(new OneDnnExecutor(), BATCH, 1);
        for (int workers = 1; workers <= 3; workers++) {
            for (int part : new int[] {1, 4, 8, 64}) {
                Result found = run(new OneDnnExecutor(), part, workers);
                String what = workers + " workers, parts of " + part;
                assertThat(found.pixels()).as(what).isEqualTo(alone.pixels());
                assertThat(found.displacement()).as(what).isEqualTo(alone.displacement());
                assertThat(found.energies()).as(what).isEqualTo(alone.energies());
            }
        }
    }

    @Test
    void agreesWithOneCompiledNetwork() {
        Result found = run(new ReferenceExecutor(), 4, 2);
        try (CompiledNetwork compiled =
                        new ReferenceExecutor().compile(NETWORK, BATCH, Precision.FLOAT32);
                INDArray weights = TestArrays.vector(TestArrays.weights(NETWORK, 3));
                INDArray images = TestArrays.images(NETWORK, BATCH, 4)) {
            compiled.setParameters(weights);
            float[] displacement = new float[BATCH];
            compiled.langevin(images, CONFIG, 5, chains(), steps(), 3, displacement);
            assertThat(found.pixels()).isEqualTo(TestArrays.values(images));
            assertThat(found.displacement()).isEqualTo(displacement);
        }
    }

    @Test
    void aPrecisionThatCannotRunIsAnErrorOfTheCaller() {
        try (WorkerPool pool = new WorkerPool(2, "test")) {
            assertThatThrownBy(
                            () ->
                                    new ParallelLangevin(
                                            new ReferenceExecutor(),
                                            NETWORK,
                                            Precision.BFLOAT16,
                                            4,
                                            pool))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("bf16");
        }
    }

    @Test
    void refusesShortArraysBeforeAnythingMoves() {
        try (WorkerPool pool = new WorkerPool(2, "test");
                ParallelLangevin langevin =
                        new ParallelLangevin(
                                new ReferenceExecutor(), NETWORK, Precision.FLOAT32, 4, pool);
                INDArray images = TestArrays.images(NETWORK, BATCH, 4)) {
            float[] before = TestArrays.values(images);
            assertThatIllegalArgumentException()
                    .isThrownBy(
                            () ->
                                    langevin.langevin(
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

    private static Result run(Executor executor, int part, int workers) {
        try (WorkerPool pool = new WorkerPool(workers, "test");
                ParallelLangevin langevin =
                        new ParallelLangevin(executor, NETWORK, Precision.FLOAT32, part, pool);
                INDArray weights = TestArrays.vector(TestArrays.weights(NETWORK, 3));
                INDArray images = TestArrays.images(NETWORK, BATCH, 4)) {
            langevin.setParameters(weights);
            float[] displacement = new float[BATCH];
            float[] energies = new float[BATCH];
            langevin.langevin(images, CONFIG, 5, chains(), steps(), 3, displacement);
            langevin.energies(images, energies);
            return new Result(TestArrays.values(images), displacement, energies);
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
