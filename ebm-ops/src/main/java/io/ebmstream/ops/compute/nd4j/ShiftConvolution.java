package io.ebmstream.ops.compute.nd4j;

import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Layer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.blas.params.MMulTranspose;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.Op;
import org.nd4j.linalg.api.ops.impl.broadcast.BroadcastAddOp;
import org.nd4j.linalg.api.ops.impl.reduce.Mmul;
import org.nd4j.linalg.api.ops.impl.reduce.same.Sum;
import org.nd4j.linalg.api.ops.impl.scalar.ScalarSet;
import org.nd4j.linalg.api.ops.impl.transforms.any.Assign;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A convolution as a few large matrix products on shifted rows, without unrolling the image.
 *
 * <p>Space to depth: with stride s, every s x s square of padded pixels becomes one cell of a grid,
 * with s * s * c values. Then the convolution has stride 1 and k' = ceil(k / s) taps each way, and
 * with the grid's cells as rows of a matrix S, its row-major neighbours are rows at a fixed
 * distance:
 *
 * <pre>
 * Y[r] = b + sum over taps (a, b) of S[r + a * gridWidth + b] W_ab
 * gS[r + a * gridWidth + b] += gY[r] W_ab^T,     gW_ab += S[. + a * gridWidth + b]^T gY
 * </pre>
 *
 * Y lies on the same grid; its last k' - 1 rows and columns are scratch (and zero in gY). For the
 * 4x4 kernels with stride 2 that makes four products, whose waste is one row and column of cells. A
 * result of one pixel is one product: the whole kernel is one cell then.
 *
 * <p>Measured against ND4J's conv2d and deconv2d (nd4j-native 1.0.0-M2.1 without its oneDNN
 * classifier) on light32: more than ten times faster.
 *
 * <p>Channels are filled up to {@link #LANES}: a matrix of one row or column would be sent to other
 * BLAS routines, whose sums depend on the number of rows.
 *
 * <p>Not thread-safe: owns its buffers.
 */
final class ShiftConvolution implements Stage {
    private static final int LANES = 4;

    private final Layer.Conv2d layer;
    private final int weightOffset;
    private final int biasOffset;
    private final int square;
    private final int planes;
    private final int taps;
    private final int cellLanes;
    private final int outLanes;
    private final INDArray weights;
    private final INDArray bias;
    private final INDArray weightGradient;
    private final INDArray biasSum;
    private final float[] biasGradient;
    private final float[] outScratch;
    private final float[] scratch;
    private final int[] positions;
    private final INDArray cells;
    private final INDArray cellGradient;
    private final FeatureMap value;
    private final FeatureMap gradient;
    private final List<Op> gather = new ArrayList<>();
    private final List<Op> scatter = new ArrayList<>();
    private final List<PreparedOp> forward = new ArrayList<>();
    private final List<PreparedOp> backward = new ArrayList<>();
    private final List<PreparedOp> parameters = new ArrayList<>();
    private final Op addBias;
    private final Op sumBias;
    private final Op clearCells;
    private final Op clearWeights;

    /**
     * @param images images of a group
     * @param x what the layer reads
     * @param gx receives its gradient
     * @param weightOffset where the weights begin in the flat parameter vector
     * @param biasOffset where the bias begins
     */
    ShiftConvolution(
            Layer.Conv2d layer,
            int images,
            FeatureMap x,
            FeatureMap gx,
            int weightOffset,
            int biasOffset) {
        this.layer = layer;
        this.weightOffset = weightOffset;
        this.biasOffset = biasOffset;
        ImageShape out = layer.output(List.of(x.shape()));
        square = out.height() == 1 && out.width() == 1 ? layer.kernel() : layer.stride();
        planes = Math.min(square, layer.kernel());
        taps = (layer.kernel() + square - 1) / square;
        cellLanes = Math.max(LANES, planes * planes * layer.in());
        outLanes = Math.max(LANES, layer.out());
        int gridHeight = out.height() + taps - 1;
        int gridWidth = out.width() + taps - 1;
        int grid = gridHeight * gridWidth;
        long rows = (long) images * grid;

        weights = FeatureMap.zeros((long) taps * taps * cellLanes * outLanes);
        weightGradient = FeatureMap.zeros(weights.length());
        bias = FeatureMap.zeros(outLanes);
        biasSum = FeatureMap.zeros(outLanes);
        biasGradient = new float[outLanes];
        outScratch = new float[outLanes];
        scratch = new float[(int) weights.length()];
        positions = positions();
        cells = FeatureMap.zeros(rows * cellLanes);
        cellGradient = FeatureMap.zeros(rows * cellLanes);
        value =
                new FeatureMap(
                        FeatureMap.zeros(rows * outLanes),
                        out,
                        (long) grid * outLanes,
                        1,
                        (long) gridWidth * outLanes,
                        outLanes);
        gradient = value.another();

        copies(images, grid, gridHeight, gridWidth, x, cells, gather, true);
        copies(images, grid, gridHeight, gridWidth, gx, cellGradient, scatter, false);

        // Rows after the last image's last pixel would read beyond the group.
        long last = (long) (out.height() - 1) * gridWidth + out.width() - 1;
        long used = rows - grid + last + 1;
        INDArray y = rows(value.buffer(), 0, used, outLanes);
        INDArray gy = rows(gradient.buffer(), 0, used, outLanes);
        for (int a = 0; a < taps; a++) {
            for (int b = 0; b < taps; b++) {
                int tap = a * taps + b;
                long shift = (long) a * gridWidth + b;
                INDArray w = rows(weights, (long) tap * cellLanes, cellLanes, outLanes);
                INDArray gw = rows(weightGradient, (long) tap * cellLanes, cellLanes, outLanes);
                INDArray s = rows(cells, shift, used, cellLanes);
                INDArray gs = rows(cellGradient, shift, used, cellLanes);
                forward.add(product(s, false, w, false, tap == 0 ? 0 : 1, y));
                backward.add(product(gy, false, w, true, 1, gs));
                parameters.add(product(s, true, gy, false, 1, gw));
            }
        }
        addBias = new BroadcastAddOp(y, bias, y, 1);
        clearCells = new ScalarSet(cellGradient, null, cellGradient, 0);
        clearWeights = new ScalarSet(weightGradient, null, weightGradient, 0);
        sumBias = new Sum(gy, null, biasSum, false, new int[] {0});
    }

    private static INDArray rows(INDArray flat, long first, long count, int lanes) {
        return Nd4j.create(
                flat.data(), new long[] {count, lanes}, new long[] {lanes, 1}, first * lanes, 'c');
    }

    private static PreparedOp product(
            INDArray a, boolean transposeA, INDArray b, boolean transposeB, int beta, INDArray c) {
        MMulTranspose transpose =
                MMulTranspose.builder().transposeA(transposeA).transposeB(transposeB).build();
        return new PreparedOp(new Mmul(a, b, c, 1.0, beta, transpose));
    }

    /**
     * Copies between a map and the cells: pixel (i * square + p - padding, j * square + q -
     * padding) is in cell (i, j), plane (p, q). Planes that lie inside the image for the same cells
     * go together.
     */
    private void copies(
            int images,
            int grid,
            int gridHeight,
            int gridWidth,
            FeatureMap map,
            INDArray target,
            List<Op> ops,
            boolean toCells) {
        int channels = layer.in();
        for (Run p : runs(gridHeight, map.shape().height())) {
            for (Run q : runs(gridWidth, map.shape().width())) {
                long[] sizes = {
                    images, p.cells(), q.cells(), p.planes(), q.planes(), channels,
                };
                long[] mapStrides = {
                    map.imageStride(),
                    square * map.rowStride(),
                    square * map.columnStride(),
                    map.rowStride(),
                    map.columnStride(),
                    map.channelStride()
                };
                long[] cellStrides = {
                    (long) grid * cellLanes,
                    (long) gridWidth * cellLanes,
                    cellLanes,
                    (long) planes * channels,
                    channels,
                    1
                };
                long mapOffset =
                        (long) pixel(p) * map.rowStride() + (long) pixel(q) * map.columnStride();
                long cellOffset =
                        ((long) p.firstCell() * gridWidth + q.firstCell()) * cellLanes
                                + ((long) p.firstPlane() * planes + q.firstPlane()) * channels;
                INDArray pixels = FeatureMap.view(map.buffer(), mapOffset, sizes, mapStrides);
                INDArray cell = FeatureMap.view(target, cellOffset, sizes, cellStrides);
                ops.add(toCells ? new Assign(pixels, cell) : new Assign(cell, pixels));
            }
        }
    }

    private int pixel(Run run) {
        return run.firstCell() * square + run.firstPlane() - layer.padding();
    }

    /** Consecutive planes (along one axis) that lie inside the image for the same cells. */
    private record Run(int firstPlane, int planes, int firstCell, int cells) {}

    private List<Run> runs(int gridCells, int pixels) {
        List<Run> runs = new ArrayList<>();
        for (int plane = 0; plane < planes; plane++) {
            int before = layer.padding() - plane;
            int first = before <= 0 ? 0 : (before + square - 1) / square;
            int end = Math.min(gridCells, Math.floorDiv(pixels - 1 + before, square) + 1);
            if (end <= first) {
                continue;
            }
            Run previous = runs.isEmpty() ? null : runs.get(runs.size() - 1);
            if (previous != null
                    && previous.firstCell() == first
                    && previous.cells() == end - first
                    && previous.firstPlane() + previous.planes() == plane) {
                runs.set(
                        runs.size() - 1,
                        new Run(previous.firstPlane(), previous.planes() + 1, first, end - first));
            } else {
                runs.add(new Run(plane, 1, first, end - first));
            }
        }
        return runs;
    }

    @Override
    public FeatureMap value() {
        return value;
    }

    @Override
    public FeatureMap gradient() {
        return gradient;
    }

    @Override
    public void forward() {
        gather.forEach(Nd4j::exec);
        forward.forEach(PreparedOp::run);
        Nd4j.exec(addBias);
    }

    @Override
    public void backward() {
        Nd4j.exec(clearCells);
        backward.forEach(PreparedOp::run);
        scatter.forEach(Nd4j::exec);
    }

    @Override
    public void clearParameterGradient() {
        Nd4j.exec(clearWeights);
        Arrays.fill(biasGradient, 0);
    }

    @Override
    public void sumParameterGradient() {
        parameters.forEach(PreparedOp::run);
        Nd4j.exec(sumBias);
        FloatArrays.read(biasSum, 0, outScratch, 0, outLanes);
        for (int o = 0; o < outLanes; o++) {
            biasGradient[o] += outScratch[o];
        }
    }

    @Override
    public void addParameterGradient(float[] flat) {
        FloatArrays.read(weightGradient, 0, scratch, 0, scratch.length);
        for (int i = 0; i < positions.length; i++) {
            flat[weightOffset + i] += scratch[positions[i]];
        }
        for (int o = 0; o < layer.out(); o++) {
            flat[biasOffset + o] += biasGradient[o];
        }
    }

    @Override
    public void setParameters(float[] flat) {
        Arrays.fill(scratch, 0);
        for (int i = 0; i < positions.length; i++) {
            scratch[positions[i]] = flat[weightOffset + i];
        }
        FloatArrays.write(scratch, 0, weights, 0, scratch.length);
        System.arraycopy(flat, biasOffset, outScratch, 0, layer.out());
        Arrays.fill(outScratch, layer.out(), outLanes, 0);
        FloatArrays.write(outScratch, 0, bias, 0, outLanes);
    }

    /** Where each weight of [out, in, k, k] lies in [tap, plane row, plane column, in, out]. */
    private int[] positions() {
        int k = layer.kernel();
        int[] found = new int[layer.weights()];
        for (int i = 0; i < found.length; i++) {
            int column = i % k;
            int row = i / k % k;
            int c = i / (k * k) % layer.in();
            int o = i / (k * k * layer.in());
            int tap = row / square * taps + column / square;
            int plane = row % square * planes + column % square;
            found[i] = (tap * cellLanes + plane * layer.in() + c) * outLanes + o;
        }
        return found;
    }

    @Override
    public void close() {
        for (List<PreparedOp> products : List.of(forward, backward, parameters)) {
            products.forEach(PreparedOp::close);
        }
        for (INDArray owned :
                List.of(
                        weights,
                        weightGradient,
                        bias,
                        biasSum,
                        cells,
                        cellGradient,
                        value.buffer(),
                        gradient.buffer())) {
            owned.close();
        }
    }
}
