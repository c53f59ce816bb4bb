package io.ebmstream.job.purify;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.job.TestModels;
import io.ebmstream.job.classify.ClassifierSource;
import io.ebmstream.job.classify.ClassifySetup;
import io.ebmstream.job.compute.FloatBytes;
import io.ebmstream.job.decode.ImageEvent;
import io.ebmstream.ops.classifier.ClassifierFile;
import io.ebmstream.ops.defense.EotMean;
import io.ebmstream.ops.defense.PurifierConfig;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.hat.HatDynamics;
import io.ebmstream.ops.hat.RefinerConfig;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.snapshot.ModelVersion;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a job computed, computed again: purified, refined and classified images. */
// the harness's close() throws Exception
@SuppressWarnings("try")
class RecomputationTest {
    private static final int IMAGES = 7;
    private static final ModelVersion VERSION = new ModelVersion(0, 1);

    @TempDir Path folder;

    @Test
    void givesTheBitsOfTheOperatorWhateverTheBatch() throws Exception {
        float[] weights = Initializer.weights(TestModels.network(), 2);
        List<ImageEvent> images = new ArrayList<>();
        for (int i = 0; i < IMAGES; i++) {
            float[] latent = i % 3 == 1 ? new float[] {i, 0.5f, -i} : null;
            images.add(TestModels.image(i, "stream-" + i % 2, latent));
        }
        PurifierSetup setup = setup();
        List<Purified> streamed;
        try (PurifierHarness harness = new PurifierHarness(setup, 1, 0)) {
            harness.open();
            harness.model(VERSION, FloatBytes.toBytes(weights));
            for (ImageEvent image : images) {
                harness.image(image);
            }
            harness.finish();
            streamed = harness.extractOutputValues();
        }
        List<Purified> computed = new ArrayList<>();
        try (Recomputation recomputation =
                new Recomputation(setup, TestModels.REFERENCE.choose(null))) {
            recomputation.setModel(VERSION, weights, null);
            computed.addAll(recomputation.of(images.subList(0, 5)));
            computed.addAll(recomputation.of(images.subList(5, IMAGES)));
            assertThat(computed)
                    .allSatisfy(
                            p -> {
                                assertThat(p.device()).isEqualTo(recomputation.device());
                                assertThat(p.samplerHash())
                                        .isEqualTo(recomputation.samplerHash(p.image()));
                                assertThat(p.seed()).isEqualTo(recomputation.seed(p.image()));
                            });
        }
        assertThat(computed.stream().filter(p -> p.classified() != null)).hasSize(5);
        assertThat(computed).extracting(Purified::samplerHash).hasSize(IMAGES);
        assertThat(computed.stream().map(p -> PurifiedEncoder.record("m", p)))
                .containsExactlyInAnyOrderElementsOf(
                        streamed.stream().map(p -> PurifiedEncoder.record("m", p)).toList());
    }

    private PurifierSetup setup() throws Exception {
        Network network = ClassifierFile.network("wrn-10-1", TestModels.SHAPE, 4, 1);
        Path file = folder.resolve("classifier.safetensors");
        new ClassifierFile(network, 1, Initializer.weights(network, 3), Map.of()).write(file);
        return new PurifierSetup(
                "default",
                TestModels::network,
                () -> new PurifierConfig(LangevinConfig.of(2e-2, 1e-4), 3, 5),
                TestModels.REFERENCE,
                1,
                3,
                Duration.ofMillis(100),
                40,
                2,
                Duration.ofMillis(5),
                new RefinerSetup(
                        TestModels::generator,
                        () -> new RefinerConfig(HatDynamics.of(5e-3, 1e-2, 1e-3, 50), 2, 6)),
                ClassifySetup.of(ClassifierSource.of(file), 2, EotMean.SOFTMAX, List.of()));
    }
}
