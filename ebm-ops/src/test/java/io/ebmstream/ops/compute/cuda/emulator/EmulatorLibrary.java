package io.ebmstream.ops.compute.cuda.emulator;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.cuda.gpu.ConvolutionSpec;
import io.ebmstream.ops.compute.cuda.kernels.KernelSources;
import java.nio.file.Path;

/** The compiled kernels for one format of values. Thread-safe. */
final class EmulatorLibrary {
    private final NativeLibrary library;
    private final Function convolve;

    private EmulatorLibrary(Path file) {
        library = NativeLibrary.getInstance(file.toString());
        convolve = library.getFunction("convolve");
    }

    /** The one for a precision, made at the first call. */
    static EmulatorLibrary of(Precision precision) {
        return precision == Precision.BFLOAT16 ? Bfloat16.LIBRARY : Float32.LIBRARY;
    }

    /** With a sanitiser: makes each access of a kernel to a range an error, or none. */
    static void poison(long address, long bytes, boolean poisoned) {
        if (EmulatorCompiler.SANITIZED) {
            Float32.LIBRARY
                    .library
                    .getFunction("poison")
                    .invoke(
                            Void.class,
                            new Object[] {new Pointer(address), bytes, poisoned ? 1 : 0});
        }
    }

    EmulatedKernel kernel(String name) {
        String text = KernelSources.moduleOf(name).text();
        int from = text.indexOf("\nKERNEL " + name + "(");
        String body = text.substring(from, text.indexOf("\n}\n", from));
        boolean barriers = body.contains("total(") || body.contains("__syncthreads(");
        Pointer signature =
                (Pointer)
                        library.getFunction("signature_" + name)
                                .invoke(Pointer.class, new Object[0]);
        return new EmulatedKernel(
                name, signature.getString(0), barriers, library.getFunction("emulated_" + name));
    }

    void convolve(ConvolutionSpec spec, long values, long weights, long results, long extra) {
        int[] numbers = {
            spec.pass().ordinal(),
            spec.precision() == Precision.TF32 ? 1 : 0,
            spec.images(),
            spec.height(),
            spec.width(),
            spec.channels(),
            spec.filters(),
            spec.kernelHeight(),
            spec.kernelWidth(),
            spec.stride(),
            spec.padding(),
            spec.epilogue() == ConvolutionSpec.Epilogue.NONE ? 0 : 1,
            spec.resultHeight(),
            spec.resultWidth()
        };
        convolve.invoke(
                Void.class,
                new Object[] {
                    numbers,
                    spec.slope(),
                    new Pointer(values),
                    new Pointer(weights),
                    new Pointer(results),
                    extra == 0 ? Pointer.NULL : new Pointer(extra)
                });
    }

    private static final class Bfloat16 {
        static final EmulatorLibrary LIBRARY = new EmulatorLibrary(EmulatorCompiler.library(true));
    }

    private static final class Float32 {
        static final EmulatorLibrary LIBRARY = new EmulatorLibrary(EmulatorCompiler.library(false));
    }
}
