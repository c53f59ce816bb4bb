package io.ebmstream.ops.compute.cuda;

import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.cuda.gpu.Gpu;
import io.ebmstream.ops.compute.cuda.gpu.GpuKernel;
import io.ebmstream.ops.compute.cuda.gpu.GpuStream;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The kernels by what they do: each method queues one with its arguments in order. What each
 * computes stands with its source. Addresses are of tensors in this precision unless said
 * otherwise; 0 leaves out what may be left out. Thread-safe.
 */
final class Kernels {
    /** Threads of a block. The reductions of a block rely on it. */
    private static final int THREADS = 256;

    /** Rows whose sum one thread takes: fixed, because it shapes the order of sums. */
    private static final int ROWS_PER_PART = 128;

    private final Gpu gpu;
    private final Precision precision;
    private final Map<String, GpuKernel> loaded = new ConcurrentHashMap<>();

    Kernels(Gpu gpu, Precision precision) {
        this.gpu = gpu;
        this.precision = precision;
    }

    private void each(GpuStream stream, String name, long count, Object... arguments) {
        blocks(stream, name, Math.toIntExact((count + THREADS - 1) / THREADS), arguments);
    }

    private void blocks(GpuStream stream, String name, int blocks, Object... arguments) {
        GpuKernel kernel = loaded.computeIfAbsent(name, n -> gpu.kernel(precision, n));
        stream.launch(kernel, blocks, THREADS, arguments);
    }

    /** Float32 pixels [n, c, h, w] to values. */
    void pack(GpuStream s, long pixels, long values, TensorShape t) {
        each(
                s,
                "pack",
                t.vectors(),
                pixels,
                values,
                t.images(),
                t.channels(),
                t.height(),
                t.width(),
                t.padded());
    }

    /** Values to float32 pixels [n, c, h, w]. */
    void unpack(GpuStream s, long values, long pixels, TensorShape t) {
        each(
                s,
                "unpack",
                t.pixels(),
                values,
                pixels,
                t.images(),
                t.channels(),
                t.height(),
                t.width(),
                t.padded());
    }

    /** y = leaky(x + bias), float32 bias or 0; slope 1 is no activation; y may be x. */
    void affineLeaky(GpuStream s, long x, long bias, long y, float slope, TensorShape t) {
        each(s, "affine_leaky", t.vectors(), x, bias, y, slope, t.vectors(), t.padded());
    }

    /** dx = dy * (activation > 0 ? 1 : slope); dx may be dy. */
    void leakyBack(GpuStream s, long activation, long dy, long dx, float slope, TensorShape t) {
        each(s, "leaky_back", t.vectors(), activation, dy, dx, slope, t.vectors());
    }

    /** y = a + b; y may be one of them. */
    void add(GpuStream s, long a, long b, long y, TensorShape t) {
        each(s, "add", t.vectors(), a, b, y, t.vectors());
    }

    /** Mean of windows. */
    void pool(GpuStream s, long x, long y, TensorShape result, int window) {
        each(
                s,
                "pool",
                result.vectors(),
                x,
                y,
                result.images(),
                result.height(),
                result.width(),
                result.padded(),
                window);
    }

    /** Way back of {@link #pool}. */
    void poolBack(GpuStream s, long dy, long dx, TensorShape result, int window) {
        each(
                s,
                "pool_back",
                result.vectors() * window * window,
                dy,
                dx,
                result.images(),
                result.height(),
                result.width(),
                result.padded(),
                window);
    }

    /** Twice the rows and columns, bilinear. */
    void upsample(GpuStream s, long x, long y, TensorShape input) {
        each(
                s,
                "upsample",
                4 * input.vectors(),
                x,
                y,
                input.images(),
                input.height(),
                input.width(),
                input.padded());
    }

    /** Way back of {@link #upsample}. */
    void upsampleBack(GpuStream s, long dy, long dx, TensorShape input) {
        each(
                s,
                "upsample_back",
                input.vectors(),
                dy,
                dx,
                input.images(),
                input.height(),
                input.width(),
                input.padded());
    }

    void tanh(GpuStream s, long x, long y, TensorShape t) {
        each(s, "tanh_forward", t.vectors(), x, y, t.vectors());
    }

    void tanhBack(GpuStream s, long y, long dy, long dx, TensorShape t) {
        each(s, "tanh_back", t.vectors(), y, dy, dx, t.vectors());
    }

    /** The same values in (c, h, w) order in another shape. */
    void reshape(GpuStream s, long x, TensorShape from, long y, TensorShape to) {
        each(
                s,
                "reshape",
                to.values(),
                x,
                y,
                from.images(),
                from.channels(),
                from.height(),
                from.width(),
                from.padded(),
                to.channels(),
                to.height(),
                to.width(),
                to.padded());
    }

    /** Float32 weights [o, c, p, q] to weights [o, p, q, c]. */
    void packWeights(GpuStream s, long flat, long packed, WeightShape w) {
        each(
                s,
                "pack_weights",
                w.values(),
                flat,
                packed,
                w.outs(),
                w.ins(),
                w.height(),
                w.width(),
                w.paddedOuts(),
                w.paddedIns());
    }

    /** Adds a float32 gradient [o, p, q, c] to one [o, c, p, q]. */
    void addWeights(GpuStream s, long packed, long gradient, WeightShape w) {
        each(
                s,
                "add_weights",
                w.parameters(),
                packed,
                gradient,
                w.outs(),
                w.ins(),
                w.height(),
                w.width(),
                w.paddedIns());
    }

    /** Float32 vector to one filled up with zeros. */
    void packVector(GpuStream s, long flat, long packed, int count, int padded) {
        each(s, "pack_vector", padded, flat, packed, count, padded);
    }

    /** Float32 weights [c, h, w] of a dot product to float32 [h, w, c]. */
    void packDot(GpuStream s, long flat, long packed, TensorShape t) {
        each(
                s,
                "pack_dot",
                t.imageValues(),
                flat,
                packed,
                t.channels(),
                t.height(),
                t.width(),
                t.padded());
    }

    /** Float32 results of the dot product of every image with float32 weights, plus a bias or 0. */
    void dot(GpuStream s, long x, long weights, long bias, long results, TensorShape t) {
        blocks(s, "dot", t.images(), x, weights, bias, results, t.imageValues());
    }

    /** Way back of {@link #dot} by x, times the derivative of a leaky ReLU's result or 0. */
    void dotBack(
            GpuStream s, long weights, long dy, long mask, long dx, float slope, TensorShape t) {
        each(
                s,
                "dot_back",
                t.vectors(),
                weights,
                dy,
                mask,
                dx,
                slope,
                t.vectors(),
                t.imageValues() / Gpu.CHANNELS);
    }

    /** Adds the gradient of {@link #dot} by its weights to a float32 one [c, h, w]. */
    void dotWeights(GpuStream s, long x, long dy, long gradient, TensorShape t) {
        each(
                s,
                "dot_weights",
                t.map().size(),
                x,
                dy,
                gradient,
                t.images(),
                t.channels(),
                t.height(),
                t.width(),
                t.padded());
    }

    /** Adds the sum of float32 values to a float32 number. */
    void addTotal(GpuStream s, long values, long gradient, int count) {
        each(s, "add_total", 1, values, gradient, count);
    }

    /** Values of scratch, in doubles, that sums of channels need. */
    static long partValues(TensorShape t) {
        return (long) parts(t) * t.padded();
    }

    private static int parts(TensorShape t) {
        return (t.rows() + ROWS_PER_PART - 1) / ROWS_PER_PART;
    }

    private static long sumThreads(TensorShape t) {
        return partValues(t) / Gpu.CHANNELS;
    }

    /** Double sums of every channel over all rows, divided. */
    void sumChannels(GpuStream s, long x, long parts, long sums, TensorShape t, int divisor) {
        each(s, "sum_channels", sumThreads(t), x, parts, t.rows(), t.padded(), ROWS_PER_PART);
        finishSums(s, parts, sums, t, divisor);
    }

    /** Double mean squares of every channel about double means. */
    void variances(GpuStream s, long x, long mean, long parts, long sums, TensorShape t) {
        each(s, "sum_squares", sumThreads(t), x, mean, parts, t.rows(), t.padded(), ROWS_PER_PART);
        finishSums(s, parts, sums, t, t.rows());
    }

    /** Double sums of dy times normalised x. */
    void sumProducts(
            GpuStream s,
            long x,
            long dy,
            long mean,
            long inverse,
            long parts,
            long sums,
            TensorShape t) {
        each(
                s,
                "sum_products",
                sumThreads(t),
                x,
                dy,
                mean,
                inverse,
                parts,
                t.rows(),
                t.padded(),
                ROWS_PER_PART);
        finishSums(s, parts, sums, t, 1);
    }

    private void finishSums(GpuStream s, long parts, long sums, TensorShape t, int divisor) {
        int blocks = t.padded() / Gpu.CHANNELS;
        blocks(s, "finish_sums", blocks, parts, sums, t.padded(), parts(t), divisor);
    }

    /** 1 / sqrt(variance + epsilon), doubles. */
    void inverseDeviation(GpuStream s, long variance, long inverse, float epsilon, int padded) {
        each(s, "inverse_deviation", padded, variance, inverse, epsilon, padded);
    }

    /** y = scale (x - mean) inverse + shift, double statistics, float32 scale and shift. */
    void normalize(
            GpuStream s,
            long x,
            long mean,
            long inverse,
            long scale,
            long shift,
            long y,
            TensorShape t) {
        each(
                s,
                "normalize",
                t.vectors(),
                x,
                mean,
                inverse,
                scale,
                shift,
                y,
                t.vectors(),
                t.padded());
    }

    /** Way back of {@link #normalize}; {@code rows} 0 where the statistics do not depend on x. */
    void normalizeBack(
            GpuStream s,
            long x,
            long dy,
            long mean,
            long inverse,
            long scale,
            long sumDy,
            long sumProducts,
            long dx,
            TensorShape t,
            int rows) {
        each(
                s,
                "normalize_back",
                t.vectors(),
                x,
                dy,
                mean,
                inverse,
                scale,
                sumDy,
                sumProducts,
                dx,
                t.vectors(),
                t.padded(),
                rows);
    }

    /** Adds double sums to a float32 gradient. */
    void addSums(GpuStream s, long sums, long gradient, int count) {
        each(s, "add_sums", count, sums, gradient, count);
    }

    /** The update of one Langevin step on every image; counts its steps. */
    void langevin(
            GpuStream s,
            long pixels,
            long gradient,
            long packed,
            long keys,
            long steps,
            long config,
            long displacement,
            TensorShape t) {
        blocks(
                s,
                "langevin",
                t.images(),
                pixels,
                gradient,
                packed,
                keys,
                steps,
                config,
                displacement,
                t.channels(),
                t.height(),
                t.width(),
                t.padded());
    }
}
