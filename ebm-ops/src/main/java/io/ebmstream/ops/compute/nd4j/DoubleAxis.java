package io.ebmstream.ops.compute.nd4j;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Linear interpolation to twice the length along one axis of [outer, length, inner]:
 *
 * <pre>
 * y[2i] = 3/4 x[i] + 1/4 x[i-1],   y[2i+1] = 3/4 x[i] + 1/4 x[i+1]
 * </pre>
 *
 * with the first and last value repeated outside. Done on copies with one value of padding on each
 * side, so that a neighbour is a fixed distance away in a contiguous array; what comes out in the
 * padding is not used.
 */
final class DoubleAxis extends Stage {
    private final long outer;
    private final long length;
    private final long inner;
    private final List<PreparedOp> forward;
    private final List<PreparedOp> backward;

    /**
     * @param x flat, outer * length * inner values
     * @param y flat, twice as many
     * @param gy gradient by y
     * @param gx receives the gradient by x
     */
    DoubleAxis(
            long outer, long length, long inner, INDArray x, INDArray y, INDArray gy, INDArray gx) {
        this.outer = outer;
        this.length = length;
        this.inner = inner;
        long size = outer * (length + 2) * inner;
        INDArray padded = scratch(size);
        INDArray near = scratch(size);
        INDArray far = scratch(size);
        INDArray even = scratch(size);
        INDArray odd = scratch(size);
        forward =
                List.of(
                        own(PreparedOp.copy(plain(x, 0, length), padded(padded, 1, length))),
                        own(PreparedOp.copy(plain(x, 0, 1), padded(padded, 0, 1))),
                        own(
                                PreparedOp.copy(
                                        plain(x, length - 1, 1), padded(padded, length + 1, 1))),
                        own(PreparedOp.scale(padded, 0.75, near)),
                        own(PreparedOp.scale(padded, 0.25, far)),
                        own(PreparedOp.add(butFirst(near), butLast(far), butFirst(even))),
                        own(PreparedOp.add(butLast(near), butFirst(far), butLast(odd))),
                        own(PreparedOp.copy(padded(even, 1, length), every(y, 0, length))),
                        own(PreparedOp.copy(padded(odd, 1, length), every(y, 1, length))));
        // The border's value stands for the one outside, too: so does its gradient.
        backward =
                List.of(
                        own(PreparedOp.copy(every(gy, 0, length), padded(even, 1, length))),
                        own(PreparedOp.copy(every(gy, 1, length), padded(odd, 1, length))),
                        own(PreparedOp.copy(plain(gy, 0, 1, 2), padded(odd, 0, 1))),
                        own(
                                PreparedOp.copy(
                                        plain(gy, 2 * length - 1, 1, 2),
                                        padded(even, length + 1, 1))),
                        own(PreparedOp.add(even, odd, near)),
                        own(PreparedOp.scale(near, 0.75, near)),
                        own(PreparedOp.scale(even, 0.25, far)),
                        own(PreparedOp.add(butLast(near), butFirst(far), butLast(near))),
                        own(PreparedOp.scale(odd, 0.25, far)),
                        own(PreparedOp.add(butFirst(near), butLast(far), butFirst(near))),
                        own(PreparedOp.copy(padded(near, 1, length), plain(gx, 0, length))));
    }

    private INDArray plain(INDArray flat, long first, long count) {
        return plain(flat, first, count, 1);
    }

    private INDArray plain(INDArray flat, long first, long count, int times) {
        return part(flat, first * inner, count, times * length * inner, inner);
    }

    private INDArray padded(INDArray flat, long first, long count) {
        return part(flat, first * inner, count, (length + 2) * inner, inner);
    }

    private INDArray every(INDArray flat, long first, long count) {
        return part(flat, first * inner, count, 2 * length * inner, 2 * inner);
    }

    private INDArray part(INDArray flat, long offset, long count, long outerStride, long stride) {
        return FeatureMap.strided(
                flat,
                offset,
                new long[] {outer, count, inner},
                new long[] {outerStride, stride, 1});
    }

    private INDArray butFirst(INDArray flat) {
        return FeatureMap.view(flat, inner, flat.length() - inner);
    }

    private INDArray butLast(INDArray flat) {
        return FeatureMap.view(flat, 0, flat.length() - inner);
    }

    @Override
    void forward() {
        forward.forEach(PreparedOp::run);
    }

    @Override
    void backward(boolean parameters) {
        backward.forEach(PreparedOp::run);
    }
}
