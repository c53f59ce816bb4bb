package io.ebmstream.ops.compute.cuda;

import io.ebmstream.ops.compute.cuda.gpu.HostMemory;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Copies between ND4J's arrays and memory that the GPU copies from. Stateless, thread-safe. */
final class HostCopies {
    private HostCopies() {}

    /**
     * Copies {@code length} values of a contiguous float32 array to the beginning of {@code to}.
     *
     * @param from index of the first value in the array
     */
    static void read(INDArray array, long from, HostMemory to, long length) {
        Pointer.memcpy(to.pointer(), pointer(array, from), length * Float.BYTES);
    }

    /**
     * Copies {@code length} values from the beginning of {@code from} into a contiguous float32
     * array.
     *
     * @param to index of the first value in the array
     */
    static void write(HostMemory from, INDArray array, long to, long length) {
        Pointer.memcpy(pointer(array, to), from.pointer(), length * Float.BYTES);
    }

    /** A pointer of its own: memcpy counts the position of one in bytes. */
    private static Pointer pointer(INDArray array, long at) {
        return new FloatPointer(array.data().pointer()).getPointer(array.offset() + at);
    }
}
