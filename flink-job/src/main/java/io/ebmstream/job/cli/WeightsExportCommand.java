package io.ebmstream.job.cli;

import io.ebmstream.job.compute.FloatBytes;
import io.ebmstream.ops.weights.ModelFile;
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
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ebm weights export}: one network of a model for other tools. */
@Command(
        name = "export",
        description =
                "Write one network's weights as safetensors with another tool's names and order, or"
                        + " (--out *.f32) as plain little-endian float32 values.")
final class WeightsExportCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Option(
            names = "--model",
            paramLabel = "PATH",
            required = true,
            description = "The model: its folder or file.")
    private Path model;

    @Option(
            names = "--role",
            paramLabel = "ROLE",
            defaultValue = "energy",
            description = "energy, generator, prior or encoder.")
    private String role;

    @Option(
            names = "--layout",
            paramLabel = "LAYOUT",
            defaultValue = "pytorch",
            description = "Names and order of tensors: pytorch, tensorflow.")
    private TensorLayout layout;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            required = true,
            description = "The file: *.safetensors or *.f32.")
    private Path out;

    @Option(names = "--json", description = "One JSON object in place of the line.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        ModelFile read = ModelArgument.read("--model", model);
        try {
            ModelFile.Part part = role.equals("energy") ? read.energy() : read.other(role);
            byte[] bytes;
            if (out.getFileName().toString().endsWith(".f32")) {
                bytes = FloatBytes.toBytes(part.weights());
            } else {
                List<SafeTensors.Tensor> tensors = layout.split(part.network(), part.weights());
                Map<String, String> metadata =
                        Map.of(
                                "network", part.spec().network(),
                                "width", Integer.toString(part.spec().width()),
                                "image", part.spec().image().toString(),
                                "layout", layout.label(),
                                "model", read.hash());
                bytes = new SafeTensors(metadata, tensors).toBytes();
            }
            Files.createDirectories(out.toAbsolutePath().getParent());
            Files.write(out, bytes);
            PrintWriter line = spec.commandLine().getOut();
            if (json) {
                Map<String, Object> result = new LinkedHashMap<>();
                result.put("file", out.toString());
                result.put("network", part.spec().network());
                result.put("width", part.spec().width());
                result.put("image", part.spec().image().toString());
                result.put("bytes", bytes.length);
                line.println(JsonText.of(result));
            } else {
                line.printf("%s: %s, %d bytes%n", out, part.network(), bytes.length);
            }
            line.flush();
            return ExitCode.OK;
        } catch (IllegalArgumentException | UnsupportedOperationException e) {
            throw new UsageException(e.getMessage(), e);
        }
    }
}
