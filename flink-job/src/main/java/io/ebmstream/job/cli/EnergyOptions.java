package io.ebmstream.job.cli;

import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.weights.ModelFile;
import java.nio.file.Path;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import picocli.CommandLine.Option;

/** A model whose energies a command takes, in float32, and what computes them. */
final class EnergyOptions {
    /** Images in one call. */
    static final int BATCH = 32;

    @Option(
            names = "--model",
            paramLabel = "PATH",
            required = true,
            description = "Model file, or its folder.")
    private Path model;

    @Option(
            names = "--executor",
            paramLabel = "NAME",
            defaultValue = Executors.AUTO,
            description = "What runs the network: auto, onednn, nd4j or reference.")
    private String executor;

    /**
     * Reads the model.
     *
     * @throws UsageException if there is none
     */
    ModelFile read() {
        return ModelArgument.read("--model", model);
    }

    /**
     * A network of it, to be closed.
     *
     * @throws UsageException if the executor is unknown or does not work here
     */
    CompiledNetwork compile(ModelFile.Part part) {
        Executors.Choice choice;
        try {
            choice = Executors.resolve(executor, Precision.FLOAT32.label());
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new UsageException(e.getMessage(), e);
        }
        CompiledNetwork network =
                choice.executor().compile(part.network(), BATCH, Precision.FLOAT32);
        try (INDArray weights = Nd4j.createFromArray(part.weights())) {
            network.setParameters(weights);
        }
        return network;
    }
}
