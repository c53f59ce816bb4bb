package io.ebmstream.ops.compute;

import io.ebmstream.ops.energy.Network;
import java.util.Set;

/**
 * A way to execute networks: {@code reference} (plain Java, double precision), {@code nd4j} (ND4J
 * operations), {@code onednn} (planned oneDNN primitives) or {@code cuda} (cuDNN and own kernels on
 * a GPU). Thread-safe.
 */
public interface Executor {

    /** Name in configuration and reports. */
    String name();

    /**
     * What the bits of results depend on beside the executor and the precision: the architecture,
     * and the instruction set where the executor chooses one.
     */
    default String machine() {
        return System.getProperty("os.arch");
    }

    /** Formats that run on this machine at all. */
    Set<Precision> precisions();

    /** The format that is fastest on this machine, for {@code precision: auto}. */
    Precision preferredPrecision();

    /**
     * Whether one compiled network uses all of what it runs on: it wants large batches then, and
     * nobody to cut them into parts for several workers.
     */
    default boolean isParallel() {
        return false;
    }

    /** How often a lack of memory made micro-batches smaller than they are meant to be. */
    default long splits() {
        return 0;
    }

    /**
     * Builds everything that a run needs: plans, native memory, scratch. Weights are zero until
     * set.
     *
     * @param network the network
     * @param batch most inputs in one call, at least 1
     * @param precision one of {@link #precisions()}
     * @param mode statistics of batch normalisation
     * @throws UnsupportedOperationException if the precision or a layer cannot run here; the
     *     message says why and what to use
     */
    CompiledNetwork compile(Network network, int batch, Precision precision, Mode mode);

    /** {@link #compile(Network, int, Precision, Mode)} for {@link Mode#INFERENCE}. */
    default CompiledNetwork compile(Network network, int batch, Precision precision) {
        return compile(network, batch, precision, Mode.INFERENCE);
    }
}
