package io.ebmstream.job.lockstep;

import io.ebmstream.job.TestModels;
import io.ebmstream.job.decode.ImageEvent;
import io.ebmstream.job.state.Bits;
import io.ebmstream.job.state.RestoreContract;
import io.ebmstream.ops.snapshot.ModelVersion;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;

/** A merge that holds images with latents and versions, and a dead letter's place. */
class MergeRestoreTest
        extends RestoreContract<
                KeyedOneInputStreamOperatorTestHarness<String, Numbered, ImageEvent>> {
    MergeRestoreTest() {
        super("merge", 1, 2);
    }

    @Override
    protected KeyedOneInputStreamOperatorTestHarness<String, Numbered, ImageEvent> harness()
            throws Exception {
        return new KeyedOneInputStreamOperatorTestHarness<>(
                new MergeOperatorFactory(2), place -> "default/0", Types.STRING, 16, 1, 0);
    }

    private static StreamRecord<Numbered> place(int partition, int number) {
        int i = 2 * number + partition;
        ImageEvent image = TestModels.image(i, "Bäche", i % 4 == 3 ? new float[] {i, -2} : null);
        return new StreamRecord<>(
                new Numbered(
                        partition,
                        number,
                        i == 5
                                ? null
                                : i == 7 ? image.withVersion(new ModelVersion(1, 4)) : image));
    }

    @Override
    protected void begin(
            KeyedOneInputStreamOperatorTestHarness<String, Numbered, ImageEvent> harness)
            throws Exception {
        harness.processElement(place(0, 0));
        for (int number = 1; number < 4; number++) {
            harness.processElement(place(1, number));
        }
    }

    @Override
    protected void goOn(
            KeyedOneInputStreamOperatorTestHarness<String, Numbered, ImageEvent> harness)
            throws Exception {
        harness.processElement(place(1, 0));
        for (int number = 1; number < 4; number++) {
            harness.processElement(place(0, number));
        }
    }

    @Override
    protected Map<String, String> states() {
        return Map.of(
                "lockstep-next", "LongSerializer",
                "lockstep-held", "LongSerializer to Numbered");
    }

    @Override
    protected List<String> outputs(
            KeyedOneInputStreamOperatorTestHarness<String, Numbered, ImageEvent> harness) {
        return harness.extractOutputValues().stream().map(Bits::of).toList();
    }
}
