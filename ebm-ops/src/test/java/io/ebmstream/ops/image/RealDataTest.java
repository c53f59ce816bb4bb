package io.ebmstream.ops.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ebmstream.ops.energy.ImageShape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The readers on real data sets, where these are at hand. */
class RealDataTest {
    private static Path data(String name) {
        Path path = Path.of(System.getProperty("ebm.data", "data"), name);
        assumeTrue(
                Files.exists(path),
                "skipped: no real images at " + path + "; set the system property ebm.data");
        return path;
    }

    @Test
    void cifar10() throws Exception {
        Path file = data("cifar10/train.bin");
        ImageDataset images = Datasets.open(DatasetOptions.DEFAULT, file);
        assertThat(images.size()).isEqualTo(10_000);
        assertThat(images.shape()).isEqualTo(new ImageShape(3, 32, 32));
        Image first = images.image(0);
        assertThat(first.label()).isEqualTo(2);
        assertThat(Arrays.copyOf(first.pixels(), 5)).containsExactly(0x86, 0x85, 0x83, 0x83, 0x85);
        assertThat(first.pixel(1, 0, 0)).isEqualTo(142);
        assertThat(first.pixel(2, 31, 31)).isEqualTo(72);
        assertThat(images.classNames()).hasSize(10).startsWith("airplane", "automobile", "bird");
        int[] perClass = new int[10];
        for (int i = 0; i < images.size(); i++) {
            perClass[images.image(i).label()]++;
        }
        assertThat(perClass).containsOnly(1000);
        assertThat(Datasets.open(DatasetOptions.DEFAULT, file.getParent()).size())
                .isEqualTo(10_000);
    }

    @Test
    void fashionMnist() throws Exception {
        ImageDataset images =
                Datasets.open(DatasetOptions.DEFAULT.withPadTo(32), data("fashion-mnist"));
        assertThat(images.size()).isEqualTo(10_000);
        assertThat(images.shape()).isEqualTo(new ImageShape(1, 32, 32));
        int[] perClass = new int[10];
        for (int i = 0; i < images.size(); i++) {
            perClass[images.image(i).label()]++;
        }
        assertThat(perClass)
                .containsExactly(942, 1027, 1016, 1019, 974, 989, 1021, 1022, 990, 1000);
        assertThat(images.classNames()).hasSize(10).endsWith("Ankle boot");
        Image unpadded =
                Datasets.open(
                                DatasetOptions.DEFAULT.withLimit(1),
                                data("fashion-mnist/train-images-idx3-ubyte.gz"))
                        .image(0);
        assertThat(unpadded.shape()).isEqualTo(new ImageShape(1, 28, 28));
        assertThat(unpadded.padded(32, 32)).isEqualTo(images.image(0));
        assertThat(unpadded.label()).isEqualTo(9);
    }

    @Test
    void photographsGoThroughPngAndJpeg() throws Exception {
        ImageDataset images =
                Datasets.open(DatasetOptions.DEFAULT.withLimit(50), data("cifar10/test.bin"));
        ImageCodec codec = new ImageCodec(DecodeLimits.DEFAULT);
        for (int i = 0; i < images.size(); i++) {
            Image image = images.image(i).withLabel(Image.NO_LABEL);
            byte[] png = ImageCodec.encode(image, ImageEncoding.PNG);
            assertThat(codec.decode(ImageEncoding.PNG, images.shape(), png)).isEqualTo(image);
            byte[] jpeg = ImageCodec.encode(image, ImageEncoding.JPEG);
            Image back = codec.decode(ImageEncoding.JPEG, images.shape(), jpeg);
            assertThat(ImageQuality.psnr(image, back)).isGreaterThan(24);
        }
    }
}
