package io.ebmstream.job.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.ebmstream.ops.weights.ModelFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ebm weights show}: what a model file says of itself. */
@Command(name = "show", description = "Print what a model is and where it comes from, as JSON.")
final class WeightsShowCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Option(
            names = "--model",
            paramLabel = "PATH",
            required = true,
            description = "The model: its folder or file.")
    private Path model;

    @Override
    public Integer call() throws IOException {
        ModelFile read = ModelArgument.read("--model", model);
        Map<String, String> description = new TreeMap<>(read.toSafeTensors().metadata());
        description.put("sha256", read.hash());
        PrintWriter out = spec.commandLine().getOut();
        out.println(
                new ObjectMapper()
                        .enable(SerializationFeature.INDENT_OUTPUT)
                        .writeValueAsString(description));
        out.flush();
        return ExitCode.OK;
    }
}
