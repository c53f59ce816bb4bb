package io.ebmstream.ops.compute.cuda.emulator;

import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.cuda.gpu.ConvolutionSpec;
import io.ebmstream.ops.compute.cuda.gpu.Gpu;
import io.ebmstream.ops.compute.cuda.gpu.GpuConvolution;
import io.ebmstream.ops.compute.cuda.gpu.GpuKernel;
import io.ebmstream.ops.compute.cuda.gpu.GpuLostError;
import io.ebmstream.ops.compute.cuda.gpu.GpuMemory;
import io.ebmstream.ops.compute.cuda.gpu.GpuOutOfMemoryException;
import io.ebmstream.ops.compute.cuda.gpu.GpuProperties;
import io.ebmstream.ops.compute.cuda.gpu.GpuStream;
import io.ebmstream.ops.compute.cuda.gpu.HostMemory;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Assumptions;

/**
 * A GPU that runs the kernels on the CPU. It fails, rather than compute nonsense, if an address
 * lies outside the memory that was allocated, if arguments are not the kernel's, if a kernel writes
 * beyond a piece of memory (found when the piece is closed) and if something is open when it is
 * closed itself.
 */
public final class EmulatedGpu implements Gpu {
    static final String NO_COMPILER = "skipped: no g++ to compile the kernels with";

    private final boolean fusesBias;
    private final boolean fusesMask;
    private final long limit;
    private final long survives;

    private final ConcurrentSkipListMap<Long, EmulatedMemory> memory =
            new ConcurrentSkipListMap<>();
    private final Set<Object> open = ConcurrentHashMap.newKeySet();
    private final AtomicLong launches = new AtomicLong();
    private final AtomicLong allocated = new AtomicLong();
    private final AtomicLong peak = new AtomicLong();
    private volatile boolean lost;

    private EmulatedGpu(Builder builder) {
        fusesBias = builder.fusesBias;
        fusesMask = builder.fusesMask;
        limit = builder.limit;
        survives = builder.survives;
    }

    /** One that fuses everything, has 4 GiB and never fails. Skips the test if there is no g++. */
    public static EmulatedGpu open() {
        return builder().open();
    }

    /** How a GPU shall be. */
    public static Builder builder() {
        return new Builder();
    }

    /** How a GPU shall be. */
    public static final class Builder {
        private boolean fusesBias = true;
        private boolean fusesMask = true;
        private long limit = 4L << 30;
        private long survives = Long.MAX_VALUE;

        private Builder() {}

        /** Whether it computes convolutions with a bias, and with a mask, in one. */
        public Builder fuses(boolean bias, boolean mask) {
            fusesBias = bias;
            fusesMask = mask;
            return this;
        }

        /** Bytes of its memory. */
        public Builder memory(long bytes) {
            limit = bytes;
            return this;
        }

        /** It is lost at the launch after so many; those of a graph count one by one. */
        public Builder lostAfter(long launches) {
            survives = launches;
            return this;
        }

        /** Opens it. Skips the test if there is no g++. */
        public EmulatedGpu open() {
            assumeAvailable();
            return new EmulatedGpu(this);
        }
    }

    /** Skips the test, with a message, where the kernels cannot be compiled. */
    public static void assumeAvailable() {
        Assumptions.assumeTrue(available(), NO_COMPILER);
    }

    /** Whether the kernels can be compiled. */
    static boolean available() {
        return Available.YES;
    }

    private static final class Available {
        static final boolean YES = EmulatorCompiler.available();
    }

    /** Launches done so far, those of graphs one by one. */
    public long launches() {
        return launches.get();
    }

    /** The most bytes that were allocated at once. */
    public long peakBytes() {
        return peak.get();
    }

    @Override
    public GpuProperties properties() {
        return new GpuProperties(0, "emulator", 9, 0, limit, "g++");
    }

    @Override
    public GpuMemory allocate(long bytes) {
        checkNotLost();
        if (bytes < 1) {
            throw new IllegalArgumentException("expected at least 1 byte, found " + bytes);
        }
        long now = allocated.addAndGet(bytes);
        if (now > limit) {
            allocated.addAndGet(-bytes);
            throw new GpuOutOfMemoryException(
                    "expected room for "
                            + bytes
                            + " bytes, found "
                            + (limit - now + bytes)
                            + " of "
                            + limit
                            + " free; take a smaller batch");
        }
        peak.accumulateAndGet(now, Math::max);
        return new EmulatedMemory(this, bytes);
    }

    @Override
    public HostMemory allocateHost(long bytes) {
        checkNotLost();
        return new EmulatedHostMemory(this, bytes);
    }

    @Override
    public GpuStream newStream() {
        checkNotLost();
        return new EmulatedStream(this);
    }

    @Override
    public GpuKernel kernel(Precision precision, String name) {
        return EmulatorLibrary.of(precision).kernel(name);
    }

    @Override
    public boolean fuses(ConvolutionSpec spec) {
        return switch (spec.epilogue()) {
            case NONE -> true;
            case BIAS -> fusesBias;
            case MASK -> fusesMask;
        };
    }

    @Override
    public GpuConvolution convolution(ConvolutionSpec spec) {
        checkNotLost();
        if (!fuses(spec)) {
            throw new UnsupportedOperationException(
                    "expected a convolution that the device fuses, found " + spec);
        }
        return new EmulatedConvolution(this, spec);
    }

    @Override
    public void close() {
        if (!open.isEmpty()) {
            throw new AssertionError("expected all to be closed before the GPU, found " + open);
        }
    }

    void opened(Object resource) {
        open.add(resource);
        if (resource instanceof EmulatedMemory piece) {
            memory.put(piece.address(), piece);
        }
    }

    void closed(Object resource) {
        if (open.remove(resource) && resource instanceof EmulatedMemory piece) {
            memory.remove(piece.address());
            allocated.addAndGet(-piece.bytes());
        }
    }

    void checkOpen(Object resource) {
        if (!open.contains(resource)) {
            throw new IllegalStateException("expected " + resource + " to be open");
        }
    }

    /** Waits for all streams: memory is freed only when nothing can use it. */
    void await() {
        for (Object resource : List.copyOf(open)) {
            if (resource instanceof EmulatedStream stream) {
                stream.await();
            }
        }
    }

    /** The range must lie in one piece of memory. */
    void checkRange(long address, long bytes, String what) {
        Map.Entry<Long, EmulatedMemory> piece = memory.floorEntry(address);
        if (bytes < 0
                || piece == null
                || address + bytes > piece.getKey() + piece.getValue().bytes()) {
            throw new IllegalArgumentException(
                    what
                            + ": expected "
                            + bytes
                            + " bytes of memory at address "
                            + Long.toHexString(address)
                            + ", found "
                            + (piece == null
                                    ? "none"
                                    : piece.getValue()
                                            + " at "
                                            + Long.toHexString(piece.getKey())));
        }
    }

    void countLaunch(String what) {
        if (launches.incrementAndGet() > survives) {
            lost = true;
            throw new GpuLostError("the emulated GPU was lost at " + what + ", as was asked for");
        }
    }

    boolean lost() {
        return lost;
    }

    void checkNotLost() {
        if (lost) {
            throw new GpuLostError("the emulated GPU was lost, as was asked for");
        }
    }
}
