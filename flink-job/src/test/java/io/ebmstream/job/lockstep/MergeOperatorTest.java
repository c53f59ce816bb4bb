package io.ebmstream.job.lockstep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.job.TestModels;
import io.ebmstream.job.decode.ImageEvent;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One order of images, whatever the order of arrival. */
// the harness's close() throws Exception
@SuppressWarnings("try")
class MergeOperatorTest {
    private static final int PARTITIONS = 3;
    private static final int EACH = 8;

    /** Number 2 of partition 1 is a dead letter. */
    private static Numbered place(int partition, int number) {
        boolean dead = partition == 1 && number == 2;
        return new Numbered(
                partition,
                number,
                dead ? null : TestModels.image(number * PARTITIONS + partition, "s"));
    }

    private static List<Numbered> all() {
        List<Numbered> places = new ArrayList<>();
        for (int partition = 0; partition < PARTITIONS; partition++) {
            for (int number = 0; number < EACH; number++) {
                places.add(place(partition, number));
            }
        }
        return places;
    }

    private static List<String> ordered() {
        return IntStream.range(0, PARTITIONS * EACH)
                .filter(rank -> rank != 2 * PARTITIONS + 1)
                .mapToObj(rank -> "image-" + rank)
                .toList();
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, Numbered, ImageEvent> harness()
            throws Exception {
        return new KeyedOneInputStreamOperatorTestHarness<>(
                new MergeOperatorFactory(PARTITIONS), place -> "m/0", Types.STRING, 16, 1, 0);
    }

    private static List<String> ids(
            KeyedOneInputStreamOperatorTestHarness<String, Numbered, ImageEvent> harness) {
        return harness.extractOutputValues().stream().map(ImageEvent::imageId).toList();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void theOrderIsThatOfTheNumbersWhateverArrivesFirst(long seed) throws Exception {
        List<Numbered> places = all();
        if (seed > 1) {
            Collections.shuffle(places, new Random(seed));
        }
        List<String> found = new ArrayList<>();
        int cut = (int) (seed * 3 % places.size());
        OperatorSubtaskState state;
        try (var harness = harness()) {
            harness.open();
            for (Numbered place : places.subList(0, cut)) {
                harness.processElement(new StreamRecord<>(place));
            }
            state = harness.snapshot(1, 1);
            found.addAll(ids(harness));
            // lost with the failure, and sent again
            harness.processElement(new StreamRecord<>(places.get(cut)));
        }
        try (var harness = harness()) {
            harness.initializeState(state);
            harness.open();
            for (Numbered place : places.subList(cut, places.size())) {
                harness.processElement(new StreamRecord<>(place));
            }
            found.addAll(ids(harness));
        }
        assertThat(found).isEqualTo(ordered());
    }

    @Test
    void anImageLeavesAsSoonAsItsTurnHasCome() throws Exception {
        try (var harness = harness()) {
            harness.open();
            harness.processElement(new StreamRecord<>(place(1, 0)));
            harness.processElement(new StreamRecord<>(place(2, 0)));
            assertThat(ids(harness)).isEmpty();
            harness.processElement(new StreamRecord<>(place(0, 0)));
            assertThat(ids(harness)).containsExactly("image-0", "image-1", "image-2");
        }
    }

    @Test
    void atTheEndWhatIsHeldLeavesWithoutThoseThatWillNotCome() throws Exception {
        OperatorSubtaskState state;
        try (var harness = harness()) {
            harness.open();
            harness.processElement(new StreamRecord<>(place(2, 1)));
            harness.processElement(new StreamRecord<>(place(2, 0)));
            state = harness.snapshot(1, 1);
        }
        try (var harness = harness()) {
            harness.initializeState(state);
            harness.open();
            harness.getOperator().finish();
            assertThat(ids(harness)).containsExactly("image-2", "image-5");
        }
    }

    @Test
    void aPlaceThatHasHadItsTurnIsAnError() throws Exception {
        try (var harness = harness()) {
            harness.open();
            harness.processElement(new StreamRecord<>(place(0, 0)));
            assertThatThrownBy(() -> harness.processElement(new StreamRecord<>(place(0, 0))))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("found 0 again");
        }
    }
}
