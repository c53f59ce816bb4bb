package io.ebmstream.ops.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ebmstream.ops.energy.ImageShape;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class ImageTest {
    private static final ImageShape SHAPE = new ImageShape(3, 2, 2);

    private static Image image(int first) {
        byte[] pixels = new byte[SHAPE.size()];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) (first + 20 * i);
        }
        return new Image(SHAPE, pixels, 4);
    }

    @Test
    void everyByteSurvivesTheWayToFloatAndBack() {
        for (int u = 0; u < 256; u++) {
            float x = Pixels.toFloat((byte) u);
            assertThat((double) x).isCloseTo(2.0 * u / 255 - 1, within(1e-7));
            assertThat(Pixels.toByte(x) & 0xFF).isEqualTo(u);
        }
        assertThat(Pixels.toFloat((byte) 0)).isEqualTo(-1f);
        assertThat(Pixels.toFloat((byte) 255)).isEqualTo(1f);
    }

    @Test
    void floatsAreRoundedAndClipped() {
        float step = 2f / 255;
        assertThat(Pixels.toByte(-1 + 0.49f * step)).isEqualTo((byte) 0);
        assertThat(Pixels.toByte(-1 + 0.51f * step)).isEqualTo((byte) 1);
        assertThat(Pixels.toByte(-7f)).isEqualTo((byte) 0);
        assertThat(Pixels.toByte(Float.MAX_VALUE)).isEqualTo((byte) 255);
    }

    @Test
    void nonFiniteFloatsAreNeverReplaced() {
        for (float x : new float[] {Float.NaN, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> Pixels.toByte(x))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("found " + x);
        }
    }

    @Test
    void aWrongNumberOfPixelsOrALabelBelowNoneIsRefused() {
        assertThatThrownBy(() -> new Image(SHAPE, new byte[11]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected 12 pixel bytes for an image of 3x2x2, found 11");
        assertThatThrownBy(() -> new Image(SHAPE, new byte[12], -2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("-2");
    }

    @Test
    void equalByContent() {
        assertThat(image(1)).isEqualTo(image(1)).hasSameHashCodeAs(image(1));
        assertThat(image(1)).isNotEqualTo(image(2)).isNotEqualTo(image(1).withLabel(5));
        assertThat(image(1).pixel(2, 1, 0)).isEqualTo(1 + 20 * 10);
    }

    @Test
    void floatArraysHoldTheImageFromTheOffsetOn() {
        float[] out = new float[SHAPE.size() + 3];
        image(7).toFloat(out, 2);
        assertThat(out[1]).isZero();
        assertThat(out[out.length - 1]).isZero();
        assertThat(Image.fromFloat(SHAPE, out, 2)).isEqualTo(image(7).withLabel(Image.NO_LABEL));
        assertThatThrownBy(() -> image(7).toFloat(out, 4))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void aBatchHoldsImagesInItsSlots() {
        try (INDArray batch = Nd4j.zeros(DataType.FLOAT, 4, 3, 2, 2)) {
            image(3).copyInto(batch, 1);
            image(9).copyInto(batch, 3);
            assertThat(batch.getFloat(1, 2, 1, 0)).isEqualTo(Pixels.toFloat((byte) (3 + 200)));
            assertThat(batch.getFloat(0, 0, 0, 0)).isZero();
            assertThat(Image.fromBatch(batch, 1)).isEqualTo(image(3).withLabel(-1));
            assertThat(Image.fromBatch(batch, 3)).isEqualTo(image(9).withLabel(-1));

            INDArray part =
                    batch.get(
                            NDArrayIndex.interval(2, 4),
                            NDArrayIndex.all(),
                            NDArrayIndex.all(),
                            NDArrayIndex.all());
            image(50).copyInto(part, 0);
            assertThat(Image.fromBatch(batch, 2)).isEqualTo(image(50).withLabel(-1));
            assertThat(Image.fromBatch(part, 1)).isEqualTo(image(9).withLabel(-1));
        }
    }

    @Test
    void aBatchOfAnotherKindIsRefused() {
        try (INDArray doubles = Nd4j.zeros(DataType.DOUBLE, 2, 3, 2, 2);
                INDArray larger = Nd4j.zeros(DataType.FLOAT, 2, 3, 4, 2);
                INDArray flat = Nd4j.zeros(DataType.FLOAT, 2, 12);
                INDArray fortran = Nd4j.create(DataType.FLOAT, new long[] {2, 3, 2, 2}, 'f');
                INDArray good = Nd4j.zeros(DataType.FLOAT, 2, 3, 2, 2)) {
            for (INDArray batch : new INDArray[] {doubles, larger, flat, fortran}) {
                assertThatThrownBy(() -> image(0).copyInto(batch, 0))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("expected a contiguous float32 batch");
            }
            assertThatThrownBy(() -> image(0).copyInto(good, 2))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("expected a slot from 0 to 1, found 2");
        }
    }

    @Test
    void paddingPutsTheImageInTheMiddleOfBlack() {
        Image padded = image(5).padded(5, 4);
        assertThat(padded.shape()).isEqualTo(new ImageShape(3, 5, 4));
        assertThat(padded.label()).isEqualTo(4);
        for (int c = 0; c < 3; c++) {
            for (int y = 0; y < 5; y++) {
                for (int x = 0; x < 4; x++) {
                    boolean inside = y >= 1 && y < 3 && x >= 1 && x < 3;
                    assertThat(padded.pixel(c, y, x))
                            .isEqualTo(inside ? image(5).pixel(c, y - 1, x - 1) : 0);
                }
            }
        }
        assertThatThrownBy(() -> image(5).padded(1, 4))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
