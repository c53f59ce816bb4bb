package io.ebmstream.ops.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ebmstream.ops.energy.ImageShape;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class StructuralSimilarityTest {
    private static final ImageShape SHAPE = new ImageShape(3, 16, 16);

    private final Image image = new ShapesDataset(SHAPE, 1, 1).image(0);

    @Test
    void isOneForEqualImagesAndFallsWithDamage() {
        assertThat(StructuralSimilarity.of(image, image)).isCloseTo(1, within(1e-12));
        double little =
                StructuralSimilarity.of(image, new Corruption.Noise(0.1).apply(image, 1, 0));
        double more = StructuralSimilarity.of(image, new Corruption.Noise(0.5).apply(image, 1, 0));
        assertThat(little).isBetween(more + 0.05, 0.999);
    }

    /** Two flat images: no variance, only the means' term is left. */
    @Test
    void ofFlatImagesComparesTheirMeans() {
        double c1 = Math.pow(0.01 * 255, 2);
        assertThat(StructuralSimilarity.of(flat(100), flat(150)))
                .isCloseTo((2 * 100 * 150 + c1) / (100 * 100 + 150 * 150 + c1), within(1e-9));
    }

    @Test
    void aNegativeImageIsUnlike() {
        byte[] negative = image.pixels().clone();
        for (int i = 0; i < negative.length; i++) {
            negative[i] = (byte) (255 - (negative[i] & 0xFF));
        }
        assertThat(StructuralSimilarity.of(image, new Image(SHAPE, negative))).isLessThan(0.1);
    }

    @Test
    void wantsRoomForTheWindow() {
        Image small = new Image(new ImageShape(1, 10, 16), new byte[160]);
        assertThatThrownBy(() -> StructuralSimilarity.of(small, small))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least 11 pixels")
                .hasMessageContaining("1x10x16");
    }

    private static Image flat(int value) {
        byte[] pixels = new byte[SHAPE.size()];
        Arrays.fill(pixels, (byte) value);
        return new Image(SHAPE, pixels);
    }
}
