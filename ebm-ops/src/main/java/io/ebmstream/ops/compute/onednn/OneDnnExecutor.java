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
 * processor multiplies it. Runs chains of convolutions and leaky ReLUs that end in a convolution to
 * 1x1x1.
 *
 * <p>A compiled network runs on the calling thread with one OpenMP thread. To use more cores run
 * several compiled networks side by side, each on its own part of a batch. Thread-safe.
 */
public final class OneDnnExecutor implements Executor {
    /** Name in configuration and reports. */
    public static final String NAME = "onednn";

    /**
     * Images that pass a layer together. Few, so that their activations stay in the cache; more
     * than one, so that a layer's weights serve several images while they are there (one alone
     * costs a quarter more when the cache is shared with others), and calls count less.
     */
    static final int BLOCK = 8;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Set<Precision> precisions() {
        return OneDnn.hasBfloat16()
                ? EnumSet.allOf(Precision.class)
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
        if (batch < 1) {
            throw new IllegalArgumentException("expected a batch of at least 1, found " + batch);
        }
        check(precision);
        if (mode != Mode.INFERENCE || !network.isEnergy()) {
            throw new UnsupportedOperationException(
                    "expected an energy network in inference mode for executor "
                            + NAME
                            + ", found "
                            + network);
        }
        return new OneDnnNetwork(network, batch, precision, BLOCK, null);
    }

    /**
     * @throws UnsupportedOperationException if the precision cannot run here
     */
    void check(Precision precision) {
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
