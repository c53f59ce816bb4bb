package io.ebmstream.ops.compute.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.cuda.emulator.EmulatedGpu;
import io.ebmstream.ops.compute.cuda.emulator.KernelRun;
import io.ebmstream.ops.compute.cuda.emulator.NeedsCompiler;
import io.ebmstream.ops.compute.cuda.gpu.ConvolutionSpec;
import io.ebmstream.ops.compute.cuda.gpu.ConvolutionSpec.Epilogue;
import io.ebmstream.ops.compute.cuda.gpu.ConvolutionSpec.Pass;
import io.ebmstream.ops.compute.cuda.gpu.GpuConvolution;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Layer;
import io.ebmstream.ops.sampler.GaussianNoise;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** The emulated GPU's convolutions against the reference's, which nothing else could tell right. */
@AddLifecycleHook(NeedsCompiler.class)
class EmulatedConvolutionTest {
    private static final float SLOPE = 0.2f;

    /** A layer and the images that it is for. */
    record Case(Precision precision, int images, int height, int width, Layer.Conv2d layer) {
        int in() {
            return (layer.in() + 7) / 8 * 8;
        }

        int out() {
            return (layer.out() + 7) / 8 * 8;
        }

        int kernel() {
            return layer.kernel();
        }

        ConvolutionSpec spec(Pass pass, Epilogue epilogue) {
            return new ConvolutionSpec(
                    pass,
                    precision,
                    images,
                    height,
                    width,
                    in(),
                    out(),
                    kernel(),
                    kernel(),
                    layer.stride(),
                    layer.padding(),
                    epilogue,
                    epilogue == Epilogue.NONE ? 1 : SLOPE);
        }
    }

    @Provide
    Arbitrary<Case> cases() {
        Arbitrary<Layer.Conv2d> layers =
                Combinators.combine(
                                Arbitraries.integers().between(1, 11),
                                Arbitraries.integers().between(1, 11),
                                Arbitraries.integers().between(1, 4),
                                Arbitraries.integers().between(1, 3),
                                Arbitraries.integers().between(0, 3))
                        .as(
                                (in, out, kernel, stride, padding) ->
                                        new Layer.Conv2d(
                                                in,
                                                out,
                                                kernel,
                                                stride,
                                                Math.min(padding, kernel - 1),
                                                true));
        return Combinators.combine(
                        Arbitraries.of(Precision.class),
                        Arbitraries.integers().between(1, 3),
                        Arbitraries.integers().between(4, 9),
                        Arbitraries.integers().between(4, 9),
                        layers)
                .as(Case::new);
    }

    @Property(tries = 40)
    void passesAreTheReferences(@ForAll("cases") Case c, @ForAll boolean fused) {
        ImageShape in = new ImageShape(c.layer().in(), c.height(), c.width());
        ImageShape out = c.layer().output(List.of(in));
        int k = c.kernel();
        int weights = c.layer().out() * c.layer().in() * k * k;
        try (EmulatedGpu gpu = EmulatedGpu.open();
                KernelRun run = new KernelRun(gpu, c.precision())) {
            double[] parameters = normals(1, weights + c.layer().out());
            Convolution reference = new Convolution(c.layer(), in, 0, weights);
            double[] sum = new double[parameters.length];
            double[][] x = new double[c.images()][];
            double[][] gy = new double[c.images()][];
            double[][] y = new double[c.images()][out.size()];
            double[][] gx = new double[c.images()][in.size()];
            for (int i = 0; i < c.images(); i++) {
                x[i] = normals(10 + i, in.size());
                gy[i] = normals(20 + i, out.size());
                reference.forward(parameters, x[i], y[i]);
                reference.inputGradient(parameters, x[i], y[i], gy[i], gx[i]);
                reference.parameterGradient(x[i], gy[i], 1, sum);
                for (int j = 0; j < y[i].length; j++) {
                    // Without the epilogue there is no bias either.
                    double bias = parameters[weights + j / (out.height() * out.width())];
                    y[i][j] = fused ? leaky(y[i][j]) : y[i][j] - bias;
                }
                for (int j = 0; fused && j < gx[i].length; j++) {
                    gx[i][j] *= x[i][j] > 0 ? 1 : SLOPE;
                }
            }

            float[] packed = new float[c.out() * k * k * c.in()];
            float[] expectedSum = new float[packed.length];
            for (int j = 0; j < weights; j++) {
                int channel = j / (k * k);
                int tap = j % (k * k);
                int to =
                        (channel / c.layer().in() * k * k + tap) * c.in()
                                + channel % c.layer().in();
                packed[to] = (float) parameters[j];
                expectedSum[to] = (float) sum[j];
            }
            float[] bias = new float[c.out()];
            for (int o = 0; o < c.layer().out(); o++) {
                bias[o] = (float) parameters[weights + o];
            }
            long values = run.values(nhwc(x, in, c.in()));
            long w = run.values(packed);
            long gradient = run.values(nhwc(gy, out, c.out()));

            long result = run.spoiltValues(c.images() * out.height() * out.width() * c.out());
            Epilogue forward = fused ? Epilogue.BIAS : Epilogue.NONE;
            launch(
                    gpu,
                    run,
                    c.spec(Pass.FORWARD, forward),
                    values,
                    w,
                    result,
                    fused ? run.floats(bias) : 0);
            check(run, c, result, nhwc(y, out, c.out()));

            long back = run.spoiltValues(c.images() * in.height() * in.width() * c.in());
            Epilogue masked = fused ? Epilogue.MASK : Epilogue.NONE;
            launch(
                    gpu,
                    run,
                    c.spec(Pass.INPUT_GRADIENT, masked),
                    back,
                    w,
                    gradient,
                    fused ? values : 0);
            check(run, c, back, nhwc(gx, in, c.in()));

            long total = run.spoilt(4 * packed.length);
            launch(
                    gpu,
                    run,
                    c.spec(Pass.WEIGHT_GRADIENT, Epilogue.NONE),
                    values,
                    total,
                    gradient,
                    0);
            // Sums of up to 243 products of about 1 in float32; TF32 rounds none of these operands.
            assertThat(run.readFloats(total, packed.length))
                    .containsExactly(expectedSum, Offset.offset(1e-4f));
        }
    }

    @Test
    void whatTheDeviceCannotFuseIsRefused() {
        Case c = new Case(Precision.FLOAT32, 1, 4, 4, new Layer.Conv2d(8, 8, 3, 1, 1, true));
        try (EmulatedGpu gpu = EmulatedGpu.builder().fuses(false, true).open()) {
            ConvolutionSpec forward = c.spec(Pass.FORWARD, Epilogue.BIAS);
            ConvolutionSpec back = c.spec(Pass.INPUT_GRADIENT, Epilogue.MASK);
            assertThat(gpu.fuses(forward)).isFalse();
            assertThat(gpu.fuses(back)).isTrue();
            assertThatThrownBy(() -> gpu.convolution(forward))
                    .isInstanceOf(UnsupportedOperationException.class);
            gpu.convolution(back).close();
        }
    }

    private static void launch(
            EmulatedGpu gpu,
            KernelRun run,
            ConvolutionSpec spec,
            long values,
            long weights,
            long results,
            long extra) {
        try (GpuConvolution convolution = gpu.convolution(spec)) {
            long workspace = run.spoilt(Math.toIntExact(convolution.workspaceBytes()));
            run.stream().launch(convolution, values, weights, results, extra, workspace);
            run.stream().synchronize();
        }
    }

    private static void check(KernelRun run, Case c, long address, float[] expected) {
        float[] found = run.readValues(address, expected.length);
        double relative = c.precision() == Precision.BFLOAT16 ? 1 / 255.0 : 1e-6;
        for (int i = 0; i < found.length; i++) {
            // One rounding to the format, after a sum in float32 of up to 176 products of about 1.
            assertThat(found[i])
                    .isCloseTo(
                            expected[i],
                            Offset.offset((float) (Math.abs(expected[i]) * relative + 3e-5)));
        }
    }

    private static double leaky(double value) {
        return value > 0 ? value : SLOPE * value;
    }

    private static float[] nhwc(double[][] images, ImageShape shape, int padded) {
        int pixels = shape.height() * shape.width();
        float[] values = new float[images.length * pixels * padded];
        for (int i = 0; i < images.length; i++) {
            for (int j = 0; j < images[i].length; j++) {
                values[(i * pixels + j % pixels) * padded + j / pixels] = (float) images[i][j];
            }
        }
        return values;
    }

    /** Few bits each, so that every format has them exactly. */
    private static double[] normals(int seed, int count) {
        float[] values = new float[count];
        new GaussianNoise().fill(seed, 0, 0, values, 0, count);
        double[] rounded = new double[count];
        Arrays.setAll(rounded, i -> Math.rint(values[i] * 32) / 32);
        return rounded;
    }
}
