package io.ebmstream.ops.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.PlanCache;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.nd4j.Nd4jExecutor;
import io.ebmstream.ops.compute.onednn.OneDnnExecutor;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Light32;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.energy.Networks;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** That plans give back all their native memory, as the operating system sees it. */
class PlanMemoryTest {
    private static final List<Network> NETWORKS =
            List.of(
                    Light32.of(new ImageShape(3, 16, 16), 4),
                    Networks.energyNamed("sngan32").build(new ImageShape(3, 8, 8), 8));

    private static final int BATCH = 8;
    private static final int WARM_UP = 50;

    /**
     * What may come on top, in bytes: what a dozen of the plans take (see {@link
     * #plansThatStayShow}), while compiled Java code and allocators' leftovers came to less than 4
     * MiB.
     */
    private static final long BOUND = 16L << 20;

    static List<Arguments> executors() {
        return List.of(
                Arguments.of(new OneDnnExecutor(), 500), Arguments.of(new Nd4jExecutor(), 100));
    }

    @BeforeEach
    void needsTheSystemsFigures() {
        assumeTrue(
                ResidentMemory.now().isPresent() && ResidentMemory.trim(),
                "resident memory is known on Linux with glibc only");
    }

    @ParameterizedTest
    @MethodSource("executors")
    void plansThatAreClosedLeaveNothing(Executor executor, int plans) throws InterruptedException {
        List<Precision> precisions = List.copyOf(executor.precisions());
        long before = 0;
        for (int i = 0; i < WARM_UP + plans; i++) {
            if (i == WARM_UP) {
                before = least();
            }
            Network network = NETWORKS.get(i % NETWORKS.size());
            Precision precision = precisions.get(i / NETWORKS.size() % precisions.size());
            try (CompiledNetwork plan = executor.compile(network, BATCH, precision)) {
                use(plan);
            }
        }
        assertThat(growth(before)).isLessThan(BOUND);
    }

    /** That the figures above would show it if plans stayed. */
    @Test
    void plansThatStayShow() throws InterruptedException {
        Executor executor = new OneDnnExecutor();
        List<CompiledNetwork> kept = new ArrayList<>();
        try (CompiledNetwork first = executor.compile(NETWORKS.get(0), BATCH, Precision.FLOAT32)) {
            use(first);
        }
        long before = least();
        try {
            for (int i = 0; i < 50; i++) {
                CompiledNetwork plan = executor.compile(NETWORKS.get(0), BATCH, Precision.FLOAT32);
                kept.add(plan);
                use(plan);
            }
            assertThat(least() - before).isGreaterThan(BOUND);
        } finally {
            kept.forEach(CompiledNetwork::close);
        }
    }

    /** Every plan is another one than the two before. */
    @Test
    void plansThatACacheDropsLeaveNothing() throws InterruptedException {
        int batches = 4;
        long before = 0;
        try (PlanCache cache = new PlanCache(new OneDnnExecutor(), 2)) {
            for (int i = 0; i < WARM_UP + 100; i++) {
                if (i == WARM_UP) {
                    before = least();
                }
                use(cache.plan(NETWORKS.get(0), BATCH + i % batches, Precision.FLOAT32));
            }
        }
        assertThat(growth(before)).isLessThan(BOUND);
    }

    private static void use(CompiledNetwork plan) {
        ImageShape shape = plan.network().input();
        try (INDArray images =
                        Nd4j.zeros(
                                DataType.FLOAT,
                                BATCH,
                                shape.channels(),
                                shape.height(),
                                shape.width());
                INDArray gradient = Nd4j.zeros(DataType.FLOAT, plan.network().parameterCount())) {
            plan.setParameters(gradient);
            plan.inputGradient(images, images);
            plan.parameterGradient(images, 1, gradient, new float[BATCH]);
        }
    }

    /**
     * Growth since a reading: the least of some, because the JIT compiler and the collector hold
     * memory for a while too. What leaks never comes back.
     */
    private static long growth(long before) throws InterruptedException {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 30 && least > BOUND / 2; i++) {
            Thread.sleep(i == 0 ? 0 : 200);
            least = Math.min(least, resident() - before);
        }
        return least;
    }

    private static long least() throws InterruptedException {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            Thread.sleep(50);
            least = Math.min(least, resident());
        }
        return least;
    }

    private static long resident() {
        System.gc();
        ResidentMemory.trim();
        return ResidentMemory.now().orElseThrow();
    }
}
