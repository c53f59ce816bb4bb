package io.ebmstream.ops.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ebmstream.ops.energy.ImageShape;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class CorruptionTest {
    private static final ImageShape SHAPE = new ImageShape(3, 32, 32);

    private static Image flat(int value) {
        byte[] pixels = new byte[SHAPE.size()];
        Arrays.fill(pixels, (byte) value);
        return new Image(SHAPE, pixels, 6);
    }

    private static long changed(Image before, Image after, int plane) {
        long count = 0;
        for (int i = 0; i < 1024; i++) {
            int at = plane * 1024 + i;
            count += before.pixels()[at] == after.pixels()[at] ? 0 : 1;
        }
        return count;
    }

    @Test
    void aFunctionOfSeedAndIndex() {
        Image image = new ShapesDataset(SHAPE, 1, 1).image(0);
        byte[] before = image.pixels().clone();
        for (Corruption corruption :
                List.of(
                        new Corruption.Noise(0.2),
                        new Corruption.Occlusion(0.2),
                        new Corruption.SaltAndPepper(0.2))) {
            Image damaged = corruption.apply(image, 5, 8);
            assertThat(damaged).isEqualTo(corruption.apply(image, 5, 8));
            assertThat(damaged).isNotEqualTo(image);
            assertThat(damaged).isNotEqualTo(corruption.apply(image, 6, 8));
            assertThat(damaged).isNotEqualTo(corruption.apply(image, 5, 9));
            assertThat(damaged.label()).isEqualTo(image.label());
        }
        assertThat(image.pixels()).isEqualTo(before);
    }

    @Test
    void noiseHasTheSigmaAskedFor() {
        double sum = 0;
        double squares = 0;
        int n = 0;
        for (int index = 0; index < 20; index++) {
            Image noisy = new Corruption.Noise(0.1).apply(flat(128), 3, index);
            for (byte u : noisy.pixels()) {
                double difference = Pixels.toFloat(u) - Pixels.toFloat((byte) 128);
                sum += difference;
                squares += difference * difference;
                n++;
            }
        }
        // 61,440 draws: standard errors 0.0004 and 0.0003; rounding adds (2/255)^2 / 12
        assertThat(sum / n).isCloseTo(0, within(0.002));
        assertThat(Math.sqrt(squares / n)).isCloseTo(0.1, within(0.0015));
    }

    @Test
    void occlusionCoversItsFractionInAllChannels() {
        for (double fraction : new double[] {0.001, 0.1, 0.25, 1}) {
            Image damaged = new Corruption.Occlusion(fraction).apply(flat(200), 1, 2);
            long area = changed(flat(200), damaged, 0);
            assertThat((double) area).isCloseTo(Math.max(1, fraction * 1024), within(33.0));
            assertThat(changed(flat(200), damaged, 2)).isEqualTo(area);
        }
        Image wide = new Image(new ImageShape(1, 4, 64), new byte[256]);
        Image damaged = new Corruption.Occlusion(0.5).apply(wide, 1, 1);
        int covered = 0;
        for (byte u : damaged.pixels()) {
            covered += u == 0 ? 0 : 1;
        }
        assertThat(covered).isEqualTo(128);
    }

    @Test
    void saltAndPepperHitsItsFractionHalfWhite() {
        long hit = 0;
        long white = 0;
        for (int index = 0; index < 20; index++) {
            Image damaged = new Corruption.SaltAndPepper(0.3).apply(flat(128), 3, index);
            hit += changed(flat(128), damaged, 1);
            for (int i = 0; i < 1024; i++) {
                white += damaged.pixels()[i] == (byte) 255 ? 1 : 0;
            }
        }
        // binomial: 6144 +- 66, 3072 +- 51
        assertThat(hit).isBetween(5850L, 6440L);
        assertThat(white).isBetween(2850L, 3300L);
    }

    @Test
    void parametersAreChecked() {
        for (double bad : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> new Corruption.Noise(bad))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> new Corruption.Occlusion(bad))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> new Corruption.SaltAndPepper(bad))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
