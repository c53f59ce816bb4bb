package io.ebmstream.ops.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class StateFormatTest {

    private static byte[] sample() {
        return new StateWriter(StateKind.BANK_CHUNK, 0)
                .putInt(-7)
                .putLong(1L << 40)
                .putDouble(-0.125)
                .putFloats(new float[] {1.5f, -2, Float.MIN_VALUE, 0, 3e38f, -0f}, 2, 3)
                .putInts(new int[] {Integer.MAX_VALUE, -1}, 2)
                .putLongs(new long[] {Long.MIN_VALUE}, 1)
                .putBytes(new byte[] {0, 127, -128, -1}, 2, 2)
                .toBytes();
    }

    private static byte[] golden() throws IOException {
        try (InputStream in = StateFormatTest.class.getResourceAsStream("/golden/state-v1.bin")) {
            assertThat(in).as("golden bytes of state format 1").isNotNull();
            return in.readAllBytes();
        }
    }

    @Test
    void bytesOfFormat1AreTheReleasedOnes() throws IOException {
        assertThat(sample()).isEqualTo(golden());
    }

    @Test
    void releasedBytesOfFormat1AreRead() throws IOException {
        StateReader reader = new StateReader(StateKind.BANK_CHUNK, golden());
        assertThat(reader.nextInt()).isEqualTo(-7);
        assertThat(reader.nextLong()).isEqualTo(1L << 40);
        assertThat(reader.nextDouble()).isEqualTo(-0.125);
        assertThat(reader.nextFloats(2, 3))
                .containsExactly(1.5f, -2, Float.MIN_VALUE, 0, 3e38f, -0f);
        assertThat(reader.nextInts(2)).containsExactly(Integer.MAX_VALUE, -1);
        assertThat(reader.nextLongs(1)).containsExactly(Long.MIN_VALUE);
        assertThat(reader.nextBytes(2, 2)).containsExactly(0, 127, -128, -1);
        reader.end();
    }

    @Property(tries = 200)
    void everyFlippedBitIsFound(
            @ForAll @IntRange(max = 10_000) int place, @ForAll @IntRange(max = 7) int bit) {
        byte[] bytes = sample();
        bytes[place % bytes.length] ^= (byte) (1 << bit);
        assertThatThrownBy(() -> new StateReader(StateKind.BANK_CHUNK, bytes))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Property(tries = 200)
    void randomBytesAreRefused(@ForAll @Size(max = 200) byte[] bytes) {
        assertThatThrownBy(() -> new StateReader(StateKind.LEARNER_CORE, bytes))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Property(tries = 100)
    void everyTensorComesBack(@ForAll @Size(max = 50) float[] values) {
        byte[] bytes =
                new StateWriter(StateKind.LEARNER_CORE, 8)
                        .putFloats(values, 1, values.length)
                        .toBytes();
        StateReader reader = new StateReader(StateKind.LEARNER_CORE, bytes);
        assertThat(reader.nextFloats(1, values.length)).isEqualTo(values);
        reader.end();
    }

    @Test
    void truncatedBytesAreRefused() {
        byte[] bytes = sample();
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> new StateReader(StateKind.BANK_CHUNK, cut))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void newerFormatIsNamed() {
        byte[] bytes = sample();
        bytes[4] = 2;
        assertThatThrownBy(() -> new StateReader(StateKind.BANK_CHUNK, bytes))
                .hasMessageContaining("version 1")
                .hasMessageContaining("found version 2");
    }

    @Test
    void anotherKindIsNamed() {
        assertThatThrownBy(() -> new StateReader(StateKind.REPLAY_CHUNK, sample()))
                .hasMessageContaining("REPLAY_CHUNK");
    }

    @Test
    void anotherShapeIsNamed() {
        StateReader reader = new StateReader(StateKind.BANK_CHUNK, sample());
        reader.nextInt();
        reader.nextLong();
        reader.nextDouble();
        assertThatThrownBy(() -> reader.nextFloats(3, 2))
                .hasMessageContaining("[3, 2]")
                .hasMessageContaining("[2, 3]");
    }

    @Test
    void whatIsLeftOverIsAnError() {
        StateReader reader = new StateReader(StateKind.BANK_CHUNK, sample());
        reader.nextInt();
        assertThatThrownBy(reader::end).hasMessageContaining("more bytes");
    }
}
