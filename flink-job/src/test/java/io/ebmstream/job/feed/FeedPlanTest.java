package io.ebmstream.job.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.image.Corruption;
import io.ebmstream.ops.image.ImageDataset;
import io.ebmstream.ops.image.MosaicDataset;
import io.ebmstream.ops.image.ShapesDataset;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class FeedPlanTest {
    private final ImageDataset images = new ShapesDataset(ShapesDataset.DEFAULT_SHAPE, 3, 50);

    @Test
    void everyImageComesOnceARound() {
        FeedPlan plan = new FeedPlan(images, 7, 0, true);
        assertThat(LongStream.range(0, 50).mapToObj(plan::clean).distinct()).hasSize(50);
        assertThat(plan.clean(50)).isEqualTo(plan.clean(0));
        assertThat(LongStream.range(0, 50).mapToObj(plan::clean))
                .isNotEqualTo(LongStream.range(0, 50).mapToObj(i -> images.image((int) i)));
    }

    @Test
    void changesToOtherImagesFromAPlaceOn() {
        FeedPlan plan = new FeedPlan(images, 7, 0, true);
        FeedPlan unchanged = new FeedPlan(images, 7, 0, true);
        ImageDataset others = new MosaicDataset(images.shape(), 3, 20);
        plan.changeTo(others, 70);
        assertThat(plan.clean(69)).isEqualTo(unchanged.clean(69));
        assertThat(LongStream.range(70, 270).mapToObj(plan::clean).distinct())
                .hasSizeBetween(15, 20)
                .allSatisfy(
                        image ->
                                assertThat(IntStream.range(0, 20).mapToObj(others::image))
                                        .contains(image));
        assertThatThrownBy(
                        () -> plan.changeTo(new MosaicDataset(new ImageShape(1, 8, 8), 1, 1), 300))
                .hasMessageContaining("found 1x8x8");
    }

    @Test
    void mosaicsAreFunctionsOfTheirSeedAndIndex() {
        ImageDataset mosaics = new MosaicDataset(new ImageShape(1, 16, 12), 3, 20);
        assertThat(mosaics.image(7))
                .isEqualTo(new MosaicDataset(mosaics.shape(), 3, 9).image(7))
                .isNotEqualTo(mosaics.image(8))
                .isNotEqualTo(new MosaicDataset(mosaics.shape(), 4, 9).image(7));
        assertThatThrownBy(() -> mosaics.image(20)).hasMessageContaining("0 to 19, found 20");
    }

    @Test
    void keepsTheOrderUnlessAskedToShuffle() {
        FeedPlan plan = new FeedPlan(images, 7, 0, false);
        for (int i = 0; i < 50; i++) {
            assertThat(plan.clean(i)).isEqualTo(images.image(i));
        }
    }

    @Test
    void damagesAboutTheShareAskedForInBothWays() {
        FeedPlan plan = new FeedPlan(images, 7, 0.2, true);
        long noise = count(plan, Corruption.Noise.class);
        long occlusion = count(plan, Corruption.Occlusion.class);
        // 4,000 draws: two standard deviations are 50
        assertThat(noise + occlusion).isBetween(725L, 875L);
        assertThat(noise).isBetween(325L, 475L);
        assertThat(plan.corruption(11)).isEqualTo(plan.corruption(11));
        LongStream.range(0, 100)
                .forEach(
                        i ->
                                assertThat(plan.sent(i).equals(plan.clean(i)))
                                        .isEqualTo(plan.corruption(i).isEmpty()));
    }

    @Test
    void anIdTellsItsPlace() {
        assertThat(FeedPlan.place(FeedPlan.id(1234))).isEqualTo(1234);
        assertThatThrownBy(() -> FeedPlan.place("broken-3"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("broken-3");
    }

    private static long count(FeedPlan plan, Class<?> kind) {
        return LongStream.range(0, 4000)
                .filter(i -> plan.corruption(i).filter(kind::isInstance).isPresent())
                .count();
    }
}
