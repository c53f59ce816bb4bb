package io.ebmstream.job.snapshot;

import io.ebmstream.job.kafka.OutgoingRecord;
import io.ebmstream.job.learn.PublishedModel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.StreamFlatMap;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;

/** A snapshot encoder as an operator with state. Close it. */
public final class EncoderHarness implements AutoCloseable {
    private final OneInputStreamOperatorTestHarness<PublishedModel, OutgoingRecord> harness;
    private int seen;

    /**
     * @param state what a checkpoint of another harness saved, or null
     */
    EncoderHarness(SnapshotSetup setup, OperatorSubtaskState state) throws Exception {
        harness =
                new OneInputStreamOperatorTestHarness<>(
                        new StreamFlatMap<>(new SnapshotEncoder(setup)));
        if (state != null) {
            harness.initializeState(state);
        }
        harness.open();
    }

    /** The records of one model; the manifest is the last one where all versions are kept. */
    public static List<OutgoingRecord> encode(SnapshotSetup setup, PublishedModel model)
            throws Exception {
        try (EncoderHarness encoder = new EncoderHarness(setup, null)) {
            return encoder.publish(model);
        }
    }

    /** What a model makes the encoder emit. */
    List<OutgoingRecord> publish(PublishedModel model) throws Exception {
        harness.processElement(new StreamRecord<>(model));
        List<OutgoingRecord> all = harness.extractOutputValues();
        List<OutgoingRecord> added = new ArrayList<>(all.subList(seen, all.size()));
        seen = all.size();
        return added;
    }

    OperatorSubtaskState checkpoint() throws Exception {
        return harness.snapshot(1, 1);
    }

    @Override
    public void close() throws IOException {
        try {
            harness.close();
        } catch (Exception e) {
            throw new IOException("the harness did not close", e);
        }
    }
}
