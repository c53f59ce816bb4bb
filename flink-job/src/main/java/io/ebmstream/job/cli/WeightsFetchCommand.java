package io.ebmstream.job.cli;

import io.ebmstream.ops.weights.ModelFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ebm weights fetch}: what a job published last, as a model file. */
@Command(
        name = "fetch",
        description = "Write the latest version that a job published to Kafka as a model.")
final class WeightsFetchCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private SnapshotOptions snapshot;

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
        try {
            ModelFile model = snapshot.latest();
            Path written = model.write(out);
            PrintWriter line = spec.commandLine().getOut();
            if (json) {
                Map<String, Object> result = new LinkedHashMap<>();
                result.put("file", written.toString());
                result.put("version", model.version().toString());
                result.put("updates", model.updates());
                result.put("sha256", model.hash());
                line.println(JsonText.of(result));
            } else {
                line.printf(
                        "%s: version %s, %d updates%n", written, model.version(), model.updates());
            }
            line.flush();
            return ExitCode.OK;
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage(), e);
        }
    }
}
