package io.ebmstream.job.compute;

import io.ebmstream.ops.compute.Executors;
import java.io.Serializable;
import org.apache.flink.api.common.functions.RuntimeContext;

/**
 * Chooses what an operator computes with, on the machine that runs the operator, not on the one
 * that submits the job.
 */
@FunctionalInterface
public interface ComputeChoice extends Serializable {
    /**
     * @param context of the subtask that computes
     * @throws RuntimeException if an executor was asked for by name and cannot run here
     */
    Executors.Choice choose(RuntimeContext context);

    /**
     * The choice that a configuration asks for.
     *
     * @param gpuResource name of Flink's external resource that holds GPUs
     * @param gpuMemory most bytes of a GPU's memory for tensors, 0 for no limit
     */
    static ComputeChoice of(String executor, String precision, String gpuResource, long gpuMemory) {
        return context ->
                Executors.resolve(
                        executor,
                        precision,
                        AssignedGpu.of(context, gpuResource).withGpuMemory(gpuMemory));
    }

    /** Text for records and metrics, for example {@code onednn/bf16}. */
    static String label(Executors.Choice choice) {
        return choice.executor().name() + "/" + choice.precision().label();
    }

    /** What promises the same bits, for example {@code amd64/avx512_core onednn/float32}. */
    static String device(Executors.Choice choice) {
        return choice.executor().machine() + " " + label(choice);
    }
}
