package io.ebmstream.job.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.image.DecodeLimits;
import io.ebmstream.ops.image.Image;
import io.ebmstream.ops.image.ImageCodec;
import io.ebmstream.ops.image.ImageEncoding;
import io.ebmstream.ops.image.ImageFormatException;
import io.ebmstream.ops.image.ShapesDataset;
import io.ebmstream.schemas.WireFormat;
import io.ebmstream.schemas.WireFormatException;
import io.ebmstream.schemas.avro.ImageRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BrokenInputsTest {
    private static final ImageShape SHAPE = new ImageShape(3, 32, 32);
    private static final Image IMAGE = new ShapesDataset(SHAPE, 1, 10).image(3);

    @ParameterizedTest
    @EnumSource(BrokenInput.class)
    void theSameEachTime(BrokenInput kind) {
        assertThat(value(kind, 4)).isEqualTo(value(kind, 4)).hasSizeLessThan(1_000_000);
    }

    @ParameterizedTest
    @EnumSource(BrokenInput.class)
    void noneCanBeRead(BrokenInput kind) {
        assertThat(catchThrowable(() -> decode(value(kind, 0))))
                .isInstanceOfAny(WireFormatException.class, ImageFormatException.class);
    }

    @Test
    void eachIsRefusedForItsOwnReason() {
        assertThatThrownBy(() -> decode(value(BrokenInput.UNKNOWN_SCHEMA, 0)))
                .isInstanceOfSatisfying(
                        WireFormatException.class,
                        e ->
                                assertThat(e.reason())
                                        .isEqualTo(WireFormatException.Reason.UNKNOWN_SCHEMA));
        assertThatThrownBy(() -> decode(value(BrokenInput.DECOMPRESSION_BOMB, 0)))
                .hasMessageContaining("16384");
        assertThatThrownBy(() -> decode(value(BrokenInput.WRONG_DIMENSIONS, 0)))
                .hasMessageContaining("35");
        assertThatThrownBy(() -> decode(value(BrokenInput.NOT_A_NUMBER, 0)))
                .hasMessageContaining("NaN");
    }

    private static byte[] value(BrokenInput kind, long index) {
        return BrokenInputs.value(kind, IMAGE, "b", "s", 5, 17, index);
    }

    /** What the job does, in short. */
    private static Image decode(byte[] value) throws Exception {
        ImageRecord record = WireFormat.IMAGE.decode(value);
        ImageShape declared =
                new ImageShape(record.getChannels(), record.getHeight(), record.getWidth());
        byte[] bytes = new byte[record.getData().remaining()];
        record.getData().duplicate().get(bytes);
        Image image =
                new ImageCodec(DecodeLimits.DEFAULT)
                        .decode(
                                ImageEncoding.valueOf(record.getEncoding().name()),
                                declared,
                                bytes);
        if (!image.shape().equals(SHAPE)) {
            throw new ImageFormatException(SHAPE.toString(), declared.toString(), "resize it");
        }
        return image;
    }
}
