package io.ebmstream.ops.bank;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.state.StateChanges;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PersistentBankTest {
    private static final ImageShape SHAPE = new ImageShape(1, 2, 3);

    private static float[] chain(int value) {
        float[] pixels = new float[SHAPE.size()];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = value + i / 10f;
        }
        return pixels;
    }

    @Test
    void slotsAreEmptyUntilWritten() {
        try (PersistentBank bank = new PersistentBank(70, SHAPE)) {
            assertThat(bank.started()).isZero();
            assertThat(bank.restarts(1, 0, 69, 0, 0)).isTrue();
            assertThatThrownBy(() -> bank.read(69, new float[6], 0))
                    .isInstanceOf(IllegalStateException.class);
            bank.write(69, chain(3), 0, 20, true);
            assertThat(bank.started()).isEqualTo(1);
            assertThat(bank.restarts(1, 0, 69, 0, 0)).isFalse();
            float[] found = new float[8];
            bank.read(69, found, 1);
            assertThat(found).containsExactly(0, 3f, 3.1f, 3.2f, 3.3f, 3.4f, 3.5f, 0);
        }
    }

    @Test
    void noiseCounterNeverGoesBackButAgeDoes() {
        try (PersistentBank bank = new PersistentBank(4, SHAPE)) {
            bank.write(2, chain(1), 0, 20, true);
            bank.write(2, chain(1), 0, 20, false);
            assertThat(bank.age(2)).isEqualTo(2);
            assertThat(bank.steps(2)).isEqualTo(40);
            bank.write(2, chain(1), 0, 30, true);
            assertThat(bank.age(2)).isEqualTo(1);
            assertThat(bank.steps(2)).isEqualTo(70);
        }
    }

    @Test
    void chainsRestartWhenTheirAgeExceedsTheLimit() {
        try (PersistentBank bank = new PersistentBank(4, SHAPE)) {
            for (int update = 1; update <= 3; update++) {
                bank.write(0, chain(0), 0, 1, update == 1);
                assertThat(bank.restarts(1, update, 0, 0, 2)).isEqualTo(update == 3);
                assertThat(bank.restarts(1, update, 0, 0, 0)).isFalse();
            }
        }
    }

    @Test
    void rejuvenationHasItsProbability() {
        try (PersistentBank bank = new PersistentBank(1000, SHAPE)) {
            for (int slot = 0; slot < 1000; slot++) {
                bank.write(slot, chain(0), 0, 1, true);
            }
            long restarts = 0;
            for (int round = 0; round < 20; round++) {
                int r = round;
                restarts +=
                        IntStream.range(0, 1000)
                                .filter(s -> bank.restarts(9, r, s, 0.05, 0))
                                .count();
            }
            // 20,000 trials: expected 1,000, standard deviation 31
            assertThat(restarts).isBetween(850L, 1150L);
        }
    }

    @Test
    void drawsAreAFunctionOfSeedAndRound() {
        try (PersistentBank bank = new PersistentBank(1000, SHAPE)) {
            assertThat(bank.draw(1, 5, 64)).isEqualTo(bank.draw(1, 5, 64)).doesNotHaveDuplicates();
            assertThat(bank.draw(1, 5, 64)).isNotEqualTo(bank.draw(1, 6, 64));
            assertThat(bank.draw(1, 5, 64)).isNotEqualTo(bank.draw(2, 5, 64));
        }
    }

    @Test
    void onlyChangedChunksAreDirtyAndEachComesBack() {
        try (PersistentBank bank = new PersistentBank(70, SHAPE);
                PersistentBank copy = new PersistentBank(70, SHAPE)) {
            bank.write(1, chain(5), 0, 7, true);
            bank.write(69, chain(6), 0, 7, true);
            bank.write(69, chain(7), 0, 7, false);
            assertThat(bank.pieces()).containsExactly("bank/0", "bank/2");
            StateChanges changes = new StateChanges();
            for (String chunk : changes.in(bank)) {
                copy.restore(chunk, bank.piece(chunk));
            }
            changes.written(bank);
            assertThat(changes.in(bank)).isEmpty();
            bank.write(69, chain(8), 0, 0, false);
            assertThat(changes.in(bank)).containsExactly("bank/2");
            copy.restore(bank.chunk(2));
            bank.put(69, chain(8), 0, 0, 2);
            copy.restore("bank/2", bank.chunk(2));
            assertThat(copy.started()).isEqualTo(2);
            assertThat(copy.steps(69)).isEqualTo(14);
            assertThat(copy.age(69)).isEqualTo(2);
            for (int chunk = 0; chunk < 3; chunk++) {
                assertThat(copy.chunk(chunk)).isEqualTo(bank.chunk(chunk));
            }
        }
    }

    @Test
    void chunksOfAnotherBankAreRefused() {
        try (PersistentBank bank = new PersistentBank(70, SHAPE);
                PersistentBank small = new PersistentBank(40, SHAPE);
                PersistentBank wide = new PersistentBank(70, new ImageShape(1, 3, 2))) {
            byte[] last = bank.chunk(2);
            byte[] first = bank.chunk(0);
            assertThatThrownBy(() -> small.restore(last))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("bank's size");
            assertThatThrownBy(() -> bank.restore("bank/1", first))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected state of bank/1, found that of bank/0");
            assertThatThrownBy(() -> bank.restore("bank/3", first))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("from bank/0 to bank/2");
            assertThatThrownBy(() -> bank.revision("replay/0"))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> wide.restore(first))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("[32, 1, 3, 2]");
        }
    }

    @Test
    void oldestChainsComeFirst() {
        try (PersistentBank bank = new PersistentBank(10, SHAPE)) {
            bank.write(3, chain(0), 0, 1, true);
            bank.write(5, chain(0), 0, 1, true);
            bank.write(5, chain(0), 0, 1, false);
            bank.write(8, chain(0), 0, 1, true);
            assertThat(bank.oldest(9)).containsExactly(5, 3, 8);
            assertThat(bank.oldest(2)).containsExactly(5, 3);
        }
    }

    @Test
    void aChainThatIsGivenUpKeepsItsNoiseCounter() {
        try (PersistentBank bank = new PersistentBank(4, SHAPE)) {
            bank.write(2, chain(1), 0, 20, true);
            bank.empty(2);
            bank.empty(1);
            assertThat(bank.started()).isZero();
            assertThat(bank.restarts(1, 0, 2, 0, 0)).isTrue();
            assertThat(bank.steps(2)).isEqualTo(20);
            bank.put(2, chain(4), 0, 5, 700);
            assertThat(bank.age(2)).isEqualTo(700);
            assertThat(bank.steps(2)).isEqualTo(25);
            bank.forget("bank/0");
            assertThat(bank.started()).isZero();
            assertThat(bank.steps(2)).isZero();
            assertThat(bank.chunk(0)).isEqualTo(new PersistentBank(4, SHAPE).chunk(0));
        }
    }

    @Test
    void useAfterCloseFails() {
        PersistentBank bank = new PersistentBank(10, SHAPE);
        bank.write(3, chain(0), 0, 1, true);
        bank.close();
        bank.close();
        assertThatThrownBy(() -> bank.read(3, new float[6], 0))
                .isInstanceOf(IllegalStateException.class);
    }
}
