package io.ebmstream.job.cli;

import io.ebmstream.ops.compute.Executors;
import picocli.CommandLine.Option;

/** What computes. */
final class ComputeOptions {
    @Option(
            names = "--executor",
            paramLabel = "NAME",
            defaultValue = Executors.AUTO,
            description =
                    "What runs the network: auto (the fastest that works here), onednn, nd4j or"
                            + " reference.")
    private String executor;

    @Option(
            names = "--precision",
            paramLabel = "NAME",
            defaultValue = Executors.AUTO,
            description =
                    "Number format: auto (the fastest here), float32, bf16 or, on GPUs, tf32.")
    private String precision;

    String executor() {
        return executor;
    }

    String precision() {
        return precision;
    }

    /**
     * Chooses, as the job would.
     *
     * @throws UsageException if a name is unknown, or what was asked for does not work here
     */
    Executors.Choice resolve() {
        try {
            return Executors.resolve(executor, precision);
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new UsageException(e.getMessage(), e);
        }
    }
}
