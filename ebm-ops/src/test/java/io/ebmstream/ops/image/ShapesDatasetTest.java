package io.ebmstream.ops.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.ops.energy.ImageShape;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

class ShapesDatasetTest {
    private static final ImageShape COLOUR = ShapesDataset.DEFAULT_SHAPE;

    @Test
    void imagesDoNotDependOnOrderOrSize() {
        ShapesDataset some = new ShapesDataset(COLOUR, 1, 10);
        ShapesDataset more = new ShapesDataset(COLOUR, 1, 1000);
        for (int i = 9; i >= 0; i--) {
            assertThat(some.image(i)).isEqualTo(more.image(i)).isEqualTo(some.image(i));
        }
        assertThat(some.image(3)).isNotEqualTo(some.image(4));
        assertThat(some.image(3)).isNotEqualTo(new ShapesDataset(COLOUR, 2, 10).image(3));
    }

    @Test
    void imagesAreTheSameOnEveryMachineAndInEveryRelease() {
        CRC32 crc = new CRC32();
        ShapesDataset images = new ShapesDataset(COLOUR, 42, 64);
        for (int i = 0; i < images.size(); i++) {
            crc.update(images.image(i).pixels());
            crc.update(images.image(i).label());
        }
        assertThat(crc.getValue()).isEqualTo(2632274677L);
    }

    @Test
    void everyClassIsThereAboutEquallyOften() {
        ShapesDataset images = new ShapesDataset(COLOUR, 5, 1600);
        int[] perClass = new int[images.classNames().size()];
        for (int i = 0; i < images.size(); i++) {
            perClass[images.image(i).label()]++;
        }
        assertThat(perClass).hasSize(8);
        for (int count : perClass) {
            // binomial, 200 +- 5 standard deviations
            assertThat(count).isBetween(134, 266);
        }
    }

    @Test
    void figureAndGroundDifferAndPixelsVary() {
        for (int channels : new int[] {1, 3}) {
            ShapesDataset images = new ShapesDataset(new ImageShape(channels, 32, 32), 9, 50);
            for (int i = 0; i < images.size(); i++) {
                double mean = 0;
                double square = 0;
                for (byte u : images.image(i).pixels()) {
                    mean += (u & 0xFF) / (1024.0 * channels);
                    square += (u & 0xFF) * (u & 0xFF) / (1024.0 * channels);
                }
                assertThat(Math.sqrt(square - mean * mean)).isGreaterThan(20);
            }
        }
    }

    @Test
    void shapesOfAllSizesAreDrawn() {
        for (ImageShape shape :
                new ImageShape[] {
                    new ImageShape(1, 8, 8), new ImageShape(3, 64, 40), new ImageShape(1, 28, 28)
                }) {
            assertThat(new ShapesDataset(shape, 1, 3).image(2).shape()).isEqualTo(shape);
        }
        assertThatThrownBy(() -> new ShapesDataset(new ImageShape(2, 32, 32), 1, 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ShapesDataset(COLOUR, 1, 0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ShapesDataset(COLOUR, 1, 3).image(3))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }
}
