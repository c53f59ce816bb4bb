package io.ebmstream.job.shards;

import static io.ebmstream.job.shards.Parts.part;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.job.compute.FloatBytes;
import io.ebmstream.ops.snapshot.ModelVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

// the harness's close() throws Exception
@SuppressWarnings("try")
class AveragerOperatorTest {
    private static final int SHARDS = 3;

    private static KeyedOneInputStreamOperatorTestHarness<String, Contribution, Average> harness()
            throws Exception {
        return new KeyedOneInputStreamOperatorTestHarness<>(
                new AveragerOperatorFactory(SHARDS), Contribution::model, Types.STRING, 16, 1, 0);
    }

    private static void feed(
            KeyedOneInputStreamOperatorTestHarness<String, Contribution, Average> harness,
            Contribution... parts)
            throws Exception {
        for (Contribution part : parts) {
            harness.processElement(new StreamRecord<>(part));
        }
    }

    private static void assertSame(List<Average> found, List<Average> expected) {
        assertThat(found).usingRecursiveComparison().isEqualTo(expected);
    }

    private static List<Average> expected() {
        return List.of(
                Average.of(List.of(part(0, 1), part(1, 1), part(2, 1))),
                Average.of(List.of(part(0, 2), part(1, 2), part(2, 2))));
    }

    @Test
    void anAverageIsTheNextVersionWithTheMeansAndSums() {
        Average first = expected().get(0);
        assertThat(first.version()).isEqualTo(new ModelVersion(0, 1));
        assertThat(first.parent()).isEqualTo(ModelVersion.INITIAL);
        double mean = ((double) 0.3f + (0.1f + 0.3f) + (0.1f * 2 + 0.3f)) / 3;
        assertThat(FloatBytes.toFloats(first.weights())[0]).isEqualTo((float) mean);
        assertThat(FloatBytes.toFloats(first.weights())[2]).isEqualTo(1e7f + 1);
        assertThat(FloatBytes.toFloats(first.moments()))
                .contains(6, org.assertj.core.api.Assertions.atIndex(5));
        assertThat(first.updates()).isEqualTo(12);
        assertThat(first.worked()).isEqualTo(9);
        assertThat(first.imagesSeen()).isEqualTo(600);
        assertThat(first.eventTime()).isEqualTo(1_000);
        assertThat(first.offsets())
                .isEqualTo(Map.of("images-0", 7L, "images-1", 8L, "images-2", 9L));
        assertThat(first.contributions()).containsEntry(1, part(1, 1).sha256());
    }

    @ParameterizedTest
    @ValueSource(strings = {"012", "021", "102", "120", "201", "210"})
    void theOrderOfArrivalDoesNotMatter(String order) throws Exception {
        try (var harness = harness()) {
            harness.open();
            for (int round = 1; round <= 2; round++) {
                for (char shard : order.toCharArray()) {
                    feed(harness, part(shard - '0', round));
                }
            }
            assertSame(harness.extractOutputValues(), expected());
        }
    }

    @Test
    void nothingGoesOutBeforeAllHaveHandedIn() throws Exception {
        try (var harness = harness()) {
            harness.open();
            feed(harness, part(0, 1), part(2, 1));
            assertThat(harness.extractOutputValues()).isEmpty();
            feed(harness, part(1, 1));
            assertThat(harness.extractOutputValues()).hasSize(1);
        }
    }

    @Test
    void whatComesTwiceIsPassedOver() throws Exception {
        try (var harness = harness()) {
            harness.open();
            feed(harness, part(1, 1), part(1, 1), part(0, 1), part(2, 1));
            feed(harness, part(2, 1), part(0, 1));
            feed(harness, part(0, 2), part(1, 1), part(1, 2), part(0, 2), part(2, 2));
            assertSame(harness.extractOutputValues(), expected());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6})
    void aRestoredOneGoesOnAndSendsItsLastAverageAgain(int cut) throws Exception {
        List<Contribution> all =
                List.of(part(2, 1), part(0, 1), part(1, 1), part(1, 2), part(0, 2), part(2, 2));
        List<Average> found = new ArrayList<>();
        OperatorSubtaskState state;
        try (var harness = harness()) {
            harness.open();
            feed(harness, all.subList(0, cut).toArray(Contribution[]::new));
            state = harness.snapshot(1, 1);
            found.addAll(harness.extractOutputValues());
        }
        try (var harness = harness()) {
            harness.initializeState(state);
            harness.open();
            harness.setProcessingTime(1);
            List<Average> again = harness.extractOutputValues();
            if (found.isEmpty()) {
                assertThat(again).isEmpty();
            } else {
                assertSame(again, found.subList(found.size() - 1, found.size()));
            }
            int seen = again.size();
            feed(harness, all.subList(cut, 6).toArray(Contribution[]::new));
            List<Average> values = harness.extractOutputValues();
            found.addAll(values.subList(seen, values.size()));
        }
        assertSame(found, expected());
    }

    @Test
    void aRoundAheadOrAStrangeShardIsAnError() throws Exception {
        try (var harness = harness()) {
            harness.open();
            assertThatThrownBy(() -> feed(harness, part(0, 2)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("expected round 1 from shards 0 to 2, found round 2");
            assertThatThrownBy(() -> feed(harness, part(3, 1)))
                    .isInstanceOf(IllegalStateException.class);
        }
    }
}
