package io.ebmstream.ops.compute;

import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Network;
import java.util.Arrays;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.concurrency.AffinityManager;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What executors share at the border: checks of the arrays that callers hand in, and copies between
 * them and the heap. With ND4J's backend for GPUs an array's newest values may be on the device:
 * they are fetched before a copy, and marked as changed after one. Stateless, thread-safe.
 */
public final class FloatArrays {

    private FloatArrays() {}

    /**
     * Checks a batch of images.
     *
     * @param what the argument's name for messages
     * @return the number of images n
     * @throws IllegalArgumentException unless the array is float32, [n, c, h, w] with 1 <= n <=
     *     batch, contiguous in c order
     */
    public static int checkImages(String what, INDArray images, Network network, int batch) {
        return checkShape(what, images, network.input(), 1, batch);
    }

    /**
     * Checks an array of the outputs of n inputs.
     *
     * @throws IllegalArgumentException unless the array is float32, [n, c, h, w] of the network's
     *     output, contiguous in c order
     */
    public static void checkOutputs(String what, INDArray outputs, Network network, int n) {
        checkShape(what, outputs, network.output(), n, n);
    }

    private static int checkShape(
            String what, INDArray array, ImageShape shape, int least, int most) {
        String expected =
                "a contiguous float32 array ["
                        + (least == most ? "" + most : "n")
                        + ", "
                        + shape.channels()
                        + ", "
                        + shape.height()
                        + ", "
                        + shape.width()
                        + "]"
                        + (least == most ? "" : " with n from " + least + " to " + most);
        checkLayout(what, array, expected);
        long[] found = array.shape();
        if (found.length != 4
                || found[0] < least
                || found[0] > most
                || found[1] != shape.channels()
                || found[2] != shape.height()
                || found[3] != shape.width()) {
            throw unexpected(what, expected, Arrays.toString(found));
        }
        return (int) found[0];
    }

    /**
     * Checks that a network gives energies, and image by image.
     *
     * @param operation what the caller asked for, for messages
     * @throws IllegalStateException unless the network's output is a single number and the mode is
     *     inference
     */
    public static void checkEnergy(String operation, CompiledNetwork compiled) {
        if (!compiled.network().isEnergy()) {
            throw new IllegalStateException(
                    "expected a network with a single number as output for "
                            + operation
                            + ", found "
                            + compiled.network()
                            + " with output "
                            + compiled.network().output()
                            + "; use forward or gradient");
        }
        if (compiled.mode() != Mode.INFERENCE) {
            throw new IllegalStateException(
                    "expected a network compiled for inference for "
                            + operation
                            + ", found one compiled for training; compile it again");
        }
    }

    /**
     * Checks that a network keeps running statistics.
     *
     * @throws IllegalStateException unless it is compiled for training
     */
    public static void checkTraining(CompiledNetwork compiled) {
        if (compiled.mode() != Mode.TRAINING) {
            throw new IllegalStateException(
                    "expected a network compiled for training to update running statistics, found "
                            + compiled.network()
                            + " compiled for inference; compile it again");
        }
    }

    /**
     * A view of the images from {@code from} up to {@code to} of a contiguous array [n, c, h, w].
     * ND4J's own get(interval) loses the shape of some views of views.
     */
    public static INDArray part(INDArray images, int from, int to) {
        long[] shape = images.shape().clone();
        shape[0] = to - from;
        return Nd4j.create(
                images.data(),
                shape,
                images.stride(),
                images.offset() + from * images.stride(0),
                'c');
    }

    /**
     * Checks an argument that must have as many images as another one.
     *
     * @throws IllegalArgumentException as {@link #checkImages}, or if the counts differ
     */
    public static void checkSameImages(String what, INDArray images, Network network, int n) {
        int found = checkImages(what, images, network, n);
        if (found != n) {
            throw unexpected(what, n + " images as in the input", found + " images");
        }
    }

    /**
     * Checks a flat parameter vector.
     *
     * @throws IllegalArgumentException unless the array is float32, contiguous, of rank 1 (or [1,
     *     P]) and as long as the network's parameter vector
     */
    public static void checkParameters(String what, INDArray parameters, Network network) {
        String expected =
                "a contiguous float32 vector of "
                        + network.parameterCount()
                        + " values for "
                        + network;
        checkLayout(what, parameters, expected);
        if (!parameters.isVectorOrScalar() || parameters.length() != network.parameterCount()) {
            throw unexpected(what, expected, Arrays.toString(parameters.shape()));
        }
    }

    /**
     * Checks that a Java array has room for n values.
     *
     * @throws IllegalArgumentException if it is shorter
     */
    public static void checkLength(String what, int length, int n) {
        if (length < n) {
            throw unexpected(what, "at least " + n + " values, one for each image", "" + length);
        }
    }

    /**
     * Checks the arguments of a Langevin run on n images.
     *
     * @throws IllegalArgumentException if an array is shorter than n or steps is below 1
     */
    public static void checkLangevin(
            int n, long[] chains, long[] firstSteps, int steps, float[] displacement) {
        checkLength("chains", chains.length, n);
        checkLength("firstSteps", firstSteps.length, n);
        checkLength("displacement", displacement.length, n);
        if (steps < 1) {
            throw unexpected("steps", "at least 1", "" + steps);
        }
    }

    /**
     * Copies {@code length} values out of a contiguous float32 array.
     *
     * @param from index of the first value in the array
     */
    public static void read(INDArray array, long from, float[] out, int offset, int length) {
        Nd4j.getAffinityManager().ensureLocation(array, AffinityManager.Location.HOST);
        pointer(array).position(array.offset() + from).get(out, offset, length);
    }

    /**
     * Copies {@code length} values into a contiguous float32 array.
     *
     * @param to index of the first value in the array
     */
    public static void write(float[] values, int offset, INDArray array, long to, int length) {
        Nd4j.getAffinityManager().ensureLocation(array, AffinityManager.Location.HOST);
        pointer(array).position(array.offset() + to).put(values, offset, length);
        Nd4j.getAffinityManager().tagLocation(array, AffinityManager.Location.HOST);
    }

    /** A copy of all values of a contiguous float32 array. */
    public static float[] toHeap(INDArray array) {
        float[] values = new float[Math.toIntExact(array.length())];
        read(array, 0, values, 0, values.length);
        return values;
    }

    /**
     * Whether each of the first {@code length} values is finite and at most {@code bound} in size.
     */
    public static boolean within(float[] values, int length, float bound) {
        boolean all = true;
        for (int i = 0; i < length; i++) {
            all &= Math.abs(values[i]) <= bound;
        }
        return all;
    }

    private static FloatPointer pointer(INDArray array) {
        return new FloatPointer(array.data().pointer());
    }

    private static void checkLayout(String what, INDArray array, String expected) {
        if (array == null || array.wasClosed()) {
            throw unexpected(what, expected, array == null ? "null" : "a closed array");
        }
        if (array.dataType() != DataType.FLOAT) {
            throw unexpected(what, expected, "data type " + array.dataType());
        }
        long contiguous = 1;
        for (int d = array.rank() - 1; d >= 0; d--) {
            if (array.size(d) != 1 && array.stride(d) != contiguous) {
                throw unexpected(
                        what,
                        expected + " in c order (dup('c') makes one)",
                        "shape "
                                + Arrays.toString(array.shape())
                                + " with strides "
                                + Arrays.toString(array.stride()));
            }
            contiguous *= array.size(d);
        }
    }

    private static IllegalArgumentException unexpected(String what, String expected, String found) {
        return new IllegalArgumentException(
                "expected " + expected + " as " + what + ", found " + found);
    }
}
