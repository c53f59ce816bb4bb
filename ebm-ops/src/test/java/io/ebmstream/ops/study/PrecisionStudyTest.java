package io.ebmstream.ops.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.reference.ReferenceExecutor;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Light32;
import io.ebmstream.ops.image.ImageDataset;
import io.ebmstream.ops.image.ShapesDataset;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrecisionStudyTest {
    private static final ImageShape SHAPE = new ImageShape(1, 16, 16);
    private static final ImageDataset DATA = new ShapesDataset(SHAPE, 1, 600);

    @TempDir private Path folder;

    @Test
    void measuresBothFormatsAndTakesFinishedRunsFromTheFolder() throws IOException {
        Executor executor = Executors.resolve("auto", "float32").executor();
        assumeTrue(
                executor.precisions().contains(Precision.BFLOAT16),
                "no bf16 on this machine: the study is not tested");
        PrecisionStudyConfig config = config(4);
        AtomicInteger updates = new AtomicInteger();
        PrecisionReport first = run(config, executor, updates);
        assertThat(updates).hasValue(8);
        assertThat(first.runs())
                .extracting(PrecisionReport.Row::precision)
                .containsExactly("float32", "bf16");
        assertThat(first.realAgainstReal().value()).isLessThan(first.realAgainstNoise().low());
        PrecisionReport.Row exact = first.runs().get(0);
        PrecisionReport.Row rough = first.runs().get(1);
        assertThat(rough.course()).isNotEqualTo(exact.course());
        assertThat(rough.onChains().inputGradientError()).isBetween(1e-4, 0.5);
        assertThat(rough.onChains().inputGradientCosine()).isBetween(0.9, 1.0);
        assertThat(exact.onImages()).isNotEqualTo(exact.onChains());
        assertThat(exact.purifiedFloat32()).isNotEqualTo(exact.purifiedBfloat16());

        assertThat(run(config, executor, updates)).as("again").isEqualTo(first);
        assertThat(updates).as("nothing trained again").hasValue(8);
        run(config(5), executor, updates);
        assertThat(updates).as("other settings are other runs").hasValue(18);
    }

    @Test
    void saysWhatItNeeds() {
        assertThatThrownBy(() -> run(config(4), new ReferenceExecutor(), new AtomicInteger()))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("expected an executor with bf16")
                .hasMessageContaining("reference");
        assertThatThrownBy(() -> config(1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least 2 updates");
    }

    private PrecisionReport run(
            PrecisionStudyConfig config, Executor executor, AtomicInteger updates)
            throws IOException {
        return PrecisionStudy.run(
                config,
                executor,
                DATA,
                folder,
                2,
                (seed, precision, update) -> updates.incrementAndGet());
    }

    private static PrecisionStudyConfig config(int updates) {
        return new PrecisionStudyConfig(
                Light32.of(SHAPE, 4),
                updates,
                List.of(1L),
                PrecisionStudyConfig.LEAST_HELD_OUT,
                3,
                0.2);
    }
}
