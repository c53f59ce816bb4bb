package io.ebmstream.ops.learner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.ops.state.StateChanges;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class ReplayBufferTest {

    private static byte[] image(int number) {
        return ByteBuffer.allocate(4).putInt(number).array();
    }

    private static int number(byte[] image) {
        return ByteBuffer.wrap(image).getInt();
    }

    private static ReplayBuffer filled(int capacity, int images) {
        ReplayBuffer buffer = new ReplayBuffer(capacity, 4, 77);
        for (int i = 0; i < images; i++) {
            buffer.add(image(i));
        }
        return buffer;
    }

    @Test
    void fillsInOrder() {
        ReplayBuffer buffer = filled(100, 60);
        assertThat(buffer.size()).isEqualTo(60);
        assertThat(number(buffer.image(59))).isEqualTo(59);
    }

    @Test
    void recentImagesAreMoreLikely() {
        ReplayBuffer buffer = filled(1000, 5000);
        assertThat(buffer.size()).isEqualTo(1000);
        assertThat(buffer.seen()).isEqualTo(5000);
        int recent = 0;
        int old = 0;
        for (int slot = 0; slot < 1000; slot++) {
            int age = 4999 - number(buffer.image(slot));
            recent += age < 1000 ? 1 : 0;
            old += age >= 3000 ? 1 : 0;
        }
        // shares of an exponential age: 1 - 1/e = 632, e^-3 = 50; standard deviation about 12
        assertThat(recent).isBetween(580, 680);
        assertThat(old).isBetween(20, 85);
    }

    @Test
    void restoredBufferGoesOnTheSameWay() {
        ReplayBuffer whole = filled(70, 150);
        ReplayBuffer first = filled(70, 100);
        ReplayBuffer second = new ReplayBuffer(70, 4, 77);
        for (String chunk : first.pieces()) {
            second.restore(chunk, first.piece(chunk));
        }
        second.restoreSeen(100);
        for (int i = 100; i < 150; i++) {
            second.add(image(i));
        }
        for (int chunk = 0; chunk < 3; chunk++) {
            assertThat(second.chunk(chunk)).isEqualTo(whole.chunk(chunk));
        }
    }

    @Test
    void onlyChangedChunksAreDirty() {
        ReplayBuffer buffer = filled(100, 33);
        StateChanges changes = new StateChanges();
        assertThat(changes.in(buffer)).containsExactly("replay/0", "replay/1");
        changes.written(buffer);
        buffer.add(image(33));
        assertThat(changes.in(buffer)).containsExactly("replay/1");
    }

    @Test
    void missingChunksAreNamed() {
        ReplayBuffer buffer = new ReplayBuffer(100, 4, 1);
        buffer.restore(filled(100, 40).chunk(0));
        assertThatThrownBy(() -> buffer.restoreSeen(40))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("none for 1");
    }

    @Test
    void imagesOfAnotherSizeAreRefused() {
        assertThatThrownBy(() -> filled(2, 0).add(new byte[5]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("found 5");
    }
}
