package io.ebmstream.ops.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.energy.Light32;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.image.Image;
import io.ebmstream.ops.image.ImageDataset;
import io.ebmstream.ops.image.ShapesDataset;
import io.ebmstream.ops.sampler.GaussianNoise;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;

class DriftStudyTest {
    private static final ImageShape SHAPE = new ImageShape(1, 16, 16);

    private static float[] normals(int chain, int count) {
        float[] values = new float[count];
        new GaussianNoise().fill(5, chain, 0, values, 0, count);
        return values;
    }

    /** First alarm after a shift at 1,000; fails where one comes before. */
    private static int delay(ChangeDetector detector, int chain, double shift) {
        float[] values = normals(chain, 2_000);
        for (int i = 0; i < values.length; i++) {
            if (detector.observe(values[i] + (i < 1_000 ? 0 : shift))) {
                assertThat(i).isGreaterThanOrEqualTo(1_000);
                return i + 1 - 1_000;
            }
        }
        throw new AssertionError("expected an alarm");
    }

    @Test
    void baselinesFindAShiftInEitherDirection() {
        for (double shift : new double[] {1.5, -1.5}) {
            assertThat(delay(new Adwin(Adwin.DELTA), 1, shift)).isLessThan(128);
            // a sum of 50 grows by 1.5 a number, less what the mean follows
            assertThat(delay(new PageHinkley(PageHinkley.DELTA, PageHinkley.LAMBDA), 2, shift))
                    .isLessThan(120);
        }
    }

    @Test
    void adwinsWindowKeepsAnUnchangedSeries() {
        Adwin adwin = new Adwin(Adwin.DELTA);
        int alarms = 0;
        for (float value : normals(3, 20_000)) {
            alarms += adwin.observe(value) ? 1 : 0;
        }
        assertThat(alarms).isLessThanOrEqualTo(2);
    }

    /** Rows 3 a b with orthogonal a and b lie in a plane; what is added across it is told. */
    @Test
    void residualsAreDistancesFromThePlane() {
        float[][] rows = new float[40][];
        for (int i = 0; i < rows.length; i++) {
            float[] mix = normals(i, 2);
            rows[i] = new float[] {1 + 3 * mix[0], mix[1], 2, 0};
        }
        PrincipalResidual residual = new PrincipalResidual(rows, 2, 1);
        assertThat(residual.of(new float[] {5, -3, 2, 0})).isCloseTo(0, within(1e-6));
        assertThat(residual.of(new float[] {5, -3, 2, 2})).isCloseTo(4, within(1e-6));
    }

    @Test
    void changesOfCamerasDoWhatTheySay() {
        byte[] pixels = new byte[16];
        pixels[5] = (byte) 160;
        Image image = new Image(new ImageShape(1, 4, 4), pixels);
        byte[] blurred = ImageChange.blur(image).pixels();
        assertThat(blurred[5]).isEqualTo((byte) 40);
        assertThat(blurred[0]).isEqualTo((byte) 10);
        assertThat(blurred[6]).isEqualTo((byte) 20);
        assertThat(blurred[15]).isZero();
        // 0.2 of [-1, 1] is a tenth of 255
        assertThat(ImageChange.brighten(image, 0.2).pixels()[0] & 0xFF).isBetween(25, 26);
    }

    @Test
    void brighterImagesAreFoundAndAnUnchangedFeedIsNot() {
        Network network = Light32.of(SHAPE, 2);
        ImageDataset shapes = new ShapesDataset(SHAPE, 1, 300);
        List<Image> all = IntStream.range(0, 300).mapToObj(shapes::image).toList();
        List<Image> feed = all.subList(100, 300);
        try (CompiledNetwork energy =
                Executors.resolve("auto", "float32")
                        .executor()
                        .compile(network, 32, Precision.FLOAT32)) {
            energy.setParameters(Nd4j.createFromArray(Initializer.weights(network, 1)));
            DriftStudy study = new DriftStudy(energy, 1e-3, all.subList(0, 100), feed, 3, 7);
            List<DriftStudy.Row> rows =
                    study.delays(
                            "brightness",
                            feed.stream().map(i -> ImageChange.brighten(i, 0.5)).toList());
            assertThat(rows).hasSize(6);
            DriftStudy.Row mean = rows.get(1);
            assertThat(mean.method()).isEqualTo("ebm-stream on pixel mean");
            assertThat(mean.missed() + mean.early()).isZero();
            assertThat(mean.median()).isBetween(16.0, 100.0);
            List<DriftStudy.FalseAlarms> unchanged = study.falseAlarms(2);
            assertThat(unchanged)
                    .hasSize(6)
                    .allSatisfy(row -> assertThat(row.images()).isEqualTo(40_000));
            assertThat(unchanged.get(0).alarms()).isLessThanOrEqualTo(1);
        }
    }
}
