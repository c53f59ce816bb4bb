package io.ebmstream.ops.compute.onednn;

import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.Mode;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.energy.Network;
import java.util.EnumSet;
import java.util.Set;

/**
 * Planned execution on the CPU with oneDNN, name {@code onednn}: float32 everywhere, bf16 where the
 * processor multiplies it. Runs every network, in both modes. Convolutions are merged with the
 * pools and normalisations behind them where that saves work ({@link Lowering}).
 *
 * <p>A compiled network runs on the calling thread with one OpenMP thread. To use more cores run
 * several compiled networks side by side, each on its own part of a batch. Thread-safe.
 */
public final class OneDnnExecutor implements Executor {
    /** Name in configuration and reports. */
    public static final String NAME = "onednn";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String machine() {
        return Executor.super.machine() + "/" + OneDnn.instructionSet();
    }

    @Override
    public Set<Precision> precisions() {
        return OneDnn.hasBfloat16()
                ? EnumSet.of(Precision.FLOAT32, Precision.BFLOAT16)
                : EnumSet.of(Precision.FLOAT32);
    }

    /**
     * bf16 with AMX, and on AMD processors with AVX512_BF16, which multiply it at twice the rate of
     * float32; Intel's do not without AMX.
     */
    @Override
    public Precision preferredPrecision() {
        boolean faster = OneDnn.hasAmx() || (OneDnn.hasBfloat16() && OneDnn.isAmd());
        return faster ? Precision.BFLOAT16 : Precision.FLOAT32;
    }

    @Override
    public CompiledNetwork compile(Network network, int batch, Precision precision, Mode mode) {
        check(precision);
        return new OneDnnNetwork(network, batch, precision, mode, 0, null);
    }

    /**
     * @throws UnsupportedOperationException if the precision cannot run here
     */
    void check(Precision precision) {
        if (precision == Precision.TF32) {
            throw new UnsupportedOperationException(
                    "expected precision float32 or bf16 for executor onednn, found tf32, which GPUs"
                            + " have; use float32");
        }
        if (!precisions().contains(precision)) {
            throw new UnsupportedOperationException(
                    "expected a processor with AVX512_BF16 or AMX for precision bf16, found "
                            + OneDnn.instructionSet()
                            + " as oneDNN's instruction set (ONEDNN_MAX_CPU_ISA="
                            + System.getenv().getOrDefault("ONEDNN_MAX_CPU_ISA", "unset")
                            + "); use precision float32");
        }
    }
}
