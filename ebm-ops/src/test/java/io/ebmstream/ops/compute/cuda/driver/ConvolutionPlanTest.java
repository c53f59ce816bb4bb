package io.ebmstream.ops.compute.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.cuda.gpu.ConvolutionSpec;
import io.ebmstream.ops.compute.cuda.gpu.ConvolutionSpec.Epilogue;
import io.ebmstream.ops.compute.cuda.gpu.ConvolutionSpec.Pass;
import io.ebmstream.ops.compute.cuda.gpu.Gpu;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Layer;
import io.ebmstream.ops.energy.Light32;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.energy.Sngan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * cuDNN plans the networks' convolutions for devices that it is only told of: graphs are taken,
 * engines chosen, kernels compiled by cuDNN. Nothing is run. Skipped without cuDNN, see {@link
 * CudaLibraries}. The system properties {@code ebm.cuda.devices} and {@code ebm.cuda.batches} list
 * others than an H100 and 64 images.
 */
class ConvolutionPlanTest {
    private static final Logger LOG = LoggerFactory.getLogger(ConvolutionPlanTest.class);

    @BeforeAll
    static void libraries() {
        Optional<String> missing = CudaLibraries.missing();
        assumeTrue(missing.isEmpty(), missing.orElse(""));
    }

    static Stream<Arguments> devices() {
        return Arrays.stream(System.getProperty("ebm.cuda.devices", "H100").split(","))
                .map(DescribedDevice::valueOf)
                .flatMap(
                        device ->
                                Arrays.stream(Precision.values())
                                        .map(precision -> Arguments.of(device, precision)));
    }

    @ParameterizedTest
    @MethodSource("devices")
    void planEveryConvolutionOfTheNetworks(DescribedDevice device, Precision precision) {
        // cuDNN has bfloat16 from Ampere on.
        boolean expected = precision != Precision.BFLOAT16 || device.capability() >= 80;
        try (Descriptor described = device.describe()) {
            CudnnTarget target = new CudnnTarget.Described(described);
            for (ConvolutionSpec spec : specs(precision)) {
                Optional<ConvolutionPlan> plan = ConvolutionPlan.find(spec, target);
                assertThat(plan.isPresent()).as("%s on %s", spec, device).isEqualTo(expected);
                plan.ifPresent(
                        p -> {
                            LOG.info("{} {}: {}, {}", device, spec, p.engine(), p.workspace());
                            // Some engines copy values and results in another order.
                            assertThat(p.workspace()).isBetween(0L, (1L << 28) + 2 * bytes(spec));
                            p.close();
                        });
            }
        }
    }

    @ParameterizedTest
    @MethodSource("devices")
    void fuseEpiloguesOnTensorCores(DescribedDevice device, Precision precision) {
        assumeTrue(
                precision != Precision.FLOAT32 && device.capability() >= 80,
                "without tensor cores for it cuDNN fuses some and not others");
        try (Descriptor described = device.describe()) {
            CudnnTarget target = new CudnnTarget.Described(described);
            for (ConvolutionSpec spec : fused(specs(precision))) {
                Optional<ConvolutionPlan> plan = ConvolutionPlan.findFast(spec, target);
                assertThat(plan).as("%s on %s", spec, device).isPresent();
                LOG.info("{} {}: {}", device, spec, plan.get().engine());
                plan.get().close();
            }
        }
    }

    @Test
    void anAttributeThatIsNotTakenSaysSo() {
        try (Descriptor tensor = new Descriptor(0, "a thing")) {
            assertThatThrownBy(() -> tensor.longs(-5, 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("expected cuDNN to take attribute -5 of a thing")
                    .hasMessageContaining("CUDNN_STATUS");
        }
    }

    @Test
    void plansAreFreed() {
        ConvolutionSpec spec = specs(Precision.TF32).get(0);
        try (Descriptor described = DescribedDevice.H100.describe()) {
            CudnnTarget target = new CudnnTarget.Described(described);
            long before = 0;
            for (int i = 0; i < 300; i++) {
                ConvolutionPlan.find(spec, target).orElseThrow().close();
                if (i == 100) {
                    before = Pointer.physicalBytes();
                }
            }
            // A leak of one heuristics' answer is 64 configurations a plan, some MB in all.
            assertThat(Pointer.physicalBytes() - before).isLessThan(32 << 20);
        }
    }

    /** All passes of all convolutions of light32 and sngan32, each once. */
    private static List<ConvolutionSpec> specs(Precision precision) {
        ImageShape image = new ImageShape(3, 32, 32);
        Set<ConvolutionSpec> specs = new LinkedHashSet<>();
        for (String batch : System.getProperty("ebm.cuda.batches", "64").split(",")) {
            for (Network network : List.of(Light32.of(image, 32), Sngan.of32(image, 256))) {
                for (int i = 0; i < network.nodes().size(); i++) {
                    if (network.nodes().get(i).layer() instanceof Layer.Conv2d conv
                            && conv.out() > 1) {
                        ImageShape x = network.inputShapes(i).get(0);
                        for (Pass pass : Pass.values()) {
                            specs.add(
                                    new ConvolutionSpec(
                                            pass,
                                            precision,
                                            Integer.parseInt(batch),
                                            x.height(),
                                            x.width(),
                                            padded(conv.in()),
                                            padded(conv.out()),
                                            conv.kernel(),
                                            conv.kernel(),
                                            conv.stride(),
                                            conv.padding(),
                                            Epilogue.NONE,
                                            1));
                        }
                    }
                }
            }
        }
        return List.copyOf(specs);
    }

    private static List<ConvolutionSpec> fused(List<ConvolutionSpec> specs) {
        List<ConvolutionSpec> fused = new ArrayList<>();
        fused.add(specs.get(0).with(Epilogue.BIAS, 1));
        fused.add(specs.get(1).with(Epilogue.MASK, 0));
        for (ConvolutionSpec spec : specs) {
            if (spec.pass() == Pass.FORWARD) {
                fused.add(spec.with(Epilogue.BIAS, 0.05f));
            } else if (spec.pass() == Pass.INPUT_GRADIENT) {
                fused.add(spec.with(Epilogue.MASK, 0.05f));
            }
        }
        return fused;
    }

    /** Of values and results in float32. */
    private static long bytes(ConvolutionSpec spec) {
        long values = (long) spec.height() * spec.width() * spec.channels();
        long results = (long) spec.resultHeight() * spec.resultWidth() * spec.filters();
        return Float.BYTES * spec.images() * (values + results);
    }

    private static int padded(int channels) {
        return (channels + Gpu.CHANNELS - 1) / Gpu.CHANNELS * Gpu.CHANNELS;
    }
}
