package io.ebmstream.ops.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.ops.energy.ImageShape;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ImageResizeTest {
    @Test
    void halvingTakesTheMeanOfFour() {
        byte[] pixels = {0, 10, 20, 30, 2, 12, 22, 32};
        Image half =
                ImageResize.toShape(
                        new Image(new ImageShape(1, 2, 4), pixels, 3), new ImageShape(1, 1, 2));
        assertThat(half).isEqualTo(new Image(new ImageShape(1, 1, 2), new byte[] {6, 26}, 3));
    }

    @Test
    void pixelsAtABorderCountByTheirPart() {
        // three become two: 2/3 of one and 1/3 of the next
        byte[] pixels = {0, 30, 90, 0, 30, 90, 0, 30, 90};
        Image smaller =
                ImageResize.toShape(
                        new Image(new ImageShape(1, 3, 3), pixels), new ImageShape(1, 2, 2));
        assertThat(smaller.pixels()).containsExactly(10, 70, 10, 70);
    }

    @Test
    void theMiddleIsKept() {
        byte[] pixels = {1, 2, 3, 4, 5, 6};
        Image square =
                ImageResize.toShape(
                        new Image(new ImageShape(1, 1, 6), pixels), new ImageShape(1, 1, 2));
        assertThat(square.pixels()).containsExactly(3, 4);
    }

    @Test
    void channelsAreMadeAndMerged() {
        Image gray = new Image(new ImageShape(1, 1, 2), new byte[] {5, (byte) 250});
        Image colour = ImageResize.toShape(gray, new ImageShape(3, 1, 2));
        assertThat(colour.pixels()).containsExactly(5, 250, 5, 250, 5, 250);
        assertThat(ImageResize.toShape(colour, gray.shape())).isEqualTo(gray);
        Image green = new Image(new ImageShape(3, 1, 1), new byte[] {0, (byte) 200, 0});
        assertThat(ImageResize.toShape(green, new ImageShape(1, 1, 1)).pixels())
                .containsExactly(117);
        assertThatThrownBy(() -> ImageResize.toShape(gray, new ImageShape(2, 1, 2)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Property(tries = 300)
    void aFlatImageStaysFlat(
            @ForAll @IntRange(min = 1, max = 40) int height,
            @ForAll @IntRange(min = 1, max = 40) int width,
            @ForAll @IntRange(min = 1, max = 40) int newHeight,
            @ForAll @IntRange(min = 1, max = 40) int newWidth,
            @ForAll byte value) {
        byte[] pixels = new byte[height * width];
        Arrays.fill(pixels, value);
        Image resized =
                ImageResize.toShape(
                        new Image(new ImageShape(1, height, width), pixels),
                        new ImageShape(1, newHeight, newWidth));
        assertThat(resized.pixels()).containsOnly(value);
    }
}
