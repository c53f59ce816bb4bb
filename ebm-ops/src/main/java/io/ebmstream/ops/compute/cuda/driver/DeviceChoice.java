package io.ebmstream.ops.compute.cuda.driver;

import io.ebmstream.ops.compute.cuda.gpu.GpuProperties;

/** Which devices executor cuda runs on, and what it says of others. */
final class DeviceChoice {
    /** First version of the driver's interface that runs CUDA 13, as the driver counts. */
    static final int OLDEST_DRIVER = 13_000;

    private static final String INSTEAD = "choose executor onednn, or auto";

    private DeviceChoice() {}

    /**
     * @param version as the driver counts: 1000 major + 10 minor; 0 if libcuda.so.1 finds no driver
     * @throws IllegalStateException if the driver is too old
     */
    static void checkDriver(int version) {
        if (version < OLDEST_DRIVER) {
            throw new IllegalStateException(
                    "expected an NVIDIA driver for CUDA 13 (branch 580 or newer) for executor cuda,"
                            + " found "
                            + (version == 0 ? "none" : "one for CUDA " + version(version))
                            + "; update it, or "
                            + INSTEAD);
        }
    }

    /**
     * @param index of the device that was asked for
     * @param count of devices here
     * @throws IllegalStateException if there is none of that index
     */
    static void checkIndex(int index, int count) {
        if (index < 0 || index >= count) {
            throw new IllegalStateException(
                    "expected a GPU of index "
                            + index
                            + ", found "
                            + (count == 0
                                    ? "no GPU"
                                    : count == 1 ? "only index 0" : "indices 0 to " + (count - 1))
                            + "; assign another one (CUDA counts what CUDA_VISIBLE_DEVICES lists),"
                            + " or "
                            + INSTEAD);
        }
    }

    /**
     * @throws IllegalStateException if the device is older than Turing
     */
    static void checkCapability(GpuProperties device) {
        if (device.major() * 10 + device.minor() < 75) {
            throw new IllegalStateException(
                    "expected a GPU of compute capability 7.5 (Turing) or newer for executor cuda,"
                            + " found "
                            + device
                            + "; take another one, the Maven profile cuda with executor nd4j, or "
                            + INSTEAD);
        }
    }

    /** For example 13.1 of 13010. */
    static String version(int version) {
        return version / 1000 + "." + version % 1000 / 10;
    }
}
