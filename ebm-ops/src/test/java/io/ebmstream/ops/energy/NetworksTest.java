package io.ebmstream.ops.energy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The papers' networks: counts by hand from ALGORITHMS' descriptions, shapes on the way. */
class NetworksTest {
    private static final ImageShape CIFAR = new ImageShape(3, 32, 32);

    private static int trainable(Network network) {
        return network.parameters().stream()
                .filter(parameter -> parameter.kind().trainable())
                .mapToInt(Network.Parameter::size)
                .sum();
    }

    /** Shape of a node's result. */
    private static ImageShape shape(Network network, String node) {
        return IntStream.range(0, network.nodes().size())
                .filter(i -> network.nodes().get(i).name().equals(node))
                .mapToObj(network.shapes()::get)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void light32() {
        Network network = Networks.named("light32").build(CIFAR);
        assertThat(network.parameterCount())
                .isEqualTo(
                        (27 * 32 + 32)
                                + (512 * 64 + 64)
                                + (1024 * 128 + 128)
                                + (2048 * 256 + 256)
                                + (4096 + 1));
        assertThat(network.isEnergy()).isTrue();
    }

    @Test
    void sngan32() {
        Network network = Networks.named("sngan32").build(CIFAR);
        int conv = 9 * 256 * 256 + 256;
        int stem = (27 * 256 + 256) + conv + (3 * 256 + 256);
        int pooled = 2 * conv + (256 * 256 + 256);
        assertThat(network.parameterCount()).isEqualTo(stem + pooled + 4 * conv + 256);
        assertThat(network.isEnergy()).isTrue();
        assertThat(shape(network, "stem.sum")).isEqualTo(new ImageShape(256, 16, 16));
        assertThat(shape(network, "block1.sum")).isEqualTo(new ImageShape(256, 8, 8));
        assertThat(shape(network, "block3.sum")).isEqualTo(new ImageShape(256, 8, 8));
    }

    @Test
    void sngan64And128() {
        Network small = Networks.named("sngan64").build(new ImageShape(3, 64, 64));
        assertThat(shape(small, "stem.sum")).isEqualTo(new ImageShape(64, 32, 32));
        assertThat(shape(small, "block4.sum")).isEqualTo(new ImageShape(1024, 2, 2));
        Network large = Networks.named("sngan128").build(new ImageShape(3, 128, 128));
        assertThat(shape(large, "block4.sum")).isEqualTo(new ImageShape(1024, 4, 4));
        assertThat(shape(large, "block5.sum")).isEqualTo(new ImageShape(1024, 4, 4));
        assertThat(large.parameterCount() - small.parameterCount())
                .as("a block without a convolution in its shortcut")
                .isEqualTo(2 * (9 * 1024 * 1024 + 1024));
        assertThat(large.isEnergy()).isTrue();
    }

    @Test
    void snganGenerators() {
        Network network = Networks.named("sngan32-generator").build(CIFAR);
        int norm = 2 * 256;
        int conv = 9 * 256 * 256 + 256;
        int block = 2 * norm + 2 * conv + (256 * 256 + 256);
        int dense = 128 * 4096 + 4096;
        assertThat(trainable(network)).isEqualTo(dense + 3 * block + norm + (9 * 256 * 3 + 3));
        assertThat(network.parameterCount() - trainable(network)).isEqualTo(7 * norm);
        assertThat(network.input()).isEqualTo(new ImageShape(128, 1, 1));
        assertThat(network.output()).isEqualTo(CIFAR);
        assertThat(network.isEnergy()).isFalse();
        Network medium = Networks.named("sngan64-generator").build(new ImageShape(3, 64, 64));
        assertThat(shape(medium, "map")).isEqualTo(new ImageShape(1024, 4, 4));
        assertThat(shape(medium, "block0.sum")).isEqualTo(new ImageShape(512, 8, 8));
        assertThat(shape(medium, "block3.sum")).isEqualTo(new ImageShape(64, 64, 64));
        Network large = Networks.named("sngan128-generator").build(new ImageShape(3, 128, 128), 32);
        assertThat(shape(large, "block0.sum")).isEqualTo(new ImageShape(32, 8, 8));
        assertThat(shape(large, "block4.sum")).isEqualTo(new ImageShape(2, 128, 128));
        Network photographs =
                Networks.named("sngan128-generator").build(new ImageShape(3, 224, 224), 32);
        assertThat(shape(photographs, "map")).isEqualTo(new ImageShape(32, 7, 7));
        assertThat(photographs.output()).isEqualTo(new ImageShape(3, 224, 224));
        assertThat(SnganGenerator.scaledWidth(256, 2)).isEqualTo(512);
    }

    @Test
    void autoencoderMeetsAtItsLatents() {
        for (int pixels : new int[] {32, 64, 128}) {
            ImageShape image = new ImageShape(3, pixels, pixels);
            Network encoder = Networks.named("autoencoder-encoder").build(image, 4);
            Network decoder = Networks.named("autoencoder-decoder").build(image, 4);
            assertThat(encoder.output()).isEqualTo(Autoencoder.LATENTS);
            assertThat(decoder.input()).isEqualTo(Autoencoder.LATENTS);
            assertThat(decoder.output()).isEqualTo(image);
        }
        // conv0, down1, conv1, latents
        assertThat(Autoencoder.encoder(CIFAR, 2).parameterCount())
                .isEqualTo((27 * 2 + 2) + (32 * 4 + 4) + (36 * 4 + 4) + (36 + 1));
        // conv0, conv1, up1, image
        assertThat(Autoencoder.decoder(CIFAR, 2).parameterCount())
                .isEqualTo((9 * 4 + 4) + (36 * 4 + 4) + (36 * 2 + 2) + (18 * 3 + 3));
    }

    /** 691,674 is the count that implementations of WRN-16-2 for CIFAR-10 report. */
    @Test
    void wideResNets() {
        Network network = Networks.named("wrn-16-2").build(CIFAR);
        assertThat(trainable(network)).isEqualTo(691_674);
        assertThat(network.output()).isEqualTo(new ImageShape(10, 1, 1));
        assertThat(shape(network, "group2.block1.sum")).isEqualTo(new ImageShape(128, 8, 8));
        // 36.5 million in the paper's table.
        assertThat(trainable(Networks.named("wrn-28-10").build(CIFAR))).isEqualTo(36_479_194);
        assertThat(Networks.named("wrn-10-1").build(new ImageShape(1, 28, 28)).name())
                .isEqualTo("wrn-10-1");
    }

    @Test
    void everyNetworkOfTheCatalogueBuildsAtItsSize() {
        for (NetworkFamily family : Networks.all()) {
            int pixels = family.defaultSize();
            Network network = family.build(new ImageShape(1, pixels, pixels), 16);
            assertThat(network.name()).isEqualTo(family.name());
            assertThat(network.isEnergy()).isEqualTo(family.role() == NetworkRole.ENERGY);
            assertThat(Networks.named(family.name()).build(new ImageShape(1, pixels, pixels), 16))
                    .isEqualTo(network);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"resnet", "", "Light32", "wrn-16", "wrn-16-2-1"})
    void unknownNamesAreAnsweredWithTheKnownOnes(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Networks.named(name))
                .withMessageContaining("light32, sngan32, sngan64")
                .withMessageContaining("wrn-28-10")
                .withMessageEndingWith("found " + name);
    }

    @Test
    void onlyEnergiesWhereEnergiesAreNeeded() {
        assertThat(Networks.energyNamed("sngan64").role()).isEqualTo(NetworkRole.ENERGY);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Networks.energyNamed("sngan32-generator"))
                .withMessageContaining("one of light32, sngan32, sngan64, sngan128, found")
                .withMessageContaining("no energy network");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Networks.energyNamed("resnet"))
                .withMessageEndingWith("found resnet");
    }

    @Test
    void wrongSizesSayWhichAreTaken() {
        for (String[] wrong :
                List.of(
                        new String[] {"light32", "20", "16, 28, 32, 64 or 128"},
                        new String[] {"sngan32", "30", "multiple of 4"},
                        new String[] {"sngan64", "48", "multiple of 32"},
                        new String[] {"sngan128", "100", "multiple of 32"},
                        new String[] {"sngan32-generator", "64", "32x32"},
                        new String[] {"sngan128-generator", "100", "multiple of 32"},
                        new String[] {"autoencoder-encoder", "16", "32, 64 or 128"},
                        new String[] {"autoencoder-decoder", "48", "32, 64 or 128"},
                        new String[] {"wrn-16-2", "30", "multiple of 4"},
                        new String[] {"wrn-17-2", "32", "depth of 10, 16, 22"})) {
            int pixels = Integer.parseInt(wrong[1]);
            ImageShape image = new ImageShape(3, pixels, pixels);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Networks.named(wrong[0]).build(image))
                    .withMessageContaining(wrong[2])
                    .withMessageContaining("found ");
        }
        ImageShape flat = new ImageShape(3, 32, 64);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Networks.named("sngan32").build(flat));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Networks.named("sngan32").build(CIFAR, 0))
                .withMessageContaining("width of at least 1");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                Networks.named("sngan64-generator")
                                        .build(new ImageShape(3, 64, 64), 24))
                .withMessageContaining("multiples of 16");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SnganGenerator.scaledWidth(256, 0))
                .withMessageContaining("factor above 0");
    }
}
