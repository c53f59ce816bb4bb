package io.ebmstream.ops.compute.nd4j;

import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.Device;
import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.Mode;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.energy.Network;
import java.util.EnumSet;
import java.util.Set;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * ND4J operations, name {@code nd4j}, float32 only; on the CPU, or on an NVIDIA GPU where {@link
 * CudaBackend} is on the class path.
 *
 * <p>Making one on the CPU sets ND4J and its BLAS to one thread for the whole process: parallelism
 * is one compiled network per core, and ND4J's own reductions change their last digits with the
 * number of threads. Thread-safe.
 */
public final class Nd4jExecutor implements Executor {
    /** Name in configuration and reports. */
    public static final String NAME = "nd4j";

    private static final Logger LOG = LoggerFactory.getLogger(Nd4jExecutor.class);

    private final Device device;
    private final boolean cuda;

    /** On ND4J's first device. */
    public Nd4jExecutor() {
        this(Device.CPU);
    }

    /**
     * @param device the GPU to compute on, where ND4J's backend is the one for GPUs; the first one
     *     if it names none
     * @throws IllegalStateException if ND4J's backend does not run here
     */
    public Nd4jExecutor(Device device) {
        CudaBackend.check(device);
        this.device = device;
        cuda = CudaBackend.isOnClassPath();
        try {
            if (!cuda) {
                Nd4j.getEnvironment().setMaxMasterThreads(1);
                Nd4j.getEnvironment().setMaxThreads(1);
                Nd4j.factory().blas().setMaxThreads(1);
            }
            enter();
            LOG.info(
                    "ND4J computes on {}{}",
                    cuda ? "GPU " + device.gpu().orElse(0) : "the CPU",
                    hasFastConvolutions()
                            ? ""
                            : "; no build of it with oneDNN inside exists for this platform:"
                                    + " its convolutions take several times as long as"
                                    + " executor onednn's");
        } catch (LinkageError | RuntimeException e) {
            throw new IllegalStateException(
                    "expected ND4J's backend with natives for this machine on the class path,"
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
        if (precision != Precision.FLOAT32) {
            throw new UnsupportedOperationException(
                    "expected float32 for executor nd4j, found "
                            + precision.label()
                            + "; use float32 or executor onednn");
        }
        enter();
        return new Nd4jNetwork(network, batch, mode, this::enter);
    }

    private boolean hasFastConvolutions() {
        return cuda
                || NativeOpsHolder.getInstance()
                        .getDeviceNativeOps()
                        .buildInfo()
                        .contains("HAVE_ONEDNN");
    }

    /**
     * Prepares the calling thread: its GPU, or one OpenMP thread for what it executes. Both belong
     * to the thread, so every entry from outside makes them.
     */
    private void enter() {
        if (!cuda) {
            NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(1);
        } else if (device.gpu().isPresent()
                && Nd4j.getAffinityManager().getDeviceForCurrentThread()
                        != device.gpu().getAsInt()) {
            Nd4j.getAffinityManager().unsafeSetDevice(device.gpu().getAsInt());
        }
    }
}
