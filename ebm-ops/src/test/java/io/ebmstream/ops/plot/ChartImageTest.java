package io.ebmstream.ops.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChartImageTest {
    private static final double[] X = {1, 10, 100, 1000};
    private static final double[] RISING = {0, 1, 2, 3};

    private static BufferedImage draw(Chart... charts) throws IOException {
        return ImageIO.read(new ByteArrayInputStream(ChartImage.png(charts)));
    }

    private static int count(BufferedImage picture, Color colour) {
        int found = 0;
        for (int y = 0; y < picture.getHeight(); y++) {
            for (int x = 0; x < picture.getWidth(); x++) {
                found += (picture.getRGB(x, y) & 0xFFFFFF) == (colour.getRGB() & 0xFFFFFF) ? 1 : 0;
            }
        }
        return found;
    }

    /** Mean row of the pixels near a colour between two columns, from the top. */
    private static double height(BufferedImage picture, Color colour, int from, int to) {
        long sum = 0;
        int found = 0;
        // the legend's line is in the lowest part
        for (int y = 0; y < picture.getHeight() * 9 / 10; y++) {
            for (int x = from; x < to; x++) {
                if (near(new Color(picture.getRGB(x, y)), colour)) {
                    sum += y;
                    found++;
                }
            }
        }
        return (double) sum / found;
    }

    /** Lines have soft edges: a slanted one may have no pixel of its full colour. */
    private static boolean near(Color a, Color b) {
        return Math.abs(a.getRed() - b.getRed()) < 80
                && Math.abs(a.getGreen() - b.getGreen()) < 80
                && Math.abs(a.getBlue() - b.getBlue()) < 80;
    }

    @Test
    void drawsEachSeriesInAColourOfItsOwn() throws Exception {
        BufferedImage one = draw(new Chart("t", "x", "y").line("a", X, RISING));
        BufferedImage two =
                draw(
                        new Chart("t", "x", "y")
                                .line("a", X, RISING)
                                .line("b", X, new double[] {3, 2, 1, 0}));
        assertThat(one.getWidth()).isEqualTo(900);
        assertThat(one.getHeight()).isEqualTo(500);
        assertThat(count(one, Drawing.COLOURS[0])).isGreaterThan(300);
        assertThat(count(one, Drawing.COLOURS[1])).isZero();
        assertThat(count(two, Drawing.COLOURS[1])).isGreaterThan(300);
    }

    @Test
    void largerValuesStandHigher() throws Exception {
        BufferedImage picture = draw(new Chart("", "x", "y").logX().line("a", X, RISING));
        double left = height(picture, Drawing.COLOURS[0], 80, 300);
        double right = height(picture, Drawing.COLOURS[0], 600, 880);
        assertThat(right).isLessThan(left - 100);
    }

    /** Powers of ten rise by equal steps on a logarithmic axis and bend on a linear one. */
    @Test
    void logarithmicAxesStraightenPowers() throws Exception {
        BufferedImage straight = draw(new Chart("", "x", "y").logX().logY().line("a", X, X));
        BufferedImage bent = draw(new Chart("", "x", "y").logX().line("a", X, X));
        double ends =
                (height(straight, Drawing.COLOURS[0], 150, 160)
                                + height(straight, Drawing.COLOURS[0], 790, 800))
                        / 2;
        assertThat(height(straight, Drawing.COLOURS[0], 470, 480)).isBetween(ends - 12, ends + 12);
        double bentEnds =
                (height(bent, Drawing.COLOURS[0], 150, 160)
                                + height(bent, Drawing.COLOURS[0], 790, 800))
                        / 2;
        assertThat(height(bent, Drawing.COLOURS[0], 470, 480)).isGreaterThan(bentEnds + 50);
    }

    /** An axis without extent once took minutes to find its ticks. */
    @Test
    void aSeriesOfNothingButZerosHasAnAxisOfOrdinaryLength() throws Exception {
        Chart zeros = new Chart("", "x", "y").line("a", X, new double[4]);
        assertThat(Drawing.of(zeros).getXYPlot().getRangeAxis().getRange().getLength())
                .isGreaterThanOrEqualTo(1);
        // no pixel there would be no number
        assertThat(height(draw(zeros), Drawing.COLOURS[0], 150, 800)).isBetween(150.0, 350.0);
    }

    @Test
    void intervalsAreShown() throws Exception {
        double[] low = {-1, 0, 1, 2};
        double[] high = {1, 2, 3, 4};
        Chart plain = new Chart("", "x", "y").yRange(-2, 5).line("a", X, RISING);
        Chart band = new Chart("", "x", "y").yRange(-2, 5).band("a", X, RISING, low, high);
        Chart marked = new Chart("", "x", "y").logX().yRange(-2, 5).marked("a", X, RISING);
        Chart bars = new Chart("", "x", "y").logX().yRange(-2, 5).bars("a", X, RISING, low, high);
        // blue at a fifth of its strength over white
        Color shade = new Color(0xCC, 0xE3, 0xF0);
        // a few pixels of the line's soft edge
        assertThat(count(draw(plain), shade)).isLessThan(100);
        assertThat(count(draw(band), shade)).isGreaterThan(2000);
        assertThat(count(draw(bars), Drawing.COLOURS[0]))
                .isGreaterThan(count(draw(marked), Drawing.COLOURS[0]) + 150);
    }

    @Test
    void whatIsNotFiniteOrHasNoLogarithmLeavesAGap() throws Exception {
        double[] x = {1, 2, 3, 4, 5};
        double[] whole = {1, 2, 1, 2, 1};
        int all = count(draw(new Chart("", "x", "y").line("a", x, whole)), Drawing.COLOURS[0]);
        for (double hole : new double[] {Double.NaN, Double.POSITIVE_INFINITY, 0, -1}) {
            Chart chart =
                    new Chart("", "x", "y")
                            .logY()
                            .yRange(0.5, 2.5)
                            .line("a", x, new double[] {1, 2, hole, 2, 1});
            assertThat(count(draw(chart), Drawing.COLOURS[0])).isBetween(100, all * 2 / 3);
        }
        Chart empty = new Chart("", "x", "y").logX().logY().line("a", x, new double[5]);
        assertThat(count(draw(empty), Drawing.COLOURS[0])).isLessThan(100);
    }

    @Test
    void panelsStandBelowEachOther() throws Exception {
        BufferedImage picture =
                draw(
                        new Chart("first", "x", "y").line("a", X, RISING),
                        new Chart("second", "x", "y")
                                .line("none", X, new double[] {5, 5, 5, 5})
                                .level("floor", 4));
        assertThat(picture.getHeight()).isEqualTo(2 * ChartImage.PANEL_HEIGHT);
        BufferedImage upper = picture.getSubimage(0, 0, 900, ChartImage.PANEL_HEIGHT);
        BufferedImage lower =
                picture.getSubimage(0, ChartImage.PANEL_HEIGHT, 900, ChartImage.PANEL_HEIGHT);
        assertThat(count(upper, Drawing.COLOURS[0])).isGreaterThan(200);
        assertThat(count(lower, Drawing.COLOURS[1])).isZero();
        double line = height(lower, Drawing.COLOURS[0], 100, 800);
        double floor = height(lower, new Color(0x333333), 100, 800);
        assertThat(floor).as("dashed line below").isGreaterThan(line + 20);
    }

    @Test
    void theSameChartGivesTheSameBytes(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("new/chart.png");
        ChartImage.write(file, new Chart("t", "x", "y").line("a", X, RISING));
        assertThat(Files.readAllBytes(file))
                .isEqualTo(ChartImage.png(new Chart("t", "x", "y").line("a", X, RISING)));
    }

    @Test
    void saysWhatIsWrong() {
        Chart chart = new Chart("t", "x", "y");
        assertThatThrownBy(() -> chart.line("a", X, new double[3]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("4 x, 3 y");
        assertThatThrownBy(() -> chart.yRange(1, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(ChartImage::png).isInstanceOf(IllegalArgumentException.class);
    }
}
