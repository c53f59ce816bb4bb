package io.ebmstream.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.image.DatasetOptions;
import io.ebmstream.ops.image.Datasets;
import io.ebmstream.ops.image.Image;
import io.ebmstream.ops.image.ImageDataset;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.ops.weights.ModelFile;
import io.ebmstream.ops.weights.NetworkSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PurifyCommandTest {
    private static final NetworkSpec SPEC =
            new NetworkSpec("light32", 2, new ImageShape(1, 16, 16));

    @TempDir Path dir;

    private Cli.Outcome purify(Path images, Path model, String out, String... more) {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "purify",
                                "--images=" + images,
                                "--model=" + model,
                                "--precision=float32",
                                "--out=" + dir.resolve(out)));
        command.addAll(List.of(more));
        return Cli.run(command.toArray(String[]::new));
    }

    private Path model() throws Exception {
        ModelFile file =
                new ModelFile(
                        new ModelFile.Part(SPEC, Initializer.weights(SPEC.build(), 1)),
                        Map.of(),
                        LangevinConfig.of(2e-2, 1e-4),
                        20,
                        "",
                        ModelVersion.INITIAL,
                        0,
                        Map.of());
        return file.write(dir.resolve("model"));
    }

    private ImageDataset read(String out) throws Exception {
        return Datasets.open(DatasetOptions.DEFAULT, dir.resolve(out));
    }

    @Test
    void keepsLabelsAndGivesCopiesOfTheirOwnNoiseWhateverTheWorkers() throws Exception {
        Path images = LabelledIdx.write(dir, "some", 6, 12);
        Path model = model();
        Cli.Outcome one = purify(images, model, "one", "--copies=2", "--steps=5", "--workers=1");
        assertThat(one.err()).contains("images 6/6");
        assertThat(one.exit()).isEqualTo(ExitCode.OK);
        assertThat(one.out()).contains("12 purified images");
        Cli.Outcome two =
                purify(images, model, "two", "--copies=2", "--steps=5", "--workers=2", "--json");
        assertThat(two.exit()).isEqualTo(ExitCode.OK);
        assertThat(new ObjectMapper().readTree(two.out()).get("images").asInt()).isEqualTo(12);
        ImageDataset first = read("one");
        ImageDataset second = read("two");
        assertThat(first.size()).isEqualTo(12);
        for (int i = 0; i < 12; i++) {
            // sorted by class; six copies of the three rows, then those of the columns
            assertThat(first.image(i).label()).isEqualTo(i / 6);
            assertThat(first.image(i)).isEqualTo(second.image(i));
        }
        assertThat(first.image(0).pixels()).isNotEqualTo(first.image(1).pixels());
    }

    @Test
    void noStepsGiveTheImagesBack() throws Exception {
        Path images = LabelledIdx.write(dir, "some", 4, 16);
        assertThat(purify(images, model(), "same", "--steps=0").exit()).isEqualTo(ExitCode.OK);
        ImageDataset before = Datasets.open(DatasetOptions.DEFAULT, images);
        ImageDataset after = read("same");
        List<byte[]> expected = new ArrayList<>();
        for (int i : new int[] {0, 2, 1, 3}) {
            expected.add(before.image(i).pixels());
        }
        for (int i = 0; i < 4; i++) {
            Image image = after.image(i);
            assertThat(image.pixels()).isEqualTo(expected.get(i));
        }
    }

    @Test
    void refusesWhatCannotWork() throws Exception {
        Path images = LabelledIdx.write(dir, "some", 4, 20);
        Path model = model();
        Cli.Outcome shape = purify(images, model, "out");
        assertThat(shape.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(shape.err()).contains("--images:").contains("20x20").contains("16x16");
        Cli.Outcome full = purify(images, model, ".");
        assertThat(full.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(full.err()).contains("--out: expected a new or empty folder");
        Cli.Outcome none = purify(images, dir.resolve("none"), "out");
        assertThat(none.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(none.err()).contains("--model: expected a model file");
    }
}
