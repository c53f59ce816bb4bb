package io.ebmstream.ops.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.image.Corruption;
import io.ebmstream.ops.image.Image;
import io.ebmstream.ops.image.ImageDataset;
import io.ebmstream.ops.image.ShapesDataset;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class QualityEvaluationTest {
    private static final ImageShape SHAPE = new ImageShape(1, 16, 16);
    private static final ImageDataset DATA = new ShapesDataset(SHAPE, 1, 1000);
    private static final Executor EXECUTOR = Executors.resolve("auto", "float32").executor();
    private static final int N = 64;

    private static List<byte[]> images(int from) {
        List<byte[]> images = new ArrayList<>();
        for (int i = from; i < from + N; i++) {
            images.add(DATA.image(i).pixels());
        }
        return images;
    }

    private static List<byte[]> noisy(double sigma) {
        List<byte[]> images = new ArrayList<>();
        for (int i = 0; i < N; i++) {
            images.add(new Corruption.Noise(sigma).apply(DATA.image(3 * N + i), 5, i).pixels());
        }
        return images;
    }

    private static QualityReport report(List<byte[]> samples) {
        return QualityEvaluation.of(
                new QualityEvaluation.Sets(images(0), images(N), samples, images(2 * N)),
                SHAPE,
                EXECUTOR,
                16,
                List.of(101L, 102L),
                "samples",
                "shapes");
    }

    private static double value(QualityReport report, QualityMeasure measure) {
        return report.measures().get(measure.ordinal()).value().value();
    }

    @Test
    void everyMeasureOrdersNoiseByItsStrength() {
        QualityReport real = report(images(3 * N));
        QualityReport some = report(noisy(0.2));
        QualityReport more = report(noisy(0.6));
        for (QualityMeasure measure : QualityMeasure.values()) {
            if (measure == QualityMeasure.CLASSIFIER) {
                // linear and slow to learn: so few images are not enough for its interval
                continue;
            }
            assertThat(real.measures().get(measure.ordinal()).refused())
                    .as(measure.label())
                    .isNull();
            double sign = measure.highIsGood() ? -1 : 1;
            assertThat(sign * value(some, measure))
                    .as(measure.label())
                    .isGreaterThan(sign * value(real, measure));
            assertThat(sign * value(more, measure))
                    .as(measure.label())
                    .isGreaterThanOrEqualTo(sign * value(some, measure));
        }
        assertThat(real.measures().get(0).bySeed()).hasSize(2);
        assertThat(
                        real.measures().stream()
                                .map(QualityReport.Row::measure)
                                .collect(Collectors.joining()))
                .doesNotContainIgnoringCase("FID");
    }

    @Test
    void copiesOfTrainingImagesAreFound() {
        QualityReport.Memorisation copies = report(images(2 * N)).memorisation();
        assertThat(copies.refused()).isNull();
        assertThat(copies.closeShare()).isEqualTo(1);
        assertThat(copies.medianRatio()).isZero();
        QualityReport.Memorisation other = report(images(3 * N)).memorisation();
        assertThat(other.closeShare()).isLessThan(0.25);
        assertThat(other.medianRatio()).isBetween(0.7, 1.4);
    }

    /** Where the real images are noise themselves no measure may speak. */
    @Test
    void measuresThatCannotOrderAreRefused() {
        List<byte[]> noise = QualityEvaluation.noise(SHAPE, 3 * N);
        QualityReport report =
                QualityEvaluation.of(
                        new QualityEvaluation.Sets(
                                noise.subList(N, 2 * N),
                                noise.subList(2 * N, 3 * N),
                                images(N),
                                List.of()),
                        SHAPE,
                        EXECUTOR,
                        16,
                        List.of(101L),
                        "samples",
                        "noise");
        assertThat(report.memorisation()).isNull();
        for (QualityReport.Row row : report.measures()) {
            assertThat(row.refused()).contains(row.measure()).contains("cannot tell");
            assertThat(row.value()).isNull();
            assertThat(row.bySeed()).isEmpty();
        }
    }

    @Test
    void everySeedMustOrder() {
        Estimate good = new Estimate(0, 0.1);
        Estimate bad = new Estimate(1, 0.1);
        Estimate[] values = {good, good};
        assertThat(
                        QualityEvaluation.row(
                                        QualityMeasure.MMD,
                                        values,
                                        new Estimate[] {good, good},
                                        new Estimate[] {bad, bad})
                                .refused())
                .isNull();
        assertThat(
                        QualityEvaluation.row(
                                        QualityMeasure.MMD,
                                        values,
                                        new Estimate[] {good, good},
                                        new Estimate[] {bad, new Estimate(0.2, 0.1)})
                                .refused())
                .contains("kernel MMD^2 cannot tell");
        assertThat(
                        QualityEvaluation.row(
                                        QualityMeasure.COVERAGE,
                                        values,
                                        new Estimate[] {bad, bad},
                                        new Estimate[] {good, good})
                                .refused())
                .isNull();
    }

    @Test
    void saysWhatIsWrong() {
        assertThatThrownBy(
                        () ->
                                new QualityEvaluation.Sets(
                                        images(0), images(N), images(0).subList(0, 3), List.of()))
                .hasMessageContaining("64, 64 and 3");
        QualityEvaluation.Sets sets =
                new QualityEvaluation.Sets(images(0), images(N), images(0), List.of());
        assertThatThrownBy(
                        () -> QualityEvaluation.of(sets, SHAPE, EXECUTOR, 33, List.of(1L), "", ""))
                .hasMessageContaining("blocks of 33, 64 images");
    }

    @Test
    void pairsAreToldFromMismatchedOnes() {
        List<Image> originals = new ArrayList<>();
        List<Image> noisy = new ArrayList<>();
        List<Image> wrong = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            originals.add(DATA.image(i));
            noisy.add(new Corruption.Noise(0.1).apply(DATA.image(i), 5, i));
            wrong.add(DATA.image(500 + i));
        }
        PairReport report = PairReport.of(originals, noisy);
        assertThat(report.measures()).allMatch(row -> row.refused() == null);
        // noise of 0.1 in a range of 2 is 26 dB, a little more where it is clipped
        assertThat(report.measures().get(0).value().value()).isBetween(25.5, 29.0);
        assertThat(PairReport.of(originals, wrong).measures())
                .allMatch(row -> row.refused().contains("cannot tell pairs"));
        assertThat(PairReport.of(originals, originals).measures().get(1).value().value())
                .isCloseTo(1, within(1e-9));
        assertThatThrownBy(() -> PairReport.of(originals, noisy.subList(0, 3)))
                .hasMessageContaining("20 and 3");
    }
}
