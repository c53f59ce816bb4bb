package io.ebmstream.ops.compute.cuda.driver;

import io.ebmstream.ops.compute.cuda.gpu.GpuKernel;
import java.util.Arrays;
import org.bytedeco.cuda.cudart.CUfunc_st;

/**
 * A loaded function.
 *
 * @param sizes of its arguments in bytes, as the compiler counts them
 */
record CudaKernel(String name, CUfunc_st function, int[] sizes) implements GpuKernel {
    /**
     * Refuses arguments that are not what the function takes; it would read past them.
     *
     * @throws IllegalArgumentException if number or size of one is another
     */
    void check(Object... arguments) {
        boolean same = arguments.length == sizes.length;
        for (int i = 0; same && i < sizes.length; i++) {
            same = size(arguments[i]) == sizes[i];
        }
        if (!same) {
            throw new IllegalArgumentException(
                    "expected arguments of "
                            + Arrays.toString(sizes)
                            + " bytes for kernel "
                            + name
                            + ", found "
                            + Arrays.toString(arguments)
                            + "; give a Long for an address or a 64-bit integer, an Integer or a"
                            + " Float");
        }
    }

    private static int size(Object argument) {
        return argument instanceof Long
                ? Long.BYTES
                : argument instanceof Integer || argument instanceof Float ? Integer.BYTES : 0;
    }
}
