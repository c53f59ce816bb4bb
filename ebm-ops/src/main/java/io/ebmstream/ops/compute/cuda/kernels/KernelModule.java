package io.ebmstream.ops.compute.cuda.kernels;

import io.ebmstream.ops.compute.Precision;
import java.util.ArrayList;
import java.util.List;

/**
 * A source file with all that it includes: what is compiled at once.
 *
 * @param name name of the file, without its ending
 * @param text complete source; includes nothing
 * @param kernels names of the functions in it, with C linkage, in the order of the source
 */
public record KernelModule(String name, String text, List<String> kernels) {
    /**
     * Rounding as IEEE 754 says, without fused multiply-add: the noise must have the bits that it
     * has on a CPU. The kernels wait for memory, not for arithmetic, so that it costs nothing.
     */
    private static final List<String> ARITHMETIC =
            List.of(
                    "--std=c++17",
                    "--fmad=false",
                    "--prec-div=true",
                    "--prec-sqrt=true",
                    "--ftz=false");

    public KernelModule {
        kernels = List.copyOf(kernels);
    }

    /**
     * Options for NVRTC, all but the architecture.
     *
     * @param precision format of the values; {@link Precision#TF32} is float32 here
     */
    public List<String> options(Precision precision) {
        List<String> options = new ArrayList<>(ARITHMETIC);
        options.add("-DEBM_BF16=" + (precision == Precision.BFLOAT16 ? 1 : 0));
        return List.copyOf(options);
    }
}
