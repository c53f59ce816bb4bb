package io.ebmstream.ops.compute.cuda;

import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.Device;
import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.Mode;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.cuda.gpu.Gpu;
import io.ebmstream.ops.compute.cuda.gpu.GpuProperties;
import io.ebmstream.ops.energy.Network;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Networks on one NVIDIA GPU of compute capability 7.5 or above, name {@code cuda}: convolutions of
 * cuDNN on tensors [n, h, w, c], everything else in a few kernels, Langevin runs as graphs that
 * stay on the device. Noise has the bits that it has on the CPU.
 *
 * <p>Repeatable on one device with one set of libraries. An image's bits do not depend on its
 * neighbours, its slot or their number, for plans of one batch size. Thread-safe.
 */
public final class CudaExecutor implements Executor, AutoCloseable {
    /** Name in configuration and reports. */
    public static final String NAME = "cuda";

    /**
     * Most images of a micro-batch: enough to fill a large GPU, and few enough that the tensors
     * between two layers of a small network stay in its cache.
     */
    static final int MICRO_BATCH = 256;

    /** Most micro-batches at a time. */
    static final int LANES = 4;

    /** By index: one for all that a process computes on a GPU, as long as it lives. */
    private static final Map<Integer, CudaExecutor> SHARED = new HashMap<>();

    private final Gpu gpu;
    private final Micro micro;

    /**
     * The process's executor on a GPU, opened when it is asked for first.
     *
     * @param device a GPU, the first one if it names none, and the limit of its memory, which
     *     counts at the first time
     * @throws IllegalStateException if the program was not built for it, or a library, the driver
     *     or the device is missing or too old; the message says which, and what to do
     */
    public static CudaExecutor on(Device device) {
        int index = device.gpu().orElse(0);
        synchronized (SHARED) {
            CudaExecutor executor = SHARED.get(index);
            if (executor == null) {
                executor = new CudaExecutor(CudaGpus.open(index, device.gpuMemory()));
                SHARED.put(index, executor);
            }
            return executor;
        }
    }

    /**
     * @param gpu what computes; closed with the executor
     */
    public CudaExecutor(Gpu gpu) {
        this(gpu, MICRO_BATCH, LANES);
    }

    /**
     * @param images most images of a micro-batch, at least 1; part of what bits depend on
     * @param lanes most micro-batches at a time, at least 1
     */
    public CudaExecutor(Gpu gpu, int images, int lanes) {
        this.gpu = gpu;
        this.micro = new Micro(images, lanes, new AtomicLong());
    }

    @Override
    public String name() {
        return NAME;
    }

    /** One word: records name it, and a replay reads it again. */
    @Override
    public String machine() {
        GpuProperties found = gpu.properties();
        return Executor.super.machine()
                + "/sm_"
                + found.major()
                + found.minor()
                + "/"
                + (found.name() + " " + found.libraries()).replaceAll("[^\\w.]+", "-");
    }

    /** What it computes on. */
    public String device() {
        return gpu.properties().toString();
    }

    @Override
    public long splits() {
        return micro.splits().get();
    }

    @Override
    public boolean isParallel() {
        return true;
    }

    /** Turing's tensor cores know neither tf32 nor bf16. */
    @Override
    public Set<Precision> precisions() {
        return gpu.properties().major() >= 8
                ? EnumSet.allOf(Precision.class)
                : EnumSet.of(Precision.FLOAT32);
    }

    @Override
    public Precision preferredPrecision() {
        return gpu.properties().major() >= 8 ? Precision.BFLOAT16 : Precision.FLOAT32;
    }

    @Override
    public CompiledNetwork compile(Network network, int batch, Precision precision, Mode mode) {
        if (!precisions().contains(precision)) {
            throw new UnsupportedOperationException(
                    "expected a GPU of compute capability 8.0 or above for precision "
                            + precision.label()
                            + ", found "
                            + gpu.properties()
                            + "; use precision float32");
        }
        return new CudaNetwork(network, batch, precision, mode, gpu, micro);
    }

    /** Gives the GPU back; compiled networks must be closed before. */
    @Override
    public void close() {
        gpu.close();
    }
}
