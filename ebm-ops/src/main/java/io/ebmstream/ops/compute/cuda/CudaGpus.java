package io.ebmstream.ops.compute.cuda;

import io.ebmstream.ops.compute.cuda.gpu.Gpu;
import java.lang.reflect.InvocationTargetException;

/**
 * The way to a GPU: by reflection, so that a program without the CUDA 13 binding starts, runs and
 * says what is missing only when a GPU is asked for. Stateless, thread-safe.
 */
public final class CudaGpus {
    private static final String BINDING = "org/bytedeco/cuda/global/cudnn.class";
    private static final String DRIVER = "io.ebmstream.ops.compute.cuda.driver.CudaGpu";
    private static final String PROFILE =
            "build with the Maven profile cuda13 (EBM_PROFILES=cuda13 ./ebm ..)";

    private CudaGpus() {}

    /**
     * Whether this program was built to run on GPUs with CUDA 13; says nothing about the machine.
     * Loads nothing.
     */
    public static boolean isOnClassPath() {
        ClassLoader loader = CudaGpus.class.getClassLoader();
        return loader.getResource(BINDING) != null
                && loader.getResource(DRIVER.replace('.', '/') + ".class") != null;
    }

    /**
     * Opens a GPU.
     *
     * @param index as CUDA counts
     * @param memoryLimit most bytes of memory for tensors, 0 for no limit; the context and the
     *     libraries take some 500 MB more
     * @throws IllegalArgumentException if the limit is negative
     * @throws IllegalStateException if the program was not built for it, or a library, the driver
     *     or the device is missing or too old; the message says which, and what to do
     */
    public static Gpu open(int index, long memoryLimit) {
        if (!isOnClassPath()) {
            throw new IllegalStateException(
                    "expected the CUDA 13 binding on the class path for executor cuda, found none; "
                            + PROFILE);
        }
        try {
            return (Gpu)
                    Class.forName(DRIVER)
                            .getMethod("open", int.class, long.class)
                            .invoke(null, index, memoryLimit);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException told) {
                throw told;
            }
            throw new IllegalStateException(
                    "expected executor cuda to open GPU " + index + ", found " + e.getCause(),
                    e.getCause());
        } catch (ReflectiveOperationException | LinkageError e) {
            throw new IllegalStateException(
                    "expected the CUDA 13 binding to fit executor cuda, found "
                            + e
                            + "; "
                            + PROFILE,
                    e);
        }
    }
}
