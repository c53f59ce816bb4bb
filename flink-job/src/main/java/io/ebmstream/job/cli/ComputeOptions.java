package io.ebmstream.job.cli;

import io.ebmstream.ops.compute.Device;
import io.ebmstream.ops.compute.Executors;
import org.apache.flink.configuration.MemorySize;
import picocli.CommandLine.Option;

/** What computes. */
final class ComputeOptions {
    @Option(
            names = "--executor",
            paramLabel = "NAME",
            defaultValue = Executors.AUTO,
            description =
                    "What runs the network: auto (the fastest that works here), onednn, nd4j,"
                            + " reference or cuda.")
    private String executor;

    @Option(
            names = "--precision",
            paramLabel = "NAME",
            defaultValue = Executors.AUTO,
            description =
                    "Number format: auto (the fastest here), float32, bf16 or, on GPUs, tf32.")
    private String precision;

    @Option(
            names = "--gpu",
            paramLabel = "INDEX",
            description =
                    "GPU of executor cuda, and of nd4j where it is built for one, as nvidia-smi"
                            + " counts; the first by default.")
    private Integer gpu;

    @Option(
            names = "--gpu-memory",
            paramLabel = "SIZE",
            defaultValue = "0",
            description =
                    "Most memory of the GPU that executor cuda gives to tensors, with its unit"
                            + " (mb, gb); 0 for all there is.")
    private String gpuMemory;

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
            return Executors.resolve(executor, precision, device());
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new UsageException(e.getMessage(), e);
        }
    }

    private Device device() {
        Device device = gpu == null ? Device.CPU : Device.gpu(gpu);
        try {
            return device.withGpuMemory(MemorySize.parse(gpuMemory).getBytes());
        } catch (IllegalArgumentException e) {
            throw new UsageException(
                    "--gpu-memory: expected a size with its unit such as 16gb, found " + gpuMemory,
                    e);
        }
    }
}
