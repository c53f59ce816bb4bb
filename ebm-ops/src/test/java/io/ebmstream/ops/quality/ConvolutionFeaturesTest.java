package io.ebmstream.ops.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.compute.reference.ReferenceExecutor;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.image.Corruption;
import io.ebmstream.ops.image.Image;
import io.ebmstream.ops.image.ShapesDataset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConvolutionFeaturesTest {
    private static final ImageShape SHAPE = new ImageShape(3, 16, 16);
    private static final int IMAGES = 768;
    private static final int BLOCK = 64;

    private final Executor executor = Executors.resolve("auto", "float32").executor();

    @Test
    void agreeWithTheReferenceExecutorAndBetweenCalls() {
        List<byte[]> images = shapes(0, 35);
        float[][] found = features(executor, 1, images);
        float[][] expected = features(new ReferenceExecutor(), 1, images.subList(0, 2));
        for (int i = 0; i < expected.length; i++) {
            for (int j = 0; j < expected[i].length; j++) {
                assertThat(found[i][j]).isCloseTo(expected[i][j], within(1e-4f));
            }
        }
        assertThat(features(executor, 1, images.subList(33, 35))[1]).isEqualTo(found[34]);
        assertThat(features(executor, 2, images.subList(0, 1))[0]).isNotEqualTo(found[0]);
    }

    /** What the measure is for: other images of the same kind, noisier ones, and pure noise. */
    @Test
    void distancesOrderImagesByTheirDamage() {
        List<byte[]> real = shapes(0, IMAGES);
        List<byte[]> more = shapes(IMAGES, IMAGES);
        float[][] reference = features(executor, 1, real);
        FeatureScale scale = FeatureScale.of(reference);
        List<Estimate> distances = new ArrayList<>();
        for (List<byte[]> set : List.of(more, damaged(more, 0.7), damaged(more, 3))) {
            distances.add(
                    KernelMmd.between(
                            scale.apply(reference),
                            scale.apply(features(executor, 1, set)),
                            BLOCK));
        }
        assertThat(Math.abs(distances.get(0).value())).isLessThan(distances.get(1).low());
        assertThat(distances.get(1).high()).isLessThan(distances.get(2).low());
    }

    @Test
    void refusesImagesOfAnotherSize() {
        assertThatThrownBy(() -> features(executor, 1, List.of(new byte[5])))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("768")
                .hasMessageContaining("5");
    }

    private static float[][] features(Executor executor, long seed, List<byte[]> images) {
        try (ConvolutionFeatures features = new ConvolutionFeatures(SHAPE, seed, executor)) {
            return features.of(images);
        }
    }

    private static List<byte[]> shapes(int from, int count) {
        ShapesDataset shapes = new ShapesDataset(SHAPE, 1, from + count);
        List<byte[]> images = new ArrayList<>();
        for (int i = from; i < from + count; i++) {
            images.add(shapes.image(i).pixels());
        }
        return images;
    }

    private static List<byte[]> damaged(List<byte[]> images, double sigma) {
        Corruption noise = new Corruption.Noise(sigma);
        List<byte[]> damaged = new ArrayList<>();
        for (byte[] pixels : images) {
            damaged.add(noise.apply(new Image(SHAPE, pixels), 3, damaged.size()).pixels());
        }
        return damaged;
    }
}
