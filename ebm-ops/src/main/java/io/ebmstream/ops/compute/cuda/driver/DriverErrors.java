package io.ebmstream.ops.compute.cuda.driver;

import io.ebmstream.ops.compute.cuda.gpu.GpuLostError;
import io.ebmstream.ops.compute.cuda.gpu.GpuOutOfMemoryException;
import java.util.Map;
import java.util.Set;
import org.bytedeco.cuda.global.cudart;

/** What the driver's result codes mean for a caller. Loads no library. */
final class DriverErrors {
    /**
     * After these the context answers every call with an error, or the device is gone: CUDA Driver
     * API, description of CUresult.
     */
    private static final Set<Integer> LOST =
            Set.of(
                    cudart.CUDA_ERROR_DEINITIALIZED,
                    cudart.CUDA_ERROR_DEVICE_UNAVAILABLE,
                    cudart.CUDA_ERROR_ECC_UNCORRECTABLE,
                    cudart.CUDA_ERROR_NVLINK_UNCORRECTABLE,
                    cudart.CUDA_ERROR_CONTAINED,
                    cudart.CUDA_ERROR_ILLEGAL_ADDRESS,
                    cudart.CUDA_ERROR_LAUNCH_TIMEOUT,
                    cudart.CUDA_ERROR_CONTEXT_IS_DESTROYED,
                    cudart.CUDA_ERROR_ASSERT,
                    cudart.CUDA_ERROR_HARDWARE_STACK_ERROR,
                    cudart.CUDA_ERROR_ILLEGAL_INSTRUCTION,
                    cudart.CUDA_ERROR_MISALIGNED_ADDRESS,
                    cudart.CUDA_ERROR_INVALID_ADDRESS_SPACE,
                    cudart.CUDA_ERROR_INVALID_PC,
                    cudart.CUDA_ERROR_LAUNCH_FAILED,
                    cudart.CUDA_ERROR_TENSOR_MEMORY_LEAK,
                    cudart.CUDA_ERROR_MPS_RPC_FAILURE,
                    cudart.CUDA_ERROR_MPS_CLIENT_TERMINATED,
                    cudart.CUDA_ERROR_EXTERNAL_DEVICE,
                    cudart.CUDA_ERROR_UNKNOWN);

    /** What helps against errors of a driver that is there but cannot start. */
    private static final Map<Integer, String> ADVICE =
            Map.of(
                    cudart.CUDA_ERROR_STUB_LIBRARY,
                    "the libcuda.so.1 found is the toolkit's stub: put the driver's before it in"
                            + " LD_LIBRARY_PATH",
                    cudart.CUDA_ERROR_NO_DEVICE,
                    "assign a GPU to this machine or container, and look at CUDA_VISIBLE_DEVICES",
                    cudart.CUDA_ERROR_SYSTEM_DRIVER_MISMATCH,
                    "the kernel module and libcuda.so.1 are of different versions: reboot, or"
                            + " install the driver again",
                    cudart.CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE,
                    "forward compatibility packages work on data-centre GPUs only: update the"
                            + " driver",
                    cudart.CUDA_ERROR_SYSTEM_NOT_READY,
                    "start nvidia-fabricmanager, or whatever this system's GPUs wait for",
                    cudart.CUDA_ERROR_NO_BINARY_FOR_GPU,
                    "clear the folder of compiled kernels (" + CubinCache.PROPERTY + ")");

    private DriverErrors() {}

    /** Whether nothing on the device works after this. */
    static boolean isLost(int code) {
        return LOST.contains(code);
    }

    /**
     * The exception for a code.
     *
     * @param code CUresult, not 0
     * @param word the driver's name for it and what it says
     * @param action what was tried, as "to copy"
     * @param device on which, for people
     * @throws GpuLostError if nothing on the device works after this
     */
    static RuntimeException exception(int code, String word, String action, String device) {
        String found = "expected " + device + " " + action + ", found " + word;
        if (code == cudart.CUDA_ERROR_OUT_OF_MEMORY) {
            return new GpuOutOfMemoryException(
                    found + "; take a smaller batch, or leave the device to fewer processes");
        }
        if (isLost(code)) {
            throw new GpuLostError(
                    found
                            + "; results since the last synchronisation are lost and this process"
                            + " cannot use the device again: restart it, and look at the kernel's"
                            + " log for an Xid message of the driver");
        }
        return new IllegalStateException(
                found + ADVICE.getOrDefault(code, "").transform(a -> a.isEmpty() ? a : "; " + a));
    }
}
