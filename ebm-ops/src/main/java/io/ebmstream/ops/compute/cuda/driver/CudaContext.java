package io.ebmstream.ops.compute.cuda.driver;

import io.ebmstream.ops.compute.cuda.gpu.GpuProperties;
import java.nio.charset.StandardCharsets;
import org.bytedeco.cuda.cudart.CUctx_st;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.SizeTPointer;

/**
 * A device's primary context, which cuDNN uses too. Current for the thread that calls {@link
 * #enter}; every call of the driver goes through {@link #check}. Thread-safe.
 */
final class CudaContext implements AutoCloseable {
    private final GpuProperties properties;
    private final int device;
    private final CUctx_st context = new CUctx_st();
    private final CUstream_st own = new CUstream_st();
    private volatile boolean lost;
    private boolean closed;

    private CudaContext(GpuProperties properties, int device) {
        this.properties = properties;
        this.device = device;
    }

    /**
     * Opens a device, with the libraries loaded.
     *
     * @throws IllegalStateException if the driver, or the device, is missing or too old
     */
    static CudaContext open(int index) {
        int[] answer = {0};
        check(cudart.cuDriverGetVersion(answer), "to tell its version", "the driver");
        int driver = answer[0];
        DeviceChoice.checkDriver(driver);
        int started = cudart.cuInit(0);
        if (started == cudart.CUDA_ERROR_NO_DEVICE) {
            DeviceChoice.checkIndex(index, 0);
        }
        check(started, "to start", "the driver");
        check(cudart.cuDeviceGetCount(answer), "to count devices", "the driver");
        DeviceChoice.checkIndex(index, answer[0]);
        String name = "GPU " + index;
        check(cudart.cuDeviceGet(answer, index), "to be found", name);
        int device = answer[0];
        GpuProperties properties = properties(index, device, driver);
        DeviceChoice.checkCapability(properties);
        CudaContext context = new CudaContext(properties, device);
        context.start();
        return context;
    }

    private static GpuProperties properties(int index, int device, int driver) {
        String gpu = "GPU " + index;
        byte[] name = new byte[256];
        check(cudart.cuDeviceGetName(name, name.length, device), "to tell its name", gpu);
        try (SizeTPointer memory = new SizeTPointer(1)) {
            check(cudart.cuDeviceTotalMem(memory, device), "to tell its memory", gpu);
            return new GpuProperties(
                    index,
                    new String(name, StandardCharsets.UTF_8).split("\0")[0],
                    attribute(device, cudart.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, gpu),
                    attribute(device, cudart.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, gpu),
                    memory.get(),
                    "driver for CUDA "
                            + DeviceChoice.version(driver)
                            + ", NVRTC "
                            + Nvrtc.version()
                            + ", cuDNN "
                            + Cudnn.version());
        }
    }

    private static int attribute(int device, int which, String gpu) {
        int[] value = {0};
        check(cudart.cuDeviceGetAttribute(value, which, device), "to tell an attribute", gpu);
        return value[0];
    }

    private void start() {
        check(cudart.cuDevicePrimaryCtxRetain(context, device), "to make a context");
        try {
            enter();
            check(cudart.cuStreamCreate(own, cudart.CU_STREAM_NON_BLOCKING), "to make a stream");
        } catch (RuntimeException e) {
            cudart.cuDevicePrimaryCtxRelease(device);
            throw e;
        }
    }

    GpuProperties properties() {
        return properties;
    }

    /** Makes the device the calling thread's. */
    synchronized void enter() {
        if (closed) {
            throw new IllegalStateException(
                    "expected an open GPU, found " + this + " closed; open it again");
        }
        check(cudart.cuCtxSetCurrent(context), "to be made current");
    }

    /** As {@link #enter}, for what is freed: on a lost device that need not work. */
    synchronized void enterToClose() {
        if (!lost) {
            enter();
        }
    }

    /** Sets memory to 0 and waits for that. */
    synchronized void clear(long address, long bytes) {
        check(cudart.cuMemsetD8Async(address, (byte) 0, bytes, own), "to clear memory");
        check(cudart.cuStreamSynchronize(own), "to clear memory");
    }

    /** Throws what the device has to say, if it failed. */
    void ask() {
        int code = cudart.cuStreamQuery(own);
        if (code != cudart.CUDA_ERROR_NOT_READY) {
            check(code, "to answer");
        }
    }

    /** Free memory on the device, all of it, and what others take counted. */
    long free() {
        try (SizeTPointer free = new SizeTPointer(1);
                SizeTPointer total = new SizeTPointer(1)) {
            check(cudart.cuMemGetInfo(free, total), "to tell its free memory");
            return free.get();
        }
    }

    /** Whether a call found that nothing works any more. */
    boolean isLost() {
        return lost;
    }

    /**
     * Throws unless a call went well.
     *
     * @param code CUresult
     * @param action as "to copy"
     */
    void check(int code, String action) {
        lost |= DriverErrors.isLost(code);
        check(code, action, toString());
    }

    /** As {@link #check}, but says nothing if the device is lost: the owner has heard of that. */
    void checkClosing(int code, String action) {
        if (!lost && code != cudart.CUDA_ERROR_DEINITIALIZED) {
            check(code, action);
        }
    }

    private static void check(int code, String action, String device) {
        if (code != cudart.CUDA_SUCCESS) {
            throw DriverErrors.exception(code, word(code), action, device);
        }
    }

    private static String word(int code) {
        try (PointerPointer<BytePointer> name = new PointerPointer<>(1);
                PointerPointer<BytePointer> text = new PointerPointer<>(1)) {
            if (cudart.cuGetErrorName(code, name) != cudart.CUDA_SUCCESS
                    || cudart.cuGetErrorString(code, text) != cudart.CUDA_SUCCESS) {
                return "error " + code;
            }
            return name.get(BytePointer.class).getString()
                    + " ("
                    + code
                    + ": "
                    + text.get(BytePointer.class).getString()
                    + ")";
        }
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            enterToClose();
            closed = true;
            checkClosing(cudart.cuStreamDestroy(own), "to close a stream");
            checkClosing(cudart.cuDevicePrimaryCtxRelease(device), "to give its context back");
        }
    }

    @Override
    public String toString() {
        return "GPU " + properties.index() + " (" + properties.name() + ")";
    }
}
