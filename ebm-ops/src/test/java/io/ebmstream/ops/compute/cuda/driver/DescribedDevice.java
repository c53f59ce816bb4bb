package io.ebmstream.ops.compute.cuda.driver;

import org.bytedeco.cuda.global.cudnn;

/** Devices as cuDNN is told of them where they are not at hand: figures of NVIDIA's data sheets. */
enum DescribedDevice {
    T4(75, 40, 65_536, 16, 1024, 4 << 20, 16),
    A100(80, 108, 166_912, 32, 2048, 40 << 20, 80),
    A10(86, 72, 101_376, 16, 1536, 6 << 20, 24),
    L4(89, 58, 101_376, 24, 1536, 48 << 20, 24),
    H100(90, 132, 232_448, 32, 2048, 50 << 20, 80),
    B200(100, 148, 232_448, 32, 2048, 126 << 20, 180),
    RTX5090(120, 170, 101_376, 24, 1536, 96 << 20, 32);

    private final int capability;
    private final int processors;
    private final int sharedMemory;
    private final int blocks;
    private final int threads;
    private final int cache;
    private final long gigabytes;

    DescribedDevice(
            int capability,
            int processors,
            int sharedMemory,
            int blocks,
            int threads,
            int cache,
            long gigabytes) {
        this.capability = capability;
        this.processors = processors;
        this.sharedMemory = sharedMemory;
        this.blocks = blocks;
        this.threads = threads;
        this.cache = cache;
        this.gigabytes = gigabytes;
    }

    /** Compute capability without its point. */
    int capability() {
        return capability;
    }

    /** cuDNN's description of it; the caller's. */
    Descriptor describe() {
        return new Descriptor(cudnn.CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR, name())
                .text(cudnn.CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION, json())
                .finish();
    }

    private String json() {
        return """
        {"cudaDeviceId":0,"deviceVer":%d,"driverVer":13000,
         "maxGridSize":[2147483647,65535,65535],"maxBlockSize":[1024,1024,64],
         "regsPerBlock":65536,"multiProcessorCount":%d,"smCountOrigin":0,"warpSize":32,
         "maxSharedMemoryPerBlock":49152,"maxSharedMemoryPerBlockOptin":%d,
         "reservedSharedMemoryPerBlock":%d,"maxRegistersPerSM":65536,"maxCtasPerSM":%d,
         "maxThreadsPerBlock":1024,"maxThreadsPerSM":%d,"pciDeviceId":0,"isTccDriver":0,
         "supportCoopLaunch":1,"smClockRateKHz":1700000,"memClockRateKHz":2000000,
         "l2CacheSize":%d,"deviceName":"%s","totalGlobalMem":%d}
        """
                .formatted(
                        capability * 10,
                        processors,
                        sharedMemory,
                        capability < 80 ? 0 : 1024,
                        blocks,
                        threads,
                        cache,
                        name(),
                        gigabytes << 30);
    }
}
