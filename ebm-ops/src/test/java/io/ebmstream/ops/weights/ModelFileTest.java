package io.ebmstream.ops.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.snapshot.ModelVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFileTest {
    private static final NetworkSpec ENERGY =
            new NetworkSpec("light32", 2, new ImageShape(1, 16, 16));
    private static final NetworkSpec GENERATOR =
            new NetworkSpec("sngan32-generator", 2, new ImageShape(1, 32, 32));

    private static final ModelFile MODEL =
            new ModelFile(
                    part(ENERGY, 1),
                    Map.of(),
                    new LangevinConfig(0.02, 1e-4, 0.15, 2.5),
                    40,
                    "midrun-data",
                    new ModelVersion(2, 17),
                    12_000,
                    Map.of("images", "shapes \"one\"", "energy.network", "a note may look odd"));

    private static ModelFile.Part part(NetworkSpec spec, long seed) {
        return new ModelFile.Part(spec, Initializer.weights(spec.build(), seed));
    }

    private static void assertSame(ModelFile found, ModelFile expected) {
        assertThat(found).usingRecursiveComparison().ignoringFields("others").isEqualTo(expected);
        assertThat(found.others().keySet()).isEqualTo(expected.others().keySet());
        expected.others()
                .forEach(
                        (role, part) ->
                                assertThat(found.other(role).weights()).isEqualTo(part.weights()));
    }

    @Test
    void goesThroughAFileAndAFolder(@TempDir Path folder) throws Exception {
        Path file = MODEL.write(folder.resolve("a/small.safetensors"));
        assertThat(file.getFileName()).hasToString("small.safetensors");
        assertSame(ModelFile.read(file), MODEL);
        Path inFolder = MODEL.write(folder.resolve("model"));
        assertThat(inFolder.getFileName()).hasToString(ModelFile.NAME);
        assertSame(ModelFile.read(folder.resolve("model")), MODEL);
        // no half-written file stays
        try (var files = Files.list(folder.resolve("model"))) {
            assertThat(files).hasSize(1);
        }
    }

    @Test
    void keepsFurtherNetworks(@TempDir Path folder) throws Exception {
        ModelFile model =
                MODEL.with(ModelFile.GENERATOR, part(GENERATOR, 2))
                        .with(ModelFile.PRIOR, part(ENERGY, 3));
        model.write(folder);
        assertSame(ModelFile.read(folder), model);
        assertThatThrownBy(() -> model.other(ModelFile.ENCODER))
                .hasMessageContaining("network as encoder, found [generator, prior]");
    }

    /** Other tools find the energy's tensors under their plain names. */
    @Test
    void tensorsOfTheEnergyHaveNoPrefix() {
        assertThat(MODEL.toSafeTensors().tensors().get(0).name())
                .isEqualTo(NetworkTensors.name(ENERGY.build().parameters().get(0)));
        assertThat(MODEL.with(ModelFile.GENERATOR, part(GENERATOR, 2)).toSafeTensors().tensors())
                .filteredOn(tensor -> tensor.name().startsWith("generator."))
                .hasSize(GENERATOR.build().parameters().size());
    }

    @Test
    void saysWhatIsWrong(@TempDir Path folder) throws Exception {
        assertThatThrownBy(() -> ModelFile.read(folder))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("a folder with model.safetensors");
        Path plain = folder.resolve("plain.safetensors");
        Files.write(plain, new SafeTensors(Map.of(), List.of()).toBytes());
        assertThatThrownBy(() -> ModelFile.read(plain))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("plain.safetensors")
                .hasMessageContaining("ebm weights import");
        Map<String, String> metadata = new HashMap<>(MODEL.toSafeTensors().metadata());
        metadata.remove("temperature");
        assertThatThrownBy(
                        () ->
                                ModelFile.of(
                                        new SafeTensors(metadata, MODEL.toSafeTensors().tensors())))
                .hasMessageContaining("expected metadata temperature");
        assertThatThrownBy(() -> new ModelFile.Part(ENERGY, new float[3]))
                .hasMessageContaining("found 3");
        assertThatThrownBy(() -> NetworkSpec.parseShape("32x32"))
                .hasMessageContaining("such as 3x32x32");
    }
}
