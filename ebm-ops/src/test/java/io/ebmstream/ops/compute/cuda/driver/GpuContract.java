package io.ebmstream.ops.compute.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.cuda.gpu.ConvolutionSpec;
import io.ebmstream.ops.compute.cuda.gpu.ConvolutionSpec.Epilogue;
import io.ebmstream.ops.compute.cuda.gpu.ConvolutionSpec.Pass;
import io.ebmstream.ops.compute.cuda.gpu.Gpu;
import io.ebmstream.ops.compute.cuda.gpu.GpuConvolution;
import io.ebmstream.ops.compute.cuda.gpu.GpuGraph;
import io.ebmstream.ops.compute.cuda.gpu.GpuKernel;
import io.ebmstream.ops.compute.cuda.gpu.GpuMemory;
import io.ebmstream.ops.compute.cuda.gpu.GpuStream;
import io.ebmstream.ops.compute.cuda.gpu.HostMemory;
import io.ebmstream.ops.compute.cuda.kernels.KernelModule;
import io.ebmstream.ops.compute.cuda.kernels.KernelSources;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.ShortPointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What {@link Gpu} promises, for those who implement it: copies, kernels, graphs and convolutions
 * in every precision, pass and epilogue, against plain loops, again and again, and in every slot.
 */
abstract class GpuContract {
    /** The one to test, open. */
    abstract Gpu gpu();

    /** How often a convolution is repeated. */
    abstract int repeats();

    /** How many images a convolution is given: more than a device has processors. */
    abstract int slots();

    @Test
    void everyKernelLoads() {
        for (KernelModule module : KernelSources.modules()) {
            for (String name : module.kernels()) {
                for (Precision precision : Precision.values()) {
                    assertThat(gpu().kernel(precision, name).name()).isEqualTo(name);
                }
            }
        }
        assertThatThrownBy(() -> gpu().kernel(Precision.FLOAT32, "no_such_kernel"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void pixelsArePackedAndUnpacked() {
        int images = 3;
        int channels = 3;
        int side = 5;
        int pixels = images * channels * side * side;
        float[] image = noise(1, pixels, true);
        for (Precision precision : Precision.values()) {
            try (GpuStream stream = gpu().newStream();
                    GpuMemory from = gpu().allocate(pixels * 4L);
                    GpuMemory packed = gpu().allocate((long) images * side * side * 8 * 4);
                    GpuMemory to = gpu().allocate(pixels * 4L);
                    HostMemory host = gpu().allocateHost(pixels * 4L)) {
                new FloatPointer(host.pointer()).put(image);
                stream.upload(host, from.address(), pixels * 4L);
                stream.launch(
                        gpu().kernel(precision, "pack"),
                        1,
                        256,
                        from.address(),
                        packed.address(),
                        images,
                        channels,
                        side,
                        side,
                        8);
                stream.launch(
                        gpu().kernel(precision, "unpack"),
                        1,
                        256,
                        packed.address(),
                        to.address(),
                        images,
                        channels,
                        side,
                        side,
                        8);
                stream.download(to.address(), host, pixels * 4L);
                stream.synchronize();
                float[] back = new float[pixels];
                new FloatPointer(host.pointer()).get(back);
                assertThat(back).as("%s", precision).containsExactly(image);
            }
        }
    }

    @Test
    void aGraphIsRecordedAndDoneAgainAndAgain() {
        GpuKernel add = gpu().kernel(Precision.FLOAT32, "add");
        try (GpuStream stream = gpu().newStream();
                GpuMemory x = gpu().allocate(32);
                HostMemory host = gpu().allocateHost(32)) {
            FloatPointer floats = new FloatPointer(host.pointer());
            floats.put(0, 1f).put(7, 3f);
            stream.upload(host, x.address(), 32);
            long a = x.address();
            try (GpuGraph graph = stream.capture(() -> stream.launch(add, 1, 32, a, a, a, 1L))) {
                for (int i = 0; i < 10; i++) {
                    stream.launch(graph);
                }
                stream.download(a, host, 32);
                stream.synchronize();
            }
            assertThat(floats.get(0)).isEqualTo(1024f);
            assertThat(floats.get(7)).isEqualTo(3072f);
            assertThatThrownBy(() -> stream.capture(() -> stream.upload(host, a, 32)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("only launches and clears");
            stream.launch(add, 1, 32, a, a, a, 1L);
            stream.synchronize();
        }
    }

    @Test
    void threadsHaveStreamsOfTheirOwn() throws InterruptedException {
        List<Throwable> failures = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            Thread thread =
                    new Thread(
                            () -> {
                                for (int i = 0; i < 20; i++) {
                                    aGraphIsRecordedAndDoneAgainAndAgain();
                                }
                            });
            thread.setUncaughtExceptionHandler(
                    (where, e) -> {
                        synchronized (failures) {
                            failures.add(e);
                        }
                    });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(failures).isEmpty();
    }

    static Stream<ConvolutionSpec> specs() {
        List<ConvolutionSpec> specs = new ArrayList<>();
        for (Precision precision : Precision.values()) {
            for (Pass pass : Pass.values()) {
                specs.add(spec(pass, precision, 3, 9, 8, 16, 3, 1, 1));
                specs.add(spec(pass, precision, 2, 8, 16, 32, 4, 2, 1));
                specs.add(spec(pass, precision, 5, 4, 64, 8, 1, 1, 0));
            }
        }
        for (ConvolutionSpec spec : List.copyOf(specs)) {
            for (float slope : new float[] {0, 0.05f, 1}) {
                if (spec.pass() == Pass.FORWARD) {
                    specs.add(spec.with(Epilogue.BIAS, slope));
                } else if (spec.pass() == Pass.INPUT_GRADIENT) {
                    specs.add(spec.with(Epilogue.MASK, slope));
                }
            }
        }
        return specs.stream();
    }

    @ParameterizedTest
    @MethodSource("specs")
    void aConvolutionIsWhatItsLoopsSay(ConvolutionSpec spec) {
        assumeTrue(isPossible(spec), "no bfloat16 before compute capability 8.0");
        float[] x = noise(1, PlainConvolution.xLength(spec), true);
        float[] w = noise(2, PlainConvolution.wLength(spec), true);
        float[] y = noise(3, PlainConvolution.yLength(spec), true);
        float[] extra = extra(spec);
        PlainConvolution expected = new PlainConvolution(spec, x, w, y, extra);
        float[] found = run(spec, x, w, y, extra, 1).get(0);
        // Factors are exact in every precision. A sum may lose a unit of float32 at each term
        // (tensor cores cut off), and a unit of bfloat16 when it is stored.
        double added = terms(spec) * Math.scalb(1.0, -23);
        double stored = isWide(spec) ? 0 : Math.scalb(1.0, -8);
        for (int i = 0; i < found.length; i++) {
            double tolerance = added * expected.size[i] + stored * Math.abs(expected.sum[i]);
            if (!(Math.abs(found[i] - expected.sum[i]) <= tolerance)) {
                assertThat((double) found[i])
                        .as("%s of %s", i, spec)
                        .isCloseTo(expected.sum[i], within(tolerance));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("specs")
    void everyRunGivesTheSameBits(ConvolutionSpec spec) {
        assumeTrue(isPossible(spec), "no bfloat16 before compute capability 8.0");
        float[] x = noise(1, PlainConvolution.xLength(spec), false);
        float[] w = noise(2, PlainConvolution.wLength(spec), false);
        float[] y = noise(3, PlainConvolution.yLength(spec), false);
        List<float[]> runs = run(spec, x, w, y, extra(spec), repeats());
        for (float[] run : runs) {
            assertThat(Arrays.equals(run, runs.get(0))).as("%s", spec).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("specs")
    void anImageHasTheSameBitsInEverySlot(ConvolutionSpec small) {
        assumeTrue(isPossible(small), "no bfloat16 before compute capability 8.0");
        assumeTrue(small.pass() != Pass.WEIGHT_GRADIENT, "a sum over images");
        ConvolutionSpec spec =
                spec(
                                small.pass(),
                                small.precision(),
                                slots(),
                                small.height(),
                                small.channels(),
                                small.filters(),
                                small.kernelHeight(),
                                small.stride(),
                                small.padding())
                        .with(small.epilogue(), small.slope());
        float[] x = repeat(noise(1, PlainConvolution.xLength(spec) / slots(), false), slots());
        float[] w = noise(2, PlainConvolution.wLength(spec), false);
        float[] y = repeat(noise(3, PlainConvolution.yLength(spec) / slots(), false), slots());
        float[] mask = spec.epilogue() == Epilogue.MASK ? x : extra(spec);
        float[] found = run(spec, x, w, y, mask, 1).get(0);
        int length = found.length / slots();
        float[] first = Arrays.copyOf(found, length);
        for (int i = 1; i < slots(); i++) {
            float[] slot = Arrays.copyOfRange(found, i * length, (i + 1) * length);
            assertThat(Arrays.equals(slot, first)).as("slot %s of %s", i, spec).isTrue();
        }
    }

    /** The results of so many runs of one graph, in which the convolution is. */
    private List<float[]> run(
            ConvolutionSpec spec, float[] x, float[] w, float[] y, float[] extra, int times) {
        boolean bf16 = spec.precision() == Precision.BFLOAT16;
        boolean wideWeights = spec.pass() == Pass.WEIGHT_GRADIENT;
        boolean fused = spec.epilogue() == Epilogue.NONE || gpu().fuses(spec);
        assumeTrue(fused, "not fused here");
        try (GpuStream stream = gpu().newStream();
                GpuConvolution convolution = gpu().convolution(spec);
                GpuMemory workspace = gpu().allocate(Math.max(1, convolution.workspaceBytes()));
                GpuMemory onX = gpu().allocate(x.length * 4L);
                GpuMemory onW = gpu().allocate(w.length * 4L);
                GpuMemory onY = gpu().allocate(y.length * 4L);
                GpuMemory onExtra = gpu().allocate(extra == null ? 4 : extra.length * 4L)) {
            put(stream, onX, x, bf16);
            put(stream, onW, w, bf16 && !wideWeights);
            put(stream, onY, y, bf16);
            if (extra != null) {
                put(stream, onExtra, extra, bf16 && spec.epilogue() == Epilogue.MASK);
            }
            GpuMemory to =
                    switch (spec.pass()) {
                        case FORWARD -> onY;
                        case INPUT_GRADIENT -> onX;
                        case WEIGHT_GRADIENT -> onW;
                    };
            int length =
                    switch (spec.pass()) {
                        case FORWARD -> y.length;
                        case INPUT_GRADIENT -> x.length;
                        case WEIGHT_GRADIENT -> w.length;
                    };
            List<float[]> runs = new ArrayList<>();
            try (GpuGraph graph =
                    stream.capture(
                            () -> {
                                stream.clear(to.address(), to.bytes());
                                stream.launch(
                                        convolution,
                                        onX.address(),
                                        onW.address(),
                                        onY.address(),
                                        extra == null ? 0 : onExtra.address(),
                                        workspace.address());
                            })) {
                for (int i = 0; i < times; i++) {
                    stream.launch(graph);
                    runs.add(get(stream, to, length, bf16 && !wideWeights));
                }
            }
            return runs;
        }
    }

    private void put(GpuStream stream, GpuMemory to, float[] values, boolean bf16) {
        long bytes = values.length * (bf16 ? 2L : 4L);
        try (HostMemory host = gpu().allocateHost(bytes)) {
            if (bf16) {
                ShortPointer shorts = new ShortPointer(host.pointer());
                for (int i = 0; i < values.length; i++) {
                    shorts.put(i, (short) (Float.floatToRawIntBits(bf16(values[i])) >> 16));
                }
            } else {
                new FloatPointer(host.pointer()).put(values);
            }
            stream.upload(host, to.address(), bytes);
            stream.synchronize();
        }
    }

    private float[] get(GpuStream stream, GpuMemory from, int length, boolean bf16) {
        long bytes = length * (bf16 ? 2L : 4L);
        float[] values = new float[length];
        try (HostMemory host = gpu().allocateHost(bytes)) {
            stream.download(from.address(), host, bytes);
            stream.synchronize();
            if (bf16) {
                ShortPointer shorts = new ShortPointer(host.pointer());
                for (int i = 0; i < length; i++) {
                    values[i] = Float.intBitsToFloat(shorts.get(i) << 16);
                }
            } else {
                new FloatPointer(host.pointer()).get(values);
            }
        }
        return values;
    }

    /** The bias; or activations, of which every fourth is 0, where the slope counts too. */
    private static float[] extra(ConvolutionSpec spec) {
        return switch (spec.epilogue()) {
            case NONE -> null;
            case BIAS -> noise(4, spec.filters(), false);
            case MASK -> {
                float[] mask = noise(4, PlainConvolution.xLength(spec), true);
                for (int i = 0; i < mask.length; i += 4) {
                    mask[i] = 0;
                }
                yield mask;
            }
        };
    }

    /** How many products make a value, a bias counted. */
    private static int terms(ConvolutionSpec spec) {
        int window = spec.kernelHeight() * spec.kernelWidth();
        return 1
                + switch (spec.pass()) {
                    case FORWARD -> window * spec.channels();
                    case INPUT_GRADIENT -> window * spec.filters();
                    case WEIGHT_GRADIENT ->
                            spec.images() * spec.resultHeight() * spec.resultWidth();
                };
    }

    private boolean isPossible(ConvolutionSpec spec) {
        return spec.precision() != Precision.BFLOAT16 || gpu().properties().major() >= 8;
    }

    private static boolean isWide(ConvolutionSpec spec) {
        return spec.precision() != Precision.BFLOAT16 || spec.pass() == Pass.WEIGHT_GRADIENT;
    }

    private static ConvolutionSpec spec(
            Pass pass,
            Precision precision,
            int images,
            int side,
            int channels,
            int filters,
            int kernel,
            int stride,
            int padding) {
        return new ConvolutionSpec(
                pass,
                precision,
                images,
                side,
                side,
                channels,
                filters,
                kernel,
                kernel,
                stride,
                padding,
                Epilogue.NONE,
                1);
    }

    /**
     * @param exact in bfloat16, so that every precision reads the same values
     */
    private static float[] noise(long seed, int length, boolean exact) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            double angle = (i * 7919L + seed * 104_729L) % 9973;
            float value = (float) Math.sin(angle);
            values[i] = exact ? bf16(value) : value;
        }
        return values;
    }

    private static float bf16(float value) {
        return Float.intBitsToFloat(Float.floatToRawIntBits(value) & 0xffff0000);
    }

    private static float[] repeat(float[] values, int times) {
        float[] all = new float[values.length * times];
        for (int i = 0; i < times; i++) {
            System.arraycopy(values, 0, all, i * values.length, values.length);
        }
        return all;
    }
}
