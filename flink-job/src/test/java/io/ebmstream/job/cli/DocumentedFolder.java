package io.ebmstream.job.cli;

import io.ebmstream.ops.classifier.ClassifierFile;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.image.ImageCodec;
import io.ebmstream.ops.image.ImageEncoding;
import io.ebmstream.ops.image.ShapesDataset;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.ops.weights.ModelFile;
import io.ebmstream.ops.weights.NetworkSpec;
import io.ebmstream.ops.weights.NetworkTensors;
import io.ebmstream.ops.weights.SafeTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.commons.io.FileUtils;

/** A folder with the files that documented commands name, small, and the repository's own. */
final class DocumentedFolder {
    private static final ImageShape GREY = new ImageShape(1, 32, 32);
    private static final ImageShape COLOUR = new ImageShape(3, 32, 32);
    private static final NetworkSpec MADE = new NetworkSpec("sngan32-generator", 2, COLOUR);

    private DocumentedFolder() {}

    /** Fills a new folder. */
    static Path make(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(
                folder.resolve("job.yaml"), "ebm:\n  model: { name: uploads, network: light32 }\n");
        Path root = DocumentedCommand.ROOT.toRealPath();
        FileUtils.copyDirectory(
                root.resolve("k8s/overlays").toFile(), folder.resolve("k8s/overlays").toFile());
        model("light32", 16, GREY, Map.of()).write(folder.resolve("runs/fashion"));
        model("light32", 2, COLOUR, Map.of()).write(folder.resolve("model"));
        ModelFile.Part generator = new ModelFile.Part(MADE, Initializer.weights(MADE.build(), 2));
        model("light32", 2, COLOUR, Map.of(ModelFile.GENERATOR, generator))
                .write(folder.resolve("coop"));
        Network classifier = ClassifierFile.network("wrn-10-1", COLOUR, 2, 2);
        Files.createDirectories(folder.resolve("runs/classifier"));
        new ClassifierFile(classifier, 2, Initializer.weights(classifier, 3), Map.of())
                .write(folder.resolve("runs/classifier/classifier.safetensors"));
        NetworkSpec given = NetworkSpec.of("sngan32-generator", GREY);
        float[] weights = Initializer.weights(given.build(), 4);
        Files.write(
                folder.resolve("g.safetensors"),
                new SafeTensors(Map.of(), NetworkTensors.split(given.build(), weights)).toBytes());
        for (String name : new String[] {"photos", "train"}) {
            Path images = Files.createDirectories(folder.resolve(name));
            ShapesDataset shapes = new ShapesDataset(COLOUR, 1, 8);
            for (int i = 0; i < shapes.size(); i++) {
                Files.write(
                        images.resolve(i + ".png"),
                        ImageCodec.encode(shapes.image(i), ImageEncoding.PNG));
            }
        }
        return folder;
    }

    static ModelFile model(
            String network, int width, ImageShape shape, Map<String, ModelFile.Part> others) {
        NetworkSpec spec = new NetworkSpec(network, width, shape);
        return new ModelFile(
                new ModelFile.Part(spec, Initializer.weights(spec.build(), 1)),
                others,
                LangevinConfig.of(1e-2, 1e-4),
                5,
                "",
                new ModelVersion(0, 3),
                10,
                Map.of());
    }
}
