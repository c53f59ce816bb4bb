package io.ebmstream.ops.hat;

import io.ebmstream.ops.state.StateKind;
import io.ebmstream.ops.state.StateReader;
import io.ebmstream.ops.state.StateWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a batch's samples are, as bytes to go on from: latents and residual of each, its steps and
 * first energy. What the samples were before they began is not kept. Stateless, thread-safe.
 */
public final class RefinementProgress {
    private RefinementProgress() {}

    /** Takes a batch's progress down, also a finished one's. */
    public static byte[] write(RefinementBatch batch) {
        StateWriter writer = new StateWriter(StateKind.REFINEMENT, 64 * batch.size());
        writer.putInt(batch.size());
        for (int i = 0; i < batch.size(); i++) {
            RefinementImage sample = batch.progress(i);
            writer.putLong(sample.chain()).putInt(sample.step());
            if (sample.step() > 0) {
                writer.putDouble(sample.energyBefore())
                        .putInt(sample.state().length)
                        .putFloats(sample.state(), sample.state().length);
            }
        }
        return writer.toBytes();
    }

    /**
     * The samples where they were.
     *
     * @param bytes as written
     * @param fresh the samples of the batch in their order, as they were before they began
     * @throws IllegalArgumentException if the bytes are damaged, or of other samples
     */
    public static List<RefinementImage> read(byte[] bytes, List<RefinementImage> fresh) {
        StateReader reader = new StateReader(StateKind.REFINEMENT, bytes);
        int count = reader.nextInt();
        if (count != fresh.size()) {
            throw new IllegalArgumentException(
                    "expected " + fresh.size() + " samples, found " + count);
        }
        List<RefinementImage> samples = new ArrayList<>(count);
        for (RefinementImage sample : fresh) {
            long chain = reader.nextLong();
            if (chain != sample.chain()) {
                throw new IllegalArgumentException(
                        "expected a sample of chain " + sample.chain() + ", found " + chain);
            }
            int step = reader.nextInt();
            double energyBefore = step > 0 ? reader.nextDouble() : Double.NaN;
            samples.add(
                    new RefinementImage(
                            chain,
                            sample.latents(),
                            sample.input(),
                            step > 0 ? reader.nextFloats(reader.nextInt()) : null,
                            step,
                            energyBefore));
        }
        reader.end();
        return samples;
    }
}
