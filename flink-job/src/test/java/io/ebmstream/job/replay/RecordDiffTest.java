package io.ebmstream.job.replay;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.schemas.avro.ModelVersion;
import io.ebmstream.schemas.avro.PurifiedImage;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecordDiffTest {
    private static PurifiedImage.Builder image(byte... pixels) {
        return PurifiedImage.newBuilder()
                .setImageId("i")
                .setStreamId("s")
                .setEventTime(1)
                .setHeight(1)
                .setWidth(pixels.length)
                .setChannels(1)
                .setPixels(ByteBuffer.wrap(pixels))
                .setModelVersion(new ModelVersion(0L, 1L))
                .setSamplerHash("h")
                .setSeed(1)
                .setSteps(2)
                .setEnergyBefore(1.5)
                .setEnergyAfter(0.0)
                .setDisplacement(0.5)
                .setLogits(List.of(1f, Float.NaN));
    }

    @Test
    void findsNothingBetweenEqualRecords() {
        assertThat(RecordDiff.of(image((byte) 1).build(), image((byte) 1).build())).isEmpty();
    }

    @Test
    void saysWhereAndByHowMuchPixelsDiffer() {
        assertThat(
                        RecordDiff.of(
                                image((byte) 1, (byte) 250, (byte) 7).build(),
                                image((byte) 1, (byte) 4, (byte) 8).build()))
                .containsExactly(
                        "pixels: 2 of 3 differ, the first at 1 (recorded 250, computed 4), by at"
                                + " most 246 of 255");
    }

    @Test
    void comparesNumbersByTheirBits() {
        assertThat(
                        RecordDiff.of(
                                image((byte) 1).build(),
                                image((byte) 1)
                                        .setEnergyAfter(-0.0)
                                        .setEnergyBefore(Math.nextUp(1.5))
                                        .setLogits(List.of(1f, 2f))
                                        .build()))
                .containsExactly(
                        "energy_before: recorded 1.5, computed 1.5000000000000002",
                        "energy_after: recorded 0.0, computed -0.0",
                        "logits: recorded [1.0, NaN], computed [1.0, 2.0]");
    }
}
