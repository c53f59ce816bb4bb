package io.ebmstream.job.cli;

import io.ebmstream.job.compute.FloatBytes;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.energy.Networks;
import io.ebmstream.ops.learner.LearnerConfig;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.ops.weights.ModelFile;
import io.ebmstream.ops.weights.NetworkSpec;
import io.ebmstream.ops.weights.SafeTensors;
import io.ebmstream.ops.weights.TensorLayout;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ebm weights import}: weights of another tool as a model. */
@Command(
        name = "import",
        description = {
            "Make a model of weights: a safetensors file with tensors named as 'ebm weights export'"
                    + " names them, or a file *.f32 of plain little-endian float32 values in the"
                    + " network's order.",
            "With --role generator, prior or encoder the network is added to the model in --out."
        })
final class WeightsImportCommand implements Callable<Integer> {
    private static final String ENERGY = "energy";
    private static final List<String> ROLES =
            List.of(ENERGY, ModelFile.GENERATOR, ModelFile.PRIOR, ModelFile.ENCODER);

    @Spec private CommandSpec spec;

    @Option(
            names = "--weights",
            paramLabel = "FILE",
            required = true,
            description = "The weights: *.safetensors or *.f32.")
    private Path file;

    @Option(
            names = "--network",
            paramLabel = "NAME",
            required = true,
            description = "Which network they are of; see 'ebm describe'.")
    private String network;

    @Option(
            names = "--n",
            paramLabel = "WIDTH",
            showDefaultValue = Visibility.NEVER,
            description = "Its width. Without: its own.")
    private Integer width;

    @Option(
            names = "--shape",
            paramLabel = "CxHxW",
            required = true,
            description = "Shape of its images, for example 3x32x32.")
    private String shape;

    @Option(
            names = "--layout",
            paramLabel = "LAYOUT",
            defaultValue = "pytorch",
            description = "Names and order of a safetensors file's tensors: pytorch, tensorflow.")
    private TensorLayout layout;

    @Option(
            names = "--role",
            paramLabel = "ROLE",
            defaultValue = ENERGY,
            description = "energy, generator, prior or encoder.")
    private String role;

    @Option(
            names = "--step-size",
            paramLabel = "EPS",
            defaultValue = "" + LearnerConfig.DEFAULT_STEP_SIZE,
            description = "eps of the chains that the energy was trained with.")
    private double stepSize;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            defaultValue = "" + LearnerConfig.DEFAULT_TEMPERATURE,
            description = "T of the same.")
    private double temperature;

    @Option(
            names = "--tau",
            paramLabel = "TAU",
            defaultValue = "0",
            description = "Standard deviation of the Gaussian term; 0 for none.")
    private double tau;

    @Option(
            names = "--steps",
            paramLabel = "K",
            defaultValue = "" + LearnerConfig.DEFAULT_STEPS,
            description = "Langevin steps of a chain in one update.")
    private int steps;

    @Option(
            names = "--preset",
            paramLabel = "NAME",
            defaultValue = "",
            showDefaultValue = Visibility.NEVER,
            description = "Preset that it was trained by, for provenance.")
    private String preset;

    @Option(
            names = "--updates",
            paramLabel = "N",
            defaultValue = "0",
            description = "Updates that it went through, for provenance.")
    private long updates;

    @Option(
            names = "--note",
            paramLabel = "KEY=VALUE",
            showDefaultValue = Visibility.NEVER,
            description = "What else is worth knowing. May be repeated.")
    private Map<String, String> notes = Map.of();

    @Option(
            names = "--out",
            paramLabel = "DIR",
            required = true,
            description = "Folder of the model.")
    private Path out;

    @Option(names = "--json", description = "One JSON object in place of the line.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        if (!ROLES.contains(role)) {
            throw new UsageException("--role: expected one of " + ROLES + ", found " + role);
        }
        try {
            ImageShape image = NetworkSpec.parseShape(shape);
            NetworkSpec name =
                    new NetworkSpec(
                            network,
                            width == null ? Networks.named(network).defaultWidth() : width,
                            image);
            if (role.equals(ENERGY)) {
                Networks.energyNamed(network);
            }
            ModelFile.Part part = new ModelFile.Part(name, read(name.build()));
            Path written = model(part).write(out);
            PrintWriter line = spec.commandLine().getOut();
            if (json) {
                Map<String, Object> result = new LinkedHashMap<>();
                result.put("file", written.toString());
                result.put("role", role);
                result.put("network", name.network());
                result.put("width", name.width());
                result.put("image", name.image().toString());
                line.println(JsonText.of(result));
            } else {
                line.printf("%s: %s as %s%n", written, name.build(), role);
            }
            line.flush();
            return ExitCode.OK;
        } catch (IllegalArgumentException | UnsupportedOperationException e) {
            throw new UsageException(e.getMessage(), e);
        }
    }

    private float[] read(Network graph) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new UsageException("--weights: expected a file, found none at " + file);
        }
        byte[] bytes = Files.readAllBytes(file);
        if (!file.getFileName().toString().endsWith(".f32")) {
            return layout.join(graph, SafeTensors.fromBytes(bytes).tensors());
        }
        float[] weights = FloatBytes.toFloats(bytes);
        for (float weight : weights) {
            if (!Float.isFinite(weight)) {
                throw new IllegalArgumentException(
                        "expected finite weights in " + file + ", found " + weight);
            }
        }
        return weights;
    }

    private ModelFile model(ModelFile.Part part) throws IOException {
        if (!role.equals(ENERGY)) {
            return ModelArgument.read("--out", out).with(role, part);
        }
        return new ModelFile(
                part,
                Map.of(),
                new LangevinConfig(stepSize, temperature, tau, 0),
                steps,
                preset,
                ModelVersion.INITIAL.next(),
                updates,
                notes);
    }
}
