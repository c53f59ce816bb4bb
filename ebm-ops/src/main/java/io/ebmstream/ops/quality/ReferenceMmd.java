package io.ebmstream.ops.quality;

import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.energy.ImageShape;
import java.util.ArrayList;
import java.util.List;

/**
 * {@link KernelMmd} of sets of images against one reference set: the mean over the three feature
 * networks of {@link #SEEDS}, features scaled by the reference. Their errors are added as if they
 * were one: that is on the safe side.
 *
 * <p>Not thread-safe. Close it to free the networks.
 */
public final class ReferenceMmd implements AutoCloseable {
    /** Seeds of the feature networks. */
    public static final List<Long> SEEDS = List.of(101L, 102L, 103L);

    private final List<ConvolutionFeatures> features = new ArrayList<>();
    private final List<FeatureScale> scales = new ArrayList<>();
    private final List<float[][]> references = new ArrayList<>();
    private final int block;

    /**
     * @param reference u8 planar [c, h, w] of the shape; at least two blocks
     * @param block images of a block, at least 2
     */
    public ReferenceMmd(ImageShape shape, Executor executor, List<byte[]> reference, int block) {
        this.block = block;
        for (long seed : SEEDS) {
            ConvolutionFeatures network = new ConvolutionFeatures(shape, seed, executor);
            features.add(network);
            float[][] rows = network.of(reference);
            FeatureScale scale = FeatureScale.of(rows);
            scales.add(scale);
            references.add(scale.apply(rows));
        }
    }

    /**
     * How far images are from the reference.
     *
     * @param images u8 planar [c, h, w]
     * @throws IllegalArgumentException unless they fill at least two blocks
     */
    public Estimate of(List<byte[]> images) {
        double value = 0;
        double error = 0;
        int n = features.size();
        for (int i = 0; i < n; i++) {
            Estimate one =
                    KernelMmd.between(
                            references.get(i),
                            scales.get(i).apply(features.get(i).of(images)),
                            block);
            value += one.value() / n;
            error += one.error() / n;
        }
        return new Estimate(value, error);
    }

    @Override
    public void close() {
        features.forEach(ConvolutionFeatures::close);
    }
}
