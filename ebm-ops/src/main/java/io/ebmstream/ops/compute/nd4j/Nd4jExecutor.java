package io.ebmstream.ops.compute.nd4j;

import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.Mode;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.energy.Network;
import java.util.EnumSet;
import java.util.Set;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * ND4J operations, name {@code nd4j}, float32 only.
 *
 * <p>Making one sets ND4J and its BLAS to one thread for the whole process: parallelism is one
 * compiled network per core, and ND4J's own reductions change their last digits with the number of
 * threads. Thread-safe.
 */
public final class Nd4jExecutor implements Executor {
    /** Name in configuration and reports. */
    public static final String NAME = "nd4j";

    /**
     * @throws IllegalStateException if ND4J's backend does not load here
     */
    public Nd4jExecutor() {
        try {
            Nd4j.getEnvironment().setMaxMasterThreads(1);
            Nd4j.getEnvironment().setMaxThreads(1);
            Nd4j.factory().blas().setMaxThreads(1);
        } catch (LinkageError | RuntimeException e) {
            throw new IllegalStateException(
                    "expected ND4J's CPU backend with natives for this machine on the class path,"
                            + " found that it does not load ("
                            + e
                            + "); add nd4j-native, openblas and javacpp with the classifier of this"
                            + " platform, or choose executor reference",
                    e);
        }
    }

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
        if (batch < 1) {
            throw new IllegalArgumentException("expected a batch of at least 1, found " + batch);
        }
        if (precision != Precision.FLOAT32) {
            throw new UnsupportedOperationException(
                    "expected float32 for executor nd4j, found "
                            + precision.label()
                            + "; use float32 or executor onednn");
        }
        return new Nd4jNetwork(network, batch, mode);
    }

    /**
     * Gives OpenMP one thread for what the calling thread executes. The setting belongs to the
     * thread, so every entry from outside makes it.
     */
    static void useOneThread() {
        NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(1);
    }
}
