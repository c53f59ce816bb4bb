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

/** The kernels of batch normalisation, and of sums over rows, against plain loops in double. */
@AddLifecycleHook(NeedsCompiler.class)
class NormalisationKernelsTest {
    private static final float EPSILON = 1e-5f;

    /** x [rows, channels], summed in parts. */
    record Rows(Precision precision, int rows, int channels, int rowsPerPart) {
        int padded() {
            return (channels + 7) / 8 * 8;
        }

        int parts() {
            return (rows + rowsPerPart - 1) / rowsPerPart;
        }

        long vectors() {
            return (long) rows * padded() / 8;
        }
    }

    @Provide
    Arbitrary<Rows> rows() {
        return Combinators.combine(
                        Arbitraries.of(Precision.BFLOAT16, Precision.FLOAT32),
                        Arbitraries.integers().between(1, 600),
                        Arbitraries.integers().between(1, 35),
                        Arbitraries.integers().between(1, 40))
                .as(Rows::new);
    }

    @Property(tries = 40)
    void batchStatisticsAndTheirGradient(@ForAll("rows") Rows r) {
        try (EmulatedGpu gpu = EmulatedGpu.open();
                KernelRun run = new KernelRun(gpu, r.precision())) {
            int padded = r.padded();
            float[] x = values(run, r, 1);
            float[] dy = values(run, r, 2);
            float[] scale = vector(r, 3);
            float[] shift = vector(r, 4);
            double[] mean = new double[padded];
            double[] variance = new double[padded];
            double[] sumDy = new double[padded];
            for (int i = 0; i < x.length; i++) {
                mean[i % padded] += (double) x[i] / r.rows();
                sumDy[i % padded] += dy[i];
            }
            for (int i = 0; i < x.length; i++) {
                variance[i % padded] += Math.pow(x[i] - mean[i % padded], 2) / r.rows();
            }
            double[] inverse = new double[padded];
            for (int c = 0; c < padded; c++) {
                inverse[c] = 1 / Math.sqrt(variance[c] + EPSILON);
            }
            double[] products = new double[padded];
            double[] y = new double[x.length];
            for (int i = 0; i < x.length; i++) {
                int c = i % padded;
                double u = (x[i] - mean[c]) * inverse[c];
                products[c] += dy[i] * u;
                y[i] = scale[c] * u + shift[c];
            }

            long values = run.values(x);
            long gradient = run.values(dy);
            long parts = run.spoilt(8 * r.parts() * padded);
            long means = run.spoilt(8 * padded);
            long variances = run.spoilt(8 * padded);
            long inverses = run.spoilt(8 * padded);
            long sums = run.spoilt(8 * padded);
            long productSums = run.spoilt(8 * padded);
            long threads = (long) r.parts() * padded / 8;
            run.launch("sum_channels", threads, values, parts, r.rows(), padded, r.rowsPerPart());
            run.launch("finish_sums", 32L * padded, parts, means, padded, r.parts(), r.rows());
            run.launch(
                    "sum_squares",
                    threads,
                    values,
                    means,
                    parts,
                    r.rows(),
                    padded,
                    r.rowsPerPart());
            run.launch("finish_sums", 32L * padded, parts, variances, padded, r.parts(), r.rows());
            run.launch("inverse_deviation", padded, variances, inverses, EPSILON, padded);
            run.launch("sum_channels", threads, gradient, parts, r.rows(), padded, r.rowsPerPart());
            run.launch("finish_sums", 32L * padded, parts, sums, padded, r.parts(), 1);
            run.launch(
                    "sum_products",
                    threads,
                    values,
                    gradient,
                    means,
                    inverses,
                    parts,
                    r.rows(),
                    padded,
                    r.rowsPerPart());
            run.launch("finish_sums", 32L * padded, parts, productSums, padded, r.parts(), 1);
            // Sums in double in another order.
            Offset<Double> tiny = Offset.offset(1e-9);
            assertThat(run.readDoubles(means, padded)).containsExactly(mean, tiny);
            assertThat(run.readDoubles(variances, padded)).containsExactly(variance, tiny);
            assertThat(run.readDoubles(sums, padded)).containsExactly(sumDy, tiny);
            for (int c = 0; c < padded; c++) {
                // A variance of 0 lets the inverse grow to 316, and the products with it.
                assertThat(run.readDoubles(inverses, padded)[c])
                        .isCloseTo(inverse[c], Offset.offset(1e-9 * inverse[c]));
                assertThat(run.readDoubles(productSums, padded)[c])
                        .isCloseTo(products[c], Offset.offset(1e-9 * inverse[c]));
            }

            long scales = run.floats(scale);
            long out = run.spoiltValues(x.length);
            for (long to : new long[] {out, run.values(x)}) {
                run.launch(
                        "normalize",
                        r.vectors(),
                        to == out ? values : to,
                        means,
                        inverses,
                        scales,
                        run.floats(shift),
                        to,
                        r.vectors(),
                        padded);
                check(run, r, to, y, inverse);
            }

            double[] dx = new double[x.length];
            double[] fixed = new double[x.length];
            for (int i = 0; i < x.length; i++) {
                int c = i % padded;
                double u = (x[i] - mean[c]) * inverse[c];
                double moved = (sumDy[c] + u * products[c]) / r.rows();
                dx[i] = scale[c] * inverse[c] * (dy[i] - moved);
                fixed[i] = scale[c] * inverse[c] * dy[i];
            }
            for (int rows : new int[] {r.rows(), 0}) {
                long back = run.values(dy);
                run.launch(
                        "normalize_back",
                        r.vectors(),
                        rows == 0 ? 0L : values,
                        back,
                        rows == 0 ? 0L : means,
                        inverses,
                        scales,
                        rows == 0 ? 0L : sums,
                        rows == 0 ? 0L : productSums,
                        back,
                        r.vectors(),
                        padded,
                        rows);
                check(run, r, back, rows == 0 ? fixed : dx, inverse);
            }
        }
    }

    @Property(tries = 10)
    void sumsAreAddedToGradients(@ForAll("rows") Rows r) {
        try (EmulatedGpu gpu = EmulatedGpu.open();
                KernelRun run = new KernelRun(gpu, r.precision())) {
            float[] before = vector(r, 1);
            double[] sums = new double[r.padded()];
            float[] after = before.clone();
            for (int c = 0; c < r.channels(); c++) {
                sums[c] = c * 0.1 - 1;
                after[c] += (float) sums[c];
            }
            long gradient = run.floats(before);
            run.launch("add_sums", r.channels(), run.doubles(sums), gradient, r.channels());
            assertThat(run.readFloats(gradient, r.padded())).isEqualTo(after);
        }
    }

    private static void check(
            KernelRun run, Rows r, long address, double[] expected, double[] inverse) {
        float[] found = run.readValues(address, expected.length);
        double relative = r.precision() == Precision.BFLOAT16 ? 1 / 255.0 : 1e-6;
        for (int i = 0; i < found.length; i++) {
            int c = i % r.padded();
            if (c >= r.channels()) {
                assertThat(found[i]).isZero();
            } else {
                // The difference from the mean is rounded to float32, then grows with the inverse.
                double tolerance = Math.abs(expected[i]) * relative + 3e-6 * (1 + inverse[c]);
                assertThat((double) found[i]).isCloseTo(expected[i], Offset.offset(tolerance));
            }
        }
    }

    private static float[] values(KernelRun run, Rows r, int seed) {
        float[] values = new float[r.rows() * r.padded()];
        new GaussianNoise().fill(seed, 0, 0, values, 0, values.length);
        for (int i = 0; i < values.length; i++) {
            int c = i % r.padded();
            values[i] = c < r.channels() ? run.round(values[i] + 0.25 * (c % 5)) : 0;
        }
        return values;
    }

    private static float[] vector(Rows r, int seed) {
        float[] values = new float[r.channels()];
        new GaussianNoise().fill(seed, 0, 0, values, 0, values.length);
        return Arrays.copyOf(values, r.padded());
    }
}
