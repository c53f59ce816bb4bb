package io.ebmstream.ops.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.onednn.OneDnnExecutor;
import io.ebmstream.ops.compute.reference.ReferenceExecutor;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Light32;
import io.ebmstream.ops.energy.Network;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** That the figures fit together; how large they are is no matter of a test on a shared machine. */
class BenchTest {
    private static final Network NETWORK = Light32.of(new ImageShape(3, 16, 16), 16);

    /** Does nothing, at a known pace. */
    private static final class Sleeper implements Peer {
        @Override
        public String name() {
            return "sleeper";
        }

        @Override
        public List<String> layouts() {
            return List.of("slow", "fast");
        }

        @Override
        public Run langevin(Task task) {
            long millis = task.layout().equals("slow") ? 40 : 20;
            return new Run() {
                @Override
                public void run(int times) {
                    try {
                        Thread.sleep(millis * times);
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                }

                @Override
                public void close() {}
            };
        }

        @Override
        public Run update(Task task) {
            throw new UnsupportedOperationException("expected a wink, found an update");
        }
    }

    private static BenchConfig config(Work work, int batch, int part, int workers) {
        return new BenchConfig(
                work,
                "light32",
                NETWORK,
                batch,
                part,
                new OneDnnExecutor(),
                Precision.FLOAT32,
                workers);
    }

    @Test
    void figuresFitTogether() {
        List<String> leftOut = new ArrayList<>();
        List<BenchRow> rows =
                Bench.run(
                        config(Work.LANGEVIN, 6, 4, 2), List.of(new Sleeper()), 0.2, leftOut::add);
        assertThat(leftOut).isEmpty();
        assertThat(rows).extracting(BenchRow::layout).containsExactly(null, "slow", "fast");
        BenchRow row = rows.get(0);
        assertThat(row.network()).isEqualTo("light32");
        assertThat(row.executor()).isEqualTo("onednn");
        assertThat(row.precision()).isEqualTo("float32");
        assertThat(row.part()).isEqualTo(3);
        assertThat(row.rounds()).isPositive();
        assertThat(row.imageStepsPerSecond()).isPositive();
        assertThat(row.millis())
                .isCloseTo(6e3 / row.imageStepsPerSecond(), within(1e-6 * row.millis()));
        assertThat(row.gflops())
                .isCloseTo(
                        row.imageStepsPerSecond() * NETWORK.langevinStepFlops() / 1e9,
                        within(1e-6 * row.gflops()));
        assertThat(row.matmulGflops()).isPositive();
        assertThat(row.matmulShare()).isBetween(1e-4, 10.0);
        assertThat(row.cpuShare()).isBetween(1e-4, 10.0);
        BenchRow fast = rows.get(2);
        // A sleep is never shorter than asked for; 6 images in 20 ms at best.
        assertThat(fast.imageStepsPerSecond()).isBetween(30.0, 300.0);
        assertThat(fast.ratioToPeer()).isNull();
        assertThat(row.ratioToPeer())
                .isCloseTo(
                        row.imageStepsPerSecond() / fast.imageStepsPerSecond(),
                        within(0.5 * row.ratioToPeer()));
    }

    @Test
    void anUpdateIsNotALangevinRow() {
        List<String> leftOut = new ArrayList<>();
        List<BenchRow> rows =
                Bench.run(config(Work.UPDATE, 6, 4, 2), List.of(new Sleeper()), 0.1, leftOut::add);
        assertThat(leftOut).hasSize(2).allMatch(s -> s.contains("expected a wink"));
        BenchRow row = rows.get(0);
        assertThat(row.network()).isEqualTo("light32 update");
        assertThat(row.work()).isEqualTo("update");
        assertThat(row.millis())
                .isCloseTo(12e3 / row.imageStepsPerSecond(), within(1e-6 * row.millis()));
    }

    @Test
    void aStepAllocatesNothing() {
        BenchRow row = Bench.run(config(Work.LANGEVIN, 8, 4, 1), List.of(), 0.1, s -> {}).get(0);
        assertThat(row.heapBytesPerStep()).isLessThan(100);
    }

    /** The first fields and their order are what readers of the file rely on. */
    @Test
    void theFileHasItsFields() throws Exception {
        BenchRow row =
                new BenchRow(
                        "a", "b", "c", 1, 2, 3, 4, 5, 6, null, "d", null, 7, 8, 9, 10, null, 11);
        ObjectMapper mapper = new ObjectMapper();
        JsonNode json = mapper.readTree(mapper.writeValueAsString(row));
        List<String> names = new ArrayList<>();
        json.fieldNames().forEachRemaining(names::add);
        assertThat(names.subList(0, 10))
                .containsExactly(
                        "network",
                        "executor",
                        "precision",
                        "batch",
                        "workers",
                        "img_steps_per_second",
                        "gflops",
                        "matmul_share",
                        "heap_bytes_per_step",
                        "peak_native_bytes");
        assertThat(mapper.treeToValue(json, BenchRow.class)).isEqualTo(row);
    }

    @Test
    void aSuiteWithoutTimeSaysWhatItLeavesOut() {
        List<String> leftOut = new ArrayList<>();
        List<BenchRow> rows = new ArrayList<>();
        new BenchSuite(
                        Map.of("light32", NETWORK),
                        List.of(new OneDnnExecutor(), new ReferenceExecutor()),
                        List.of(),
                        2,
                        0.001,
                        leftOut::add)
                .run(rows::addAll);
        assertThat(rows).isEmpty();
        assertThat(leftOut)
                .hasSize(2 * (BenchSuite.BATCHES.size() + 1))
                .allMatch(s -> s.contains("allow more"));
    }

    @Test
    void refusesNonsense() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config(Work.LANGEVIN, 0, 1, 1))
                .withMessageContaining("found batch 0");
    }
}
