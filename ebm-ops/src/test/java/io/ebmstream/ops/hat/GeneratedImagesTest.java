package io.ebmstream.ops.hat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.TestArrays;
import io.ebmstream.ops.compute.reference.ReferenceExecutor;
import java.util.List;
import org.junit.jupiter.api.Test;

class GeneratedImagesTest {
    private static final Generator GENERATOR =
            new Generator(HatNetworks.GENERATOR, TestArrays.weights(HatNetworks.GENERATOR, 2));

    @Test
    void imagesAreTheGeneratorsForTheirLatentsInAnyOrder() {
        RefinerConfig none = new RefinerConfig(HatDynamics.of(1e-3, 0, 1, 0), 0, 1);
        try (GeneratedImages images =
                        new GeneratedImages(GENERATOR, new ReferenceExecutor(), 3, 40);
                GeneratedImages other =
                        new GeneratedImages(GENERATOR, new ReferenceExecutor(), 4, 40);
                HatRefiner refiner =
                        new HatRefiner(
                                HatNetworks.ENERGY,
                                GENERATOR,
                                new ReferenceExecutor(),
                                Precision.FLOAT32,
                                none,
                                4)) {
            refiner.setModel(TestArrays.weights(HatNetworks.ENERGY, 1));
            assertThat(images.shape()).isEqualTo(HatNetworks.IMAGE);
            assertThat(images.size()).isEqualTo(40);
            byte[] last = images.image(39).pixels();
            for (int i : new int[] {0, 17, 39}) {
                try (RefinementBatch batch =
                        refiner.start(List.of(RefinementImage.of(i, images.latents(i))))) {
                    refiner.advance(batch, Long.MAX_VALUE / 2);
                    assertThat(images.image(i).pixels()).isEqualTo(batch.result(0).pixels());
                }
            }
            assertThat(images.image(39).pixels()).isEqualTo(last);
            assertThat(images.latents(0)).isNotEqualTo(images.latents(1));
            assertThat(other.latents(0)).isNotEqualTo(images.latents(0));
            assertThatThrownBy(() -> images.image(40))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
        assertThatThrownBy(() -> new GeneratedImages(GENERATOR, new ReferenceExecutor(), 1, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
