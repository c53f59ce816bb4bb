package io.ebmstream.ops.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ebmstream.ops.energy.ImageShape;
import org.junit.jupiter.api.Test;

class ImageQualityTest {
    private static Image image(int... values) {
        byte[] pixels = new byte[values.length];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) values[i];
        }
        return new Image(new ImageShape(1, 1, values.length), pixels);
    }

    @Test
    void meanSquaredErrorInUnitsOfNetworkPixels() {
        assertThat(ImageQuality.mse(image(0, 0), image(255, 255))).isCloseTo(4, within(1e-12));
        assertThat(ImageQuality.mse(image(9, 200), image(9, 200))).isZero();
        double step = 2.0 / 255;
        assertThat(ImageQuality.mse(image(9, 200), image(12, 199)))
                .isCloseTo((9 + 1) / 2.0 * step * step, within(1e-12));
    }

    @Test
    void peakSignalToNoiseRatio() {
        assertThat(ImageQuality.psnr(image(0), image(255))).isCloseTo(0, within(1e-9));
        // an error of one byte step everywhere: 20 log10(255)
        assertThat(ImageQuality.psnr(image(7), image(8))).isCloseTo(48.1308, within(1e-4));
        assertThat(ImageQuality.psnr(image(7), image(7))).isEqualTo(Double.POSITIVE_INFINITY);
    }

    @Test
    void shapesMustAgree() {
        assertThatThrownBy(() -> ImageQuality.mse(image(1), image(1, 2)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
