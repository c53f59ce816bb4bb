package io.ebmstream.ops.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.onednn.OneDnnExecutor;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Light32;
import io.ebmstream.ops.energy.Network;
import org.junit.jupiter.api.Test;

/** That the figures fit together; how large they are is no matter of a test on a shared machine. */
class LangevinBenchTest {
    private static final Network NETWORK = Light32.of(new ImageShape(3, 16, 16), 16);

    @Test
    void figuresFitTogether() {
        BenchRow row =
                LangevinBench.run(
                        new BenchConfig(
                                NETWORK, 6, 4, new OneDnnExecutor(), Precision.FLOAT32, 2, 0.2));
        assertThat(row.network()).isEqualTo("light32");
        assertThat(row.executor()).isEqualTo("onednn");
        assertThat(row.precision()).isEqualTo("float32");
        assertThat(row.rounds()).isPositive();
        assertThat(row.imageStepsPerSecond()).isPositive();
        assertThat(row.gflops())
                .isCloseTo(
                        row.imageStepsPerSecond() * NETWORK.langevinStepFlops() / 1e9,
                        within(1e-6 * row.gflops()));
        assertThat(row.matmulGflops()).isPositive();
        assertThat(row.matmulShare()).isBetween(1e-4, 10.0);
        assertThat(row.cpuShare()).isBetween(1e-3, 3.0);
    }

    @Test
    void aStepAllocatesNothing() {
        BenchRow row =
                LangevinBench.run(
                        new BenchConfig(
                                NETWORK, 8, 4, new OneDnnExecutor(), Precision.FLOAT32, 1, 0.1));
        assertThat(row.heapBytesPerStep()).isLessThan(100);
    }

    @Test
    void refusesNonsense() {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                new BenchConfig(
                                        NETWORK,
                                        0,
                                        1,
                                        new OneDnnExecutor(),
                                        Precision.FLOAT32,
                                        1,
                                        1))
                .withMessageContaining("found batch 0");
    }
}
