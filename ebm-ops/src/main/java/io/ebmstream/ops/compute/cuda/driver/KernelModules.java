package io.ebmstream.ops.compute.cuda.driver;

import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.cuda.kernels.KernelModule;
import io.ebmstream.ops.compute.cuda.kernels.KernelSources;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.cuda.cudart.CUfunc_st;
import org.bytedeco.cuda.cudart.CUmod_st;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.SizeTPointer;

/**
 * The kernels of one device: compiled, or read from the cache, when first asked for. Thread-safe.
 */
final class KernelModules implements AutoCloseable {
    private static final int PARAMETERS = 64;

    private final CudaContext context;
    private final CubinCache cache;
    private final int architecture;
    private final Map<String, CUmod_st> modules = new HashMap<>();
    private final Map<String, CudaKernel> kernels = new HashMap<>();

    KernelModules(CudaContext context, CubinCache cache) {
        this.context = context;
        this.cache = cache;
        this.architecture = context.properties().major() * 10 + context.properties().minor();
    }

    /** As {@link io.ebmstream.ops.compute.cuda.gpu.Gpu#kernel}. */
    synchronized CudaKernel kernel(Precision precision, String name) {
        String key = name + (precision == Precision.BFLOAT16 ? " bf16" : " float32");
        CudaKernel kernel = kernels.get(key);
        if (kernel == null) {
            kernel = load(module(precision, KernelSources.moduleOf(name)), name);
            kernels.put(key, kernel);
        }
        return kernel;
    }

    /** The machine code of a module, from the cache where it has it. */
    static byte[] code(
            CubinCache cache, KernelModule module, Precision precision, int architecture) {
        List<String> options = module.options(precision);
        List<String> all = new ArrayList<>(options);
        all.add(module.text());
        all.add("sm_" + architecture);
        all.add("NVRTC " + Nvrtc.version());
        return cache.get(
                CubinCache.key(all),
                () -> Nvrtc.compile(module.name(), module.text(), options, architecture));
    }

    private CUmod_st module(Precision precision, KernelModule source) {
        String key = source.name() + (precision == Precision.BFLOAT16 ? " bf16" : " float32");
        CUmod_st module = modules.get(key);
        if (module == null) {
            module = new CUmod_st();
            byte[] code = code(cache, source, precision, architecture);
            try (BytePointer image = new BytePointer(code)) {
                context.check(
                        cudart.cuModuleLoadData(module, image),
                        "to load the kernels " + source.name());
            }
            modules.put(key, module);
        }
        return module;
    }

    private CudaKernel load(CUmod_st module, String name) {
        CUfunc_st function = new CUfunc_st();
        context.check(
                cudart.cuModuleGetFunction(function, module, name), "to find the kernel " + name);
        // Asking for an attribute loads the code now, not within a capture.
        context.check(
                cudart.cuFuncGetAttribute(
                        new int[1], cudart.CU_FUNC_ATTRIBUTE_BINARY_VERSION, function),
                "to load the kernel " + name);
        return new CudaKernel(name, function, sizes(function, name));
    }

    private int[] sizes(CUfunc_st function, String name) {
        int[] sizes = new int[PARAMETERS];
        int count = 0;
        try (SizeTPointer offset = new SizeTPointer(1);
                SizeTPointer size = new SizeTPointer(1)) {
            int code = cudart.CUDA_SUCCESS;
            while (count < PARAMETERS && code == cudart.CUDA_SUCCESS) {
                code = cudart.cuFuncGetParamInfo(function, count, offset, size);
                if (code == cudart.CUDA_SUCCESS) {
                    sizes[count++] = (int) size.get();
                }
            }
            // The one behind the last is no valid value.
            if (code != cudart.CUDA_ERROR_INVALID_VALUE) {
                context.check(code, "to tell the arguments of kernel " + name);
            }
        }
        return Arrays.copyOf(sizes, count);
    }

    @Override
    public synchronized void close() {
        modules.values()
                .forEach(m -> context.checkClosing(cudart.cuModuleUnload(m), "to unload kernels"));
        modules.clear();
        kernels.clear();
    }
}
