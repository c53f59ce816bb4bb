package io.ebmstream.job.compute;

import io.ebmstream.ops.compute.Executors;
import java.io.Serializable;

/**
 * Chooses what an operator computes with, on the machine that runs the operator, not on the one
 * that submits the job.
 */
@FunctionalInterface
public interface ComputeChoice extends Serializable {
    /**
     * @throws RuntimeException if an executor was asked for by name and cannot run here
     */
    Executors.Choice choose();

    /** The choice that a configuration asks for. */
    static ComputeChoice of(String executor, String precision) {
        return () -> Executors.resolve(executor, precision);
    }

    /** Text for records and metrics, for example {@code onednn/bf16}. */
    static String label(Executors.Choice choice) {
        return choice.executor().name() + "/" + choice.precision().label();
    }
}
