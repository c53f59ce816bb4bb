package io.ebmstream.ops.compute.reference;

import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.Mode;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.energy.Network;
import java.util.EnumSet;
import java.util.Set;

/**
 * Plain Java loops, name {@code reference}. Its format is called float32 because that is what
 * stands at its border: weights, pixels and gradients are float32 arrays. In between it computes in
 * double precision, and rounds once at the end. Thread-safe.
 */
public final class ReferenceExecutor implements Executor {
    /** Name in configuration and reports. */
    public static final String NAME = "reference";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Set<Precision> precisions() {
        return EnumSet.of(Precision.FLOAT32);
    }

    @Override
    public Precision preferredPrecision() {
        return Precision.FLOAT32;
    }

    @Override
    public CompiledNetwork compile(Network network, int batch, Precision precision, Mode mode) {
        if (precision != Precision.FLOAT32) {
            throw new UnsupportedOperationException(
                    "expected float32 for executor reference, found "
                            + precision.label()
                            + "; use float32 or executor onednn");
        }
        return new ReferenceNetwork(network, batch, mode);
    }
}
