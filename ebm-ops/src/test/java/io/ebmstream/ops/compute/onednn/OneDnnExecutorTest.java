package io.ebmstream.ops.compute.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.TestArrays;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Light32;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.sampler.LangevinConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What the shared contract does not cover: the instruction set, the layout, native memory. */
class OneDnnExecutorTest {
    private static final Network LIGHT = Light32.of(new ImageShape(3, 32, 32), 32);

    @Test
    void closingFreesNativeMemory() throws IOException {
        Path statm = Path.of("/proc/self/statm");
        Assumptions.assumeTrue(Files.isReadable(statm), "skipped: no /proc on this system");
        Network network = Light32.of(new ImageShape(3, 32, 32), 32);
        for (int i = 0; i < 8; i++) {
            buildRunAndClose(network);
        }
        long before = residentBytes(statm);
        for (int i = 0; i < 50; i++) {
            buildRunAndClose(network);
        }
        // One network with weight gradients holds about 40 MB.
        assertThat(residentBytes(statm) - before).isLessThan(100L << 20);
    }

    private static void buildRunAndClose(Network network) {
        try (CompiledNetwork compiled =
                        new OneDnnExecutor().compile(network, 4, Precision.FLOAT32);
                INDArray images = TestArrays.images(network, 4, 1);
                INDArray sum = TestArrays.vector(new float[network.parameterCount()])) {
            compiled.langevin(
                    images,
                    LangevinConfig.of(1e-2, 1e-3),
                    1,
                    new long[4],
                    new long[4],
                    1,
                    new float[4]);
            compiled.parameterGradient(images, 1, sum, new float[4]);
        }
    }

    private static long residentBytes(Path statm) throws IOException {
        return Long.parseLong(Files.readString(statm).split(" ")[1]) * 4096;
    }

    @Test
    void prefersOnlyWhatRuns() {
        OneDnnExecutor executor = new OneDnnExecutor();
        assertThat(executor.precisions()).contains(executor.preferredPrecision());
        if (OneDnn.hasAmx()) {
            assertThat(executor.preferredPrecision()).isEqualTo(Precision.BFLOAT16);
        }
    }

    /** An older processor, as oneDNN lets one pretend: its own path, and no bf16. */
    @Test
    void withoutAvx512RunsFloat32AndSaysWhyNotBfloat16() throws Exception {
        String report = runProbe("AVX2");
        assertThat(report)
                .contains("precisions [FLOAT32], preferred FLOAT32")
                .contains("expected a processor with AVX512_BF16 or AMX for precision bf16")
                .contains("ONEDNN_MAX_CPU_ISA=AVX2")
                .contains("same bits alone and in a batch: true")
                .contains("threads started by a run: 0");
        double error = Double.parseDouble(report.replaceAll("(?s).*gradient error (\\S+).*", "$1"));
        assertThat(error).isLessThan(1e-5);
    }

    private static String runProbe(String instructionSet) throws Exception {
        ProcessBuilder builder =
                new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        InstructionSetProbe.class.getName());
        builder.environment().remove("OMP_NUM_THREADS");
        builder.environment().put("ONEDNN_MAX_CPU_ISA", instructionSet);
        builder.redirectErrorStream(true);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    /** The full-size network: the contract's are narrow and quick. */
    @Test
    void chainsOfTheFullNetworkAreTheSameInEveryBatch() {
        for (Precision precision : new OneDnnExecutor().precisions()) {
            float[] whole = chains(precision, 11, 11);
            assertThat(chains(precision, 1, 11)).as("%s one by one", precision).isEqualTo(whole);
            assertThat(chains(precision, 64, 11)).as("%s of 64", precision).isEqualTo(whole);
        }
    }

    private static float[] chains(Precision precision, int batch, int count) {
        int size = LIGHT.input().size();
        float[] pixels = new float[count * size];
        try (CompiledNetwork compiled = new OneDnnExecutor().compile(LIGHT, batch, precision);
                INDArray weights = TestArrays.vector(TestArrays.weights(LIGHT, 1))) {
            compiled.setParameters(weights);
            try (INDArray all = TestArrays.images(LIGHT, count, 2)) {
                float[] start = TestArrays.values(all);
                for (int from = 0; from < count; from += batch) {
                    int n = Math.min(batch, count - from);
                    float[] some = Arrays.copyOfRange(start, from * size, (from + n) * size);
                    long[] ids = new long[n];
                    for (int i = 0; i < n; i++) {
                        ids[i] = from + i;
                    }
                    try (INDArray images = TestArrays.images(LIGHT, some)) {
                        compiled.langevin(
                                images,
                                LangevinConfig.of(1e-2, 1e-4),
                                3,
                                ids,
                                new long[n],
                                2,
                                new float[n]);
                        System.arraycopy(
                                TestArrays.values(images), 0, pixels, from * size, n * size);
                    }
                }
            }
        }
        return pixels;
    }
}
