package io.ebmstream.ops.compute.nd4j;

import io.ebmstream.ops.compute.Device;
import java.util.List;
import java.util.Optional;

/**
 * Whether ND4J's backend for NVIDIA GPUs, nd4j-cuda-11.6, is on the class path, and whether it can
 * run here. It holds machine code for compute capability 3.7 to 8.6 and nothing that a driver could
 * translate for newer GPUs: 8.9 runs the code for 8.6, on 9.0 and above no kernel loads. ND4J
 * itself would find out in the middle of its initialisation, with a message that helps nobody; so
 * this is asked before ND4J is touched.
 */
public final class CudaBackend {
    /** First driver branch that runs CUDA 11. */
    static final int OLDEST_DRIVER = 450;

    private static final String BACKEND = "org/nd4j/linalg/jcublas/JCublasBackend.class";
    private static final String INSTEAD =
            "use executor onednn on the CPU: build without the Maven profile cuda";

    private static CudaDevices devices;

    private CudaBackend() {}

    /** Whether ND4J computes on a GPU here; does not load it. */
    public static boolean isOnClassPath() {
        return CudaBackend.class.getClassLoader().getResource(BACKEND) != null;
    }

    /**
     * Checks that ND4J can start: always, unless its backend is the one for GPUs.
     *
     * @param device the GPU to compute on; the first one if it names none
     * @throws IllegalStateException if there is no driver, no such GPU, or one that the backend has
     *     no code for; the message says what to use instead
     */
    public static void check(Device device) {
        if (isOnClassPath()) {
            objection(devices(), device)
                    .ifPresent(
                            message -> {
                                throw new IllegalStateException(message);
                            });
        }
    }

    /** The GPUs that the driver knows, in words; takes up to 20 s the first time. */
    public static List<String> gpus() {
        return devices().devices().stream().map(CudaDevice::toString).toList();
    }

    /** Why the driver could not be asked for its GPUs; empty if it answered. */
    public static String driverSays() {
        return devices().failure();
    }

    private static synchronized CudaDevices devices() {
        if (devices == null) {
            devices = CudaDevices.ask();
        }
        return devices;
    }

    /** What speaks against running on this device, for people. */
    static Optional<String> objection(CudaDevices found, Device wanted) {
        if (!found.failure().isEmpty()) {
            return objection(
                    "an NVIDIA driver that answers", found.failure(), "install one, or " + INSTEAD);
        }
        int index = wanted.gpu().orElse(0);
        Optional<CudaDevice> device =
                found.devices().stream().filter(d -> d.index() == index).findFirst();
        if (device.isEmpty()) {
            return objection(
                    "a GPU of index " + index,
                    found.devices().isEmpty() ? "no GPU" : "" + found.devices(),
                    "assign another one, or " + INSTEAD);
        }
        CudaDevice gpu = device.get();
        if (gpu.driver() < OLDEST_DRIVER) {
            return objection(
                    "driver " + OLDEST_DRIVER + " or newer", "" + gpu, "update it, or " + INSTEAD);
        }
        if (gpu.isAtLeast(9, 0)) {
            return objection(
                    "compute capability 3.7 to 8.9",
                    gpu + ", for which it has no code",
                    "build with the Maven profile cuda13 for executor cuda, or " + INSTEAD);
        }
        if (!gpu.isAtLeast(3, 7)) {
            return objection("compute capability 3.7 to 8.9", "" + gpu, INSTEAD);
        }
        return Optional.empty();
    }

    private static Optional<String> objection(String expected, String found, String advice) {
        return Optional.of(
                "expected "
                        + expected
                        + " for ND4J's GPU backend nd4j-cuda-11.6, which is on the class path,"
                        + " found "
                        + found
                        + "; "
                        + advice);
    }
}
