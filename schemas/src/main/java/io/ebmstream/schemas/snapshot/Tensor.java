package io.ebmstream.schemas.snapshot;

import java.util.List;

/**
 * A named float32 tensor on its way into a snapshot.
 *
 * @param name unique within the snapshot
 * @param shape sizes of the dimensions, row-major, each 1 or more; empty = one number
 * @param values the elements; not copied, and not to be changed while packing
 */
public record Tensor(String name, List<Integer> shape, float[] values) {
    /**
     * @throws IllegalArgumentException if the name is empty or the shape does not fit the values
     */
    public Tensor {
        if (name == null || name.isBlank()) {
            throw new IllegalArgumentException("expected a name for the tensor, found none");
        }
        shape = List.copyOf(shape);
        long size = size(shape);
        if (size != values.length) {
            throw new IllegalArgumentException(
                    "expected "
                            + size
                            + " values in tensor "
                            + name
                            + " of shape "
                            + shape
                            + ", found "
                            + values.length);
        }
    }

    /** A tensor of one dimension, for example a flat parameter vector. */
    public static Tensor vector(String name, float[] values) {
        return new Tensor(name, List.of(values.length), values);
    }

    /** The same as a tensor of a network beside the energy. */
    public Tensor of(String role) {
        return new Tensor(role + "." + name, shape, values);
    }

    /** Number of elements, or -1 for a shape that no tensor can have. */
    static long size(List<Integer> shape) {
        long size = 1;
        for (int dimension : shape) {
            if (dimension < 1 || size > Integer.MAX_VALUE / dimension) {
                return -1;
            }
            size *= dimension;
        }
        return size;
    }
}
