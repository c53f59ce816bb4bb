package io.ebmstream.ops.compute.cuda.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.cuda.emulator.EmulatedGpu;
import io.ebmstream.ops.compute.cuda.emulator.KernelRun;
import io.ebmstream.ops.compute.cuda.emulator.NeedsCompiler;
import io.ebmstream.ops.sampler.GaussianNoise;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import org.assertj.core.data.Offset;

/**
 * Every kernel of layers and weights against plain loops in double precision, for odd sizes and
 * both formats. Where results begin spoilt, what a kernel leaves out shows; pads must come out 0.
 */
@AddLifecycleHook(NeedsCompiler.class)
class KernelsTest {
    private static final int TRIES = 25;

    /** Images [n, c, h, w] in a format. */
    record Shape(Precision precision, int n, int c, int h, int w) {
        int padded() {
            return (c + 7) / 8 * 8;
        }

        int values() {
            return n * h * w * padded();
        }

        long vectors() {
            return values() / 8;
        }

        int at(int image, int channel, int row, int column) {
            return ((image * h + row) * w + column) * padded() + channel;
        }

        Shape of(int height, int width) {
            return new Shape(precision, n, c, height, width);
        }
    }

    @Provide
    Arbitrary<Shape> shapes() {
        return Combinators.combine(
                        Arbitraries.of(Precision.BFLOAT16, Precision.FLOAT32),
                        Arbitraries.integers().between(1, 3),
                        Arbitraries.integers().between(1, 19),
                        Arbitraries.integers().between(1, 9),
                        Arbitraries.integers().between(1, 9))
                .as(Shape::new);
    }

    @Property(tries = TRIES)
    void pixelsGoToValuesAndBack(@ForAll("shapes") Shape s) {
        try (EmulatedGpu gpu = EmulatedGpu.open();
                KernelRun run = new KernelRun(gpu, s.precision())) {
            float[] pixels = normals(1, s.n() * s.c() * s.h() * s.w());
            long values = run.spoiltValues(s.values());
            run.launch(
                    "pack",
                    s.vectors(),
                    run.floats(pixels),
                    values,
                    s.n(),
                    s.c(),
                    s.h(),
                    s.w(),
                    s.padded());
            float[] expected = new float[s.values()];
            float[] rounded = new float[pixels.length];
            int pixel = 0;
            for (int i = 0; i < s.n(); i++) {
                for (int c = 0; c < s.c(); c++) {
                    for (int r = 0; r < s.h(); r++) {
                        for (int t = 0; t < s.w(); t++) {
                            rounded[pixel] = run.round(pixels[pixel]);
                            expected[s.at(i, c, r, t)] = rounded[pixel++];
                        }
                    }
                }
            }
            assertThat(run.readValues(values, s.values())).isEqualTo(expected);
            long back = run.spoilt(4 * pixels.length);
            run.launch(
                    "unpack", pixels.length, values, back, s.n(), s.c(), s.h(), s.w(), s.padded());
            assertThat(run.readFloats(back, pixels.length)).isEqualTo(rounded);
        }
    }

    @Property(tries = TRIES)
    void biasAndLeakyRectifier(
            @ForAll("shapes") Shape s, @ForAll boolean biased, @ForAll boolean inPlace) {
        float slope = biased ? 0.2f : 1;
        try (EmulatedGpu gpu = EmulatedGpu.open();
                KernelRun run = new KernelRun(gpu, s.precision())) {
            float[] x = values(run, s, 1);
            float[] bias = padded(normals(2, s.c()), s);
            long in = run.values(x);
            long out = inPlace ? in : run.spoiltValues(x.length);
            long at = biased ? run.floats(bias) : 0;
            run.launch("affine_leaky", s.vectors(), in, at, out, slope, s.vectors(), s.padded());
            double[] expected = new double[x.length];
            for (int i = 0; i < x.length; i++) {
                double sum = x[i] + (biased ? bias[i % s.padded()] : 0);
                expected[i] = sum > 0 ? sum : slope * sum;
            }
            check(run, out, expected, s);

            float[] dy = values(run, s, 3);
            long gradient = run.values(dy);
            long back = inPlace ? gradient : run.spoiltValues(x.length);
            run.launch("leaky_back", s.vectors(), run.values(x), gradient, back, 0.2f, s.vectors());
            for (int i = 0; i < x.length; i++) {
                expected[i] = dy[i] * (x[i] > 0 ? 1 : 0.2f);
            }
            check(run, back, expected, s);
        }
    }

    @Property(tries = TRIES)
    void sumsOfTwo(@ForAll("shapes") Shape s) {
        try (EmulatedGpu gpu = EmulatedGpu.open();
                KernelRun run = new KernelRun(gpu, s.precision())) {
            float[] a = values(run, s, 1);
            float[] b = values(run, s, 2);
            double[] expected = new double[a.length];
            for (int i = 0; i < a.length; i++) {
                expected[i] = (double) a[i] + b[i];
            }
            // into a third, into the first, into the second
            for (int alias = 0; alias < 3; alias++) {
                long left = run.values(a);
                long right = run.values(b);
                long out = alias == 0 ? run.spoiltValues(a.length) : alias == 1 ? left : right;
                run.launch("add", s.vectors(), left, right, out, s.vectors());
                check(run, out, expected, s);
            }
        }
    }

    @Property(tries = TRIES)
    void hyperbolicTangent(@ForAll("shapes") Shape s, @ForAll boolean inPlace) {
        try (EmulatedGpu gpu = EmulatedGpu.open();
                KernelRun run = new KernelRun(gpu, s.precision())) {
            float[] x = values(run, s, 1);
            double[] expected = new double[x.length];
            for (int i = 0; i < x.length; i++) {
                expected[i] = Math.tanh(x[i]);
            }
            long in = run.values(x);
            long out = inPlace ? in : run.spoiltValues(x.length);
            run.launch("tanh_forward", s.vectors(), in, out, s.vectors());
            check(run, out, expected, s);

            float[] y = run.readValues(out, x.length);
            float[] dy = values(run, s, 2);
            long gradient = run.values(dy);
            long back = inPlace ? gradient : run.spoiltValues(x.length);
            run.launch("tanh_back", s.vectors(), out, gradient, back, s.vectors());
            for (int i = 0; i < x.length; i++) {
                expected[i] = dy[i] * (1 - (double) y[i] * y[i]);
            }
            check(run, back, expected, s);
        }
    }

    @Property(tries = TRIES)
    void averagePooling(@ForAll("shapes") Shape small) {
        for (int window : new int[] {1, 2, 3}) {
            Shape large = small.of(small.h() * window, small.w() * window);
            try (EmulatedGpu gpu = EmulatedGpu.open();
                    KernelRun run = new KernelRun(gpu, small.precision())) {
                float[] x = values(run, large, 1);
                float[] dy = values(run, small, 2);
                double[] y = new double[small.values()];
                double[] dx = new double[large.values()];
                double share = 1.0 / (window * window);
                for (int i = 0; i < small.n(); i++) {
                    for (int c = 0; c < small.c(); c++) {
                        for (int r = 0; r < large.h(); r++) {
                            for (int t = 0; t < large.w(); t++) {
                                int to = small.at(i, c, r / window, t / window);
                                int from = large.at(i, c, r, t);
                                y[to] += x[from] * share;
                                dx[from] = dy[to] * share;
                            }
                        }
                    }
                }
                long out = run.spoiltValues(y.length);
                Object[] sizes = {small.n(), small.h(), small.w(), small.padded(), window};
                launch(run, "pool", small.vectors(), run.values(x), out, sizes);
                check(run, out, y, small);
                long back = run.spoiltValues(dx.length);
                launch(run, "pool_back", large.vectors(), run.values(dy), back, sizes);
                check(run, back, dx, large);
            }
        }
    }

    @Property(tries = TRIES)
    void bilinearUpsampling(@ForAll("shapes") Shape small) {
        Shape large = small.of(2 * small.h(), 2 * small.w());
        try (EmulatedGpu gpu = EmulatedGpu.open();
                KernelRun run = new KernelRun(gpu, small.precision())) {
            float[] x = values(run, small, 1);
            float[] dy = values(run, large, 2);
            double[] y = new double[large.values()];
            double[] dx = new double[small.values()];
            for (int i = 0; i < small.n(); i++) {
                for (int c = 0; c < small.c(); c++) {
                    for (int r = 0; r < large.h(); r++) {
                        for (int t = 0; t < large.w(); t++) {
                            for (int tap = 0; tap < 4; tap++) {
                                int row = source(r, (tap & 2) != 0, small.h());
                                int column = source(t, (tap & 1) != 0, small.w());
                                double weight =
                                        ((tap & 2) != 0 ? 0.25 : 0.75)
                                                * ((tap & 1) != 0 ? 0.25 : 0.75);
                                int from = small.at(i, c, row, column);
                                y[large.at(i, c, r, t)] += weight * x[from];
                                dx[from] += weight * dy[large.at(i, c, r, t)];
                            }
                        }
                    }
                }
            }
            Object[] sizes = {small.n(), small.h(), small.w(), small.padded()};
            long out = run.spoiltValues(y.length);
            launch(run, "upsample", large.vectors(), run.values(x), out, sizes);
            check(run, out, y, large);
            long back = run.spoiltValues(dx.length);
            launch(run, "upsample_back", small.vectors(), run.values(dy), back, sizes);
            check(run, back, dx, small);
        }
    }

    /** Row under result row i, or the one next to it on the side where i lies. */
    private static int source(int i, boolean next, int rows) {
        int side = i % 2 == 0 ? -1 : 1;
        return next ? Math.min(Math.max(i / 2 + side, 0), rows - 1) : i / 2;
    }

    @Property(tries = TRIES)
    void reshaping(@ForAll("shapes") Shape s) {
        Shape turned = new Shape(s.precision(), s.n(), s.h() * s.c(), 1, s.w());
        Shape flat = new Shape(s.precision(), s.n(), s.c() * s.h() * s.w(), 1, 1);
        for (Shape to : new Shape[] {turned, flat}) {
            try (EmulatedGpu gpu = EmulatedGpu.open();
                    KernelRun run = new KernelRun(gpu, s.precision())) {
                float[] x = values(run, s, 1);
                long out = run.spoiltValues(to.values());
                run.launch(
                        "reshape",
                        to.values(),
                        run.values(x),
                        out,
                        s.n(),
                        s.c(),
                        s.h(),
                        s.w(),
                        s.padded(),
                        to.c(),
                        to.h(),
                        to.w(),
                        to.padded());
                double[] expected = new double[to.values()];
                for (int i = 0; i < s.n(); i++) {
                    for (int j = 0; j < s.c() * s.h() * s.w(); j++) {
                        int pixel = j / to.w();
                        expected[to.at(i, pixel / to.h(), pixel % to.h(), j % to.w())] =
                                x[s.at(i, j / s.w() / s.h(), j / s.w() % s.h(), j % s.w())];
                    }
                }
                check(run, out, expected, to);
            }
        }
    }

    /** The shape stands for [outs, ins, kernelHeight, kernelWidth] here. */
    @Property(tries = TRIES)
    void weightsAreOrdered(@ForAll("shapes") Shape s) {
        int paddedOuts = 8;
        int count = s.n() * s.c() * s.h() * s.w();
        try (EmulatedGpu gpu = EmulatedGpu.open();
                KernelRun run = new KernelRun(gpu, s.precision())) {
            float[] flat = normals(1, count);
            int room = paddedOuts * s.h() * s.w() * s.padded();
            long packed = run.spoiltValues(room);
            Object[] sizes = {s.n(), s.c(), s.h(), s.w(), paddedOuts, s.padded()};
            launch(run, "pack_weights", room, run.floats(flat), packed, sizes);
            float[] expected = new float[room];
            float[] floats = normals(2, room);
            float[] before = normals(3, count);
            float[] after = new float[count];
            for (int j = 0; j < count; j++) {
                int row = j / s.w();
                int channel = row / s.h();
                int to = s.at(channel / s.c(), channel % s.c(), row % s.h(), j % s.w());
                expected[to] = run.round(flat[j]);
                after[j] = before[j] + floats[to];
            }
            assertThat(run.readValues(packed, room)).isEqualTo(expected);
            long gradient = run.floats(before);
            Object[] fewer = {s.n(), s.c(), s.h(), s.w(), s.padded()};
            launch(run, "add_weights", count, run.floats(floats), gradient, fewer);
            assertThat(run.readFloats(gradient, count)).isEqualTo(after);
        }
    }

    @Property(tries = TRIES)
    void scalarProduct(@ForAll("shapes") Shape s, @ForAll boolean biased, @ForAll boolean masked) {
        int size = s.values() / s.n();
        int count = s.c() * s.h() * s.w();
        Shape one = new Shape(s.precision(), 1, s.c(), s.h(), s.w());
        try (EmulatedGpu gpu = EmulatedGpu.open();
                KernelRun run = new KernelRun(gpu, s.precision())) {
            float[] flat = normals(1, count);
            float[] x = values(run, s, 2);
            float[] dy = normals(3, s.n());
            float[] before = normals(4, count);
            long weights = run.spoilt(4 * size);
            Object[] sizes = {s.c(), s.h(), s.w(), s.padded()};
            launch(run, "pack_dot", size, run.floats(flat), weights, sizes);
            float[] packed = new float[size];
            double[] sums = new double[s.n()];
            double[] gradients = new double[count];
            double[] dx = new double[s.values()];
            for (int j = 0; j < count; j++) {
                int row = j / s.w();
                int to = one.at(0, row / s.h(), row % s.h(), j % s.w());
                packed[to] = flat[j];
                for (int i = 0; i < s.n(); i++) {
                    float value = x[i * size + to];
                    sums[i] += (double) flat[j] * value;
                    gradients[j] += (double) dy[i] * value;
                    boolean weak = masked && !(value > 0);
                    dx[i * size + to] = (double) dy[i] * flat[j] * (weak ? 0.2f : 1);
                }
            }
            assertThat(run.readFloats(weights, size)).isEqualTo(packed);

            long in = run.values(x);
            long result = run.spoilt(4 * s.n());
            long bias = biased ? run.floats(0.75f) : 0;
            run.launch("dot", 256L * s.n(), in, weights, bias, result, size);
            float[] found = run.readFloats(result, s.n());
            for (int i = 0; i < s.n(); i++) {
                double expected = sums[i] + (biased ? 0.75 : 0);
                // Rounded once from a sum in double.
                assertThat((double) found[i]).isCloseTo(expected, near(expected, 1e-7));
            }

            long up = run.floats(dy);
            long back = run.spoiltValues(s.values());
            run.launch(
                    "dot_back",
                    s.vectors(),
                    weights,
                    up,
                    masked ? in : 0L,
                    back,
                    0.2f,
                    s.vectors(),
                    size / 8);
            check(run, back, dx, s);

            long gradient = run.floats(before);
            Object[] all = {s.n(), s.c(), s.h(), s.w(), s.padded()};
            run.launch(
                    "dot_weights", count, in, up, gradient, all[0], all[1], all[2], all[3], all[4]);
            float[] after = run.readFloats(gradient, count);
            for (int j = 0; j < count; j++) {
                double expected = before[j] + gradients[j];
                assertThat((double) after[j]).isCloseTo(expected, near(expected, 3e-7));
            }
            long total = run.floats(2.5f);
            run.launch("add_total", 32, up, total, s.n());
            double sum = 2.5;
            for (float value : dy) {
                sum += value;
            }
            assertThat((double) run.readFloats(total, 1)[0]).isCloseTo(sum, near(sum, 3e-7));
        }
    }

    @Property(tries = TRIES)
    void vectorsArePadded(@ForAll("shapes") Shape s) {
        try (EmulatedGpu gpu = EmulatedGpu.open();
                KernelRun run = new KernelRun(gpu, s.precision())) {
            float[] flat = normals(1, s.c());
            long packed = run.spoilt(4 * s.padded());
            run.launch("pack_vector", s.padded(), run.floats(flat), packed, s.c(), s.padded());
            assertThat(run.readFloats(packed, s.padded())).isEqualTo(padded(flat, s));
        }
    }

    /** Ties, infinities, NaN, the largest and the smallest: as {@link KernelRun#round}. */
    @Property(tries = 1)
    void valuesAreRoundedToNearest() {
        int[] patterns = {
            0,
            1,
            0x7FFF,
            0x8000,
            0x8001,
            0x18000,
            0x17FFF,
            0x3F808000,
            0x3F818000,
            0x3F80FFFF,
            0x7F7F7FFF,
            0x7F7F8000,
            0x7F7FFFFF,
            0x7F800000,
            0x7F800001,
            0x7FC00000,
            0x7FFFFFFF
        };
        float[] floats = new float[2 * patterns.length + 2000];
        for (int i = 0; i < patterns.length; i++) {
            floats[2 * i] = Float.intBitsToFloat(patterns[i]);
            floats[2 * i + 1] = Float.intBitsToFloat(patterns[i] | Integer.MIN_VALUE);
        }
        System.arraycopy(normals(1, 2000), 0, floats, 2 * patterns.length, 2000);
        try (EmulatedGpu gpu = EmulatedGpu.open();
                KernelRun run = new KernelRun(gpu, Precision.BFLOAT16)) {
            long out = run.spoiltValues(8 * floats.length);
            Object[] sizes = {1, 1, 1, floats.length, 8};
            launch(run, "pack", floats.length, run.floats(floats), out, sizes);
            float[] found = run.readValues(out, 8 * floats.length);
            for (int i = 0; i < floats.length; i++) {
                assertThat(found[8 * i])
                        .describedAs("%08x", Float.floatToRawIntBits(floats[i]))
                        // Boxed: NaN is NaN, and 0 is not -0.
                        .isEqualTo(Float.valueOf(run.round(floats[i])));
            }
        }
    }

    private static void launch(
            KernelRun run, String name, long threads, long from, long to, Object... sizes) {
        Object[] arguments = new Object[sizes.length + 2];
        arguments[0] = from;
        arguments[1] = to;
        System.arraycopy(sizes, 0, arguments, 2, sizes.length);
        run.launch(name, threads, arguments);
    }

    /** Each real value within rounding of what is expected; pads 0. */
    private static void check(KernelRun run, long address, double[] expected, Shape s) {
        float[] found = run.readValues(address, expected.length);
        // One rounding to the format, a few to float32 before it.
        double relative = s.precision() == Precision.BFLOAT16 ? 1 / 255.0 : 1e-6;
        for (int i = 0; i < found.length; i++) {
            if (i % s.padded() >= s.c()) {
                assertThat(found[i]).isZero();
            } else {
                assertThat((double) found[i]).isCloseTo(expected[i], near(expected[i], relative));
            }
        }
    }

    /** Relative, and for sums that cancel absolute: their terms are about 1. */
    private static Offset<Double> near(double expected, double relative) {
        return Offset.offset(Math.abs(expected) * relative + 2e-6);
    }

    private static float[] values(KernelRun run, Shape s, int seed) {
        float[] values = normals(seed, s.values());
        for (int i = 0; i < values.length; i++) {
            values[i] = i % s.padded() < s.c() ? run.round(values[i]) : 0;
        }
        return values;
    }

    private static float[] padded(float[] vector, Shape s) {
        return Arrays.copyOf(vector, s.padded());
    }

    private static float[] normals(int seed, int count) {
        float[] values = new float[count];
        new GaussianNoise().fill(seed, 0, 0, values, 0, count);
        return values;
    }
}
