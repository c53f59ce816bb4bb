package io.ebmstream.job.board;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.schemas.avro.Alarm;
import io.ebmstream.schemas.avro.PurifiedImage;
import java.util.List;
import org.junit.jupiter.api.Test;

class BoardAlarmsTest {
    private static final long T = 1_800_000_000_000L;

    private final BoardAlarms alarms = new BoardAlarms();

    @Test
    void tellsWhatTheTestFound() {
        alarms.add(Records.alarm("door", "energies rose", "i-1"), T);
        BoardView.Alarm alarm = alarms.view().get(0);
        assertThat(alarm)
                .isEqualTo(
                        new BoardView.Alarm(
                                "alarm-door",
                                "door",
                                "drift_up",
                                T,
                                "0.1",
                                Records.WINDOW_START,
                                Records.WINDOW_END,
                                128,
                                7.5,
                                6.25,
                                1e6,
                                1.25e-5,
                                "energies rose",
                                List.of(
                                        new BoardView.Example(
                                                "i-1", Records.WINDOW_END, 3.5, 2.25, null))));
    }

    @Test
    void whatATestDoesNotGiveIsNotMadeUp() {
        Alarm alarm = Records.alarm("door", "");
        alarm.setPValue(null);
        alarm.setThreshold(null);
        alarm.setRunLength(null);
        alarms.add(alarm, T);
        assertThat(alarms.view().get(0))
                .satisfies(
                        a -> {
                            assertThat(a.p()).isNull();
                            assertThat(a.threshold()).isNull();
                            assertThat(a.runLength()).isNull();
                            assertThat(a.examples()).isEmpty();
                        });
    }

    @Test
    void examplesAreReadOnceWhicheverRecordComesFirst() {
        alarms.purified(Records.purified("door", "before", 1, T));
        alarms.purified(Records.purified("yard", "after", 1, T));
        alarms.add(Records.alarm("door", "", "before", "after", "never"), T);
        ImagePlace before = alarms.toRead();
        assertThat(before.image()).isEqualTo("before");
        assertThat(alarms.toRead()).as("of another stream").isNull();
        alarms.purified(Records.purified("door", "after", 1, T));
        alarms.purified(Records.purified("door", "after", 1, T));
        ImagePlace after = alarms.toRead();
        assertThat(after.image()).isEqualTo("after");
        assertThat(alarms.toRead()).isNull();

        assertThat(alarms.picture(after, new byte[] {7})).isTrue();
        List<BoardView.Example> shown = alarms.view().get(0).examples();
        assertThat(shown).extracting(BoardView.Example::picture).containsExactly(null, 1L, null);
        assertThat(alarms.picture(1)).hasValue(new byte[] {7});
        assertThat(alarms.picture(0)).isEmpty();
        assertThat(alarms.picture(2)).isEmpty();
    }

    @Test
    void anInputThatLiesNowhereIsNotReadFor() {
        PurifiedImage image = Records.purified("door", "i", 1, T);
        image.setSourceOffset(-1);
        alarms.purified(image);
        alarms.add(Records.alarm("door", "", "i"), T);
        assertThat(alarms.toRead()).isNull();
    }

    @Test
    void anAlarmThatComesAgainReplacesItself() {
        alarms.add(Records.alarm("door", "first"), T);
        alarms.add(Records.alarm("yard", "other"), T + 1);
        alarms.add(Records.alarm("door", "again"), T + 2);
        assertThat(alarms.view())
                .extracting(BoardView.Alarm::message)
                .containsExactly("again", "other");
    }

    @Test
    void keepsABoundedNumberOfEverything() {
        String[] images = new String[20];
        for (int i = 0; i < images.length; i++) {
            images[i] = "i" + i;
        }
        for (int i = 0; i < 100; i++) {
            alarms.add(Records.alarm("s" + i, "x".repeat(5_000), images), T + i);
        }
        assertThat(alarms.view()).hasSize(BoardAlarms.ALARMS);
        BoardView.Alarm newest = alarms.view().get(0);
        assertThat(newest.stream()).isEqualTo("s99");
        assertThat(newest.message().length()).isLessThan(1_100);
        assertThat(newest.examples())
                .hasSize(BoardAlarms.EXAMPLES)
                .first()
                .returns("i0", BoardView.Example::image);
        // pictures of alarms that are gone are not kept
        assertThat(alarms.picture(ImagePlace.of(Records.purified("s1", "i0", 1, T)), new byte[1]))
                .isFalse();
        // nor are places of images that came long ago
        alarms.purified(Records.purified("late", "first", 1, T));
        for (int i = 0; i < BoardAlarms.PLACES; i++) {
            alarms.purified(Records.purified("late", "i" + i, 1, T));
        }
        alarms.add(Records.alarm("late", "", "first", "i0"), T);
        assertThat(alarms.toRead().image()).isEqualTo("i0");
        assertThat(alarms.toRead()).isNull();
    }
}
