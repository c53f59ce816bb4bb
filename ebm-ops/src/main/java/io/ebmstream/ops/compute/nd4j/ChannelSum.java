package io.ebmstream.ops.compute.nd4j;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The sum of every channel over all pixels of a map, as two products with a row of ones: over the
 * rows of all images, then over the columns. Ten times faster than ND4J's sum along an axis, and
 * two short chains of additions round less than a long one. Owns its scratch.
 */
final class ChannelSum implements AutoCloseable {
    private final INDArray ones;
    private final INDArray some;
    private final INDArray sum;
    private final PreparedOp overRows;
    private final PreparedOp overColumns;

    ChannelSum(FeatureMap map) {
        long rows = (long) map.images() * map.shape().height();
        long columns = map.shape().width();
        long channels = map.shape().channels();
        ones = FeatureMap.zeros(Math.max(rows, columns));
        ones.assign(1);
        some = FeatureMap.zeros(columns * channels);
        sum = FeatureMap.zeros(channels);
        overRows =
                product(
                        FeatureMap.view(ones, 0, 1, rows),
                        FeatureMap.view(map.buffer(), 0, rows, columns * channels),
                        FeatureMap.view(some, 0, 1, columns * channels));
        overColumns =
                product(
                        FeatureMap.view(ones, 0, 1, columns),
                        FeatureMap.view(some, 0, columns, channels),
                        FeatureMap.view(sum, 0, 1, channels));
    }

    private static PreparedOp product(INDArray ones, INDArray matrix, INDArray sum) {
        return PreparedOp.product(ones, false, matrix, false, 0, sum);
    }

    /** Adds up what the map holds now; [c], overwritten at every call. */
    INDArray run() {
        overRows.run();
        overColumns.run();
        return sum;
    }

    @Override
    public void close() {
        overRows.close();
        overColumns.close();
        ones.close();
        some.close();
        sum.close();
    }
}
