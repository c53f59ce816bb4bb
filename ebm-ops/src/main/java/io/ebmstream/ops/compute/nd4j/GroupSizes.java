package io.ebmstream.ops.compute.nd4j;

import io.ebmstream.ops.compute.Mode;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.sampler.GaussianNoise;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a call in inference mode is cut into groups of images: into the largest first, then powers of
 * two, so that a single image costs no more than it must.
 *
 * <p>An image's bits must not depend on its group. What sums in another order for another number of
 * images is up to the libraries below (oneDNN chooses among its convolutions by shape), so it is
 * tried out: a smaller size counts only if random images through random weights give the same bits
 * in it as in the largest one. Else the largest serves, filled up with black images. Answers are
 * kept for the process: it takes the time of some thirty gradients.
 *
 * <p>Thread-safe.
 */
final class GroupSizes {
    /**
     * Smaller groups repeat more of what is done once for each: 64 gradients of light32 took 102,
     * 90, 82 and 79 ms of one Zen 4 core in groups of 4, 8, 16 and 32. Larger ones leave no work
     * for a second core.
     */
    private static final int MOST_IMAGES = 16;

    /** Values of the largest map of a group: 16 MiB. */
    private static final int MOST_VALUES = 1 << 22;

    /** So many images are compared at least: a single sum may come out equal by chance. */
    private static final int FEWEST_COMPARED = 4;

    private static final int KEPT = 64;
    private static final long SEED = 1;
    private static final Logger LOG = LoggerFactory.getLogger(GroupSizes.class);

    private static final Map<Network, GroupSizes> SIZES =
            new LinkedHashMap<>(KEPT, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Network, GroupSizes> eldest) {
                    return size() > KEPT;
                }
            };

    private final Network network;
    private final int largest;
    private final Map<Integer, Boolean> sameBits = new LinkedHashMap<>();
    private Sample whole;

    private GroupSizes(Network network) {
        this.network = network;
        int values = network.input().size();
        for (ImageShape shape : network.shapes()) {
            values = Math.max(values, shape.size());
        }
        largest = Math.max(1, Math.min(MOST_IMAGES, Integer.highestOneBit(MOST_VALUES / values)));
    }

    /** The sizes for a network. */
    static GroupSizes of(Network network) {
        synchronized (SIZES) {
            return SIZES.computeIfAbsent(network, GroupSizes::new);
        }
    }

    /** Images of the next group, of those that are left; may be more. */
    synchronized int next(int left) {
        int size = Integer.highestOneBit(left);
        if (size >= largest) {
            return largest;
        }
        return sameBits.computeIfAbsent(size, this::tryOut) ? size : largest;
    }

    private boolean tryOut(int size) {
        if (whole == null) {
            whole = run(largest, 0, largest);
        }
        int count = Math.min(largest, Math.max(size, FEWEST_COMPARED));
        boolean same = run(size, largest - count, count).equalsTail(whole);
        if (!same) {
            LOG.info(
                    "Images of {} run in groups of {}, not of {}, whose bits differ",
                    network,
                    largest,
                    size);
        }
        return same;
    }

    /** Outputs and input gradients of some random images, in groups of one size. */
    private Sample run(int size, int first, int count) {
        int inputs = network.input().size();
        int outputs = network.output().size();
        float[] pixels = new float[count * inputs];
        GaussianNoise noise = new GaussianNoise();
        for (int i = 0; i < count; i++) {
            noise.fill(SEED, first + i, 0, pixels, i * inputs, inputs);
        }
        Sample sample = new Sample(new float[count * outputs], new float[count * inputs]);
        float[] ones = new float[size * outputs];
        Arrays.fill(ones, 1);
        try (NetworkWeights weights = new NetworkWeights(network, Mode.INFERENCE);
                INDArray vector = Initializer.array(network, SEED);
                Plan plan = new Plan(network, weights.layers(), size)) {
            weights.set(vector);
            float[] some = new float[size * Math.max(inputs, outputs)];
            for (int i = 0; i < count; i += size) {
                System.arraycopy(pixels, i * inputs, some, 0, size * inputs);
                plan.setInput(some, size);
                plan.forward();
                plan.output(some, size);
                System.arraycopy(some, 0, sample.outputs, i * outputs, size * outputs);
                plan.setOutputGradient(ones, size);
                plan.backward(false);
                plan.inputGradient(some, size);
                System.arraycopy(some, 0, sample.gradients, i * inputs, size * inputs);
            }
        }
        return sample;
    }

    private record Sample(float[] outputs, float[] gradients) {
        /** Whether these are the last images of the other sample, bit for bit. */
        boolean equalsTail(Sample other) {
            return isTail(outputs, other.outputs) && isTail(gradients, other.gradients);
        }

        private static boolean isTail(float[] some, float[] all) {
            return Arrays.equals(some, 0, some.length, all, all.length - some.length, all.length);
        }
    }
}
