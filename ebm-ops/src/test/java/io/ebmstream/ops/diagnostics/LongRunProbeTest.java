package io.ebmstream.ops.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Light32;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.image.ImageDataset;
import io.ebmstream.ops.image.Pixels;
import io.ebmstream.ops.image.ShapesDataset;
import io.ebmstream.ops.plot.ChartImage;
import io.ebmstream.ops.quality.Estimate;
import io.ebmstream.ops.quality.ReferenceMmd;
import io.ebmstream.ops.sampler.LangevinConfig;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class LongRunProbeTest {
    private static final ImageShape SHAPE = new ImageShape(1, 16, 16);
    private static final Network NETWORK = Light32.of(SHAPE, 2);
    private static final Executor EXECUTOR = Executors.resolve("auto", "float32").executor();
    private static final ImageDataset DATA = new ShapesDataset(SHAPE, 1, 3 * 48);
    private static final int N = 48;

    private static ReferenceMmd mmd;
    private static LongRunProbe probe;

    private static List<byte[]> images(int from) {
        List<byte[]> images = new ArrayList<>();
        for (int i = from; i < from + N; i++) {
            images.add(DATA.image(i).pixels());
        }
        return images;
    }

    private static List<float[]> starts() {
        List<float[]> starts = new ArrayList<>();
        for (byte[] image : images(2 * N)) {
            float[] pixels = new float[image.length];
            Pixels.toFloat(image, 0, pixels, 0, pixels.length);
            starts.add(pixels);
        }
        return starts;
    }

    @BeforeAll
    static void open() {
        mmd = new ReferenceMmd(SHAPE, EXECUTOR, images(0), 16);
        probe = new LongRunProbe(mmd, SHAPE, images(N), "shapes");
    }

    @AfterAll
    static void close() {
        mmd.close();
    }

    /** Without weights chains diffuse: short runs look like data, long ones like noise. */
    @Test
    void chainsThatDriftAwayAreNotForDensity() {
        List<ProbeReport.Point> points = new ArrayList<>();
        try (ChainRun run =
                new ChainRun(
                        NETWORK,
                        EXECUTOR,
                        Precision.FLOAT32,
                        16,
                        new float[NETWORK.parameterCount()],
                        LangevinConfig.of(0.05, 1e-4),
                        starts(),
                        1)) {
            for (long steps : List.of(1L, 10L, 400L)) {
                run.advance((int) (steps - run.steps()));
                points.add(probe.measure(run));
            }
        }
        ProbeReport report = probe.report(List.of(new ProbeReport.Curve("data", points)));
        assertThat(report.realAgainstReal().value()).isLessThan(report.realAgainstNoise().value());
        assertThat(report.goodForDensity()).isFalse();
        assertThat(report.verdict()).contains("not for density: from data", "at 400 steps");
        assertThat(points.get(2).mmd().value()).isGreaterThan(points.get(0).mmd().value());
        assertThat(points.get(2).displacement()).isZero();
        ProbeReport kept =
                probe.report(List.of(new ProbeReport.Curve("data", points.subList(0, 2))));
        assertThat(kept.goodForDensity()).isTrue();
        assertThat(kept.verdict()).isEqualTo("chains keep their quality");
        assertThat(ChartImage.png(LongRunProbe.charts(report))).isNotEmpty();
    }

    @Test
    void chainsThatLeftTheNumbersAreNotForDensity() {
        Estimate good = probe.report(List.of()).realAgainstReal();
        ProbeReport report =
                probe.report(
                        List.of(
                                new ProbeReport.Curve(
                                        "noise",
                                        List.of(
                                                new ProbeReport.Point(1, good, 0, 0),
                                                new ProbeReport.Point(
                                                        2,
                                                        new Estimate(Double.NaN, Double.NaN),
                                                        0,
                                                        0)))));
        assertThat(report.goodForDensity()).isFalse();
    }

    /** Bad from the beginning is not "kept". */
    @Test
    void aShortRunLikeNoiseIsNotForDensity() {
        Estimate noise = probe.report(List.of()).realAgainstNoise();
        List<ProbeReport.Point> points =
                List.of(
                        new ProbeReport.Point(1, noise, 0, 0),
                        new ProbeReport.Point(2, noise, 0, 0));
        ProbeReport report = probe.report(List.of(new ProbeReport.Curve("noise", points)));
        assertThat(report.goodForDensity()).isFalse();
        assertThat(report.verdict()).contains("no nearer to real images than noise");
    }

    @Test
    void measuresAtTheShortRunTheDecadesAndTheEnd() {
        assertThat(LongRunProbe.schedule(40, 100_000))
                .containsExactly(40L, 1000L, 10_000L, 100_000L);
        assertThat(LongRunProbe.schedule(40, 500)).containsExactly(40L, 500L);
        assertThat(LongRunProbe.schedule(2000, 2000)).containsExactly(2000L);
        assertThatThrownBy(() -> LongRunProbe.schedule(40, 30)).hasMessageContaining("40 and 30");
    }
}
