package io.ebmstream.ops.compute.cuda.emulator;

import com.sun.jna.Function;
import com.sun.jna.Pointer;
import io.ebmstream.ops.compute.cuda.gpu.GpuKernel;

/**
 * A kernel on the CPU.
 *
 * @param signature a letter for each parameter: p an address, l 64 bits, i 32 bits, f a float
 * @param barriers whether its threads wait for each other
 */
record EmulatedKernel(String name, String signature, boolean barriers, Function function)
        implements GpuKernel {

    /** Threads of a block, as the kernels are compiled for. */
    private static final int LARGEST_BLOCK = 256;

    /**
     * Arguments as 64 bits each.
     *
     * @throws IllegalArgumentException if they are not what the kernel takes
     */
    long[] slots(EmulatedGpu gpu, int blocks, int threads, Object... arguments) {
        if (blocks < 1 || threads < 32 || threads % 32 != 0 || threads > LARGEST_BLOCK) {
            throw new IllegalArgumentException(
                    name
                            + ": expected at least 1 block of 32, 64, .. 256 threads, found "
                            + blocks
                            + " of "
                            + threads);
        }
        if (arguments.length != signature.length()) {
            throw new IllegalArgumentException(
                    name
                            + ": expected "
                            + signature.length()
                            + " arguments ("
                            + signature
                            + "), found "
                            + arguments.length);
        }
        long[] slots = new long[arguments.length];
        for (int i = 0; i < slots.length; i++) {
            slots[i] = slot(gpu, i, arguments[i]);
        }
        return slots;
    }

    private long slot(EmulatedGpu gpu, int i, Object argument) {
        char letter = signature.charAt(i);
        if (letter == 'p' && argument instanceof Long address) {
            if (address != 0) {
                gpu.checkRange(address, 1, name + ", argument " + i);
            }
            return address;
        }
        if (letter == 'l' && argument instanceof Long number) {
            return number;
        }
        if (letter == 'i' && argument instanceof Integer number) {
            return number;
        }
        if (letter == 'f' && argument instanceof Float number) {
            return Float.floatToRawIntBits(number);
        }
        throw new IllegalArgumentException(
                name
                        + ": expected arguments "
                        + signature
                        + ", found "
                        + argument
                        + " as number "
                        + i);
    }

    void run(int blocks, int threads, long[] slots) {
        Pointer error =
                (Pointer)
                        function.invoke(
                                Pointer.class,
                                new Object[] {barriers ? 1 : 0, blocks, threads, slots});
        if (error != null) {
            throw new IllegalStateException(name + ": " + error.getString(0));
        }
    }
}
