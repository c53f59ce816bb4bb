package io.ebmstream.ops.compute.onednn;

import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Network;
import java.util.Arrays;
import java.util.List;

/**
 * A network as the executor runs it: steps in the order in which they run, each with at most two
 * inputs; and, for most energy networks, a linear {@link Head} that reads the last step's result.
 *
 * @param input shape of the image
 * @param head the way from the last step's result to the energy; null where the last step's result
 *     is the output
 */
record Graph(ImageShape input, List<Step> steps, Head head) {

    /**
     * Index of the last step: what the head reads, or the output. The image where there is none.
     */
    int last() {
        return steps.size() - 1;
    }

    /** Shape of a step's result, or of the image. */
    ImageShape shape(int step) {
        return step == Network.IMAGE ? input : steps.get(step).to();
    }

    /** Number of values of one output. */
    int outputSize() {
        return head == null ? shape(last()).size() : 1;
    }

    /** Indices of the steps that read a result, in order. */
    int[] readers(int step) {
        int[] readers = new int[steps.size()];
        int count = 0;
        for (int i = 0; i < readers.length; i++) {
            if (steps.get(i).reads(step)) {
                readers[count++] = i;
            }
        }
        return Arrays.copyOf(readers, count);
    }

    /** Whether a step has weights that learn. */
    static boolean learns(Step step) {
        return step.work() instanceof Step.Convolve || step.work() instanceof Step.Normalise;
    }
}
