package io.ebmstream.ops.compute.cuda.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.ops.compute.Precision;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * All kernels become machine code for every generation of GPUs that the executor is for, and none
 * of them keeps values in memory for want of registers. Needs NVRTC, not a GPU: {@code
 * -Debm.nvrtc=FILE} says where libnvrtc.so.13 lies; without it the test is skipped.
 */
class KernelCompilationTest {
    private static final Pattern REGISTERS =
            Pattern.compile(
                    "Function properties for (\\w+)\\n"
                            + "\\D*0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads\\n"
                            + "[^\\n]*Used (\\d+) registers");

    /** Above it fewer than two blocks of 256 threads fit a multiprocessor's 65,536 registers. */
    private static final int MOST_REGISTERS = 128;

    private static Nvrtc nvrtc;

    @BeforeAll
    static void findCompiler() {
        String file = System.getProperty("ebm.nvrtc", "");
        Assumptions.assumeTrue(
                !file.isEmpty() && Files.exists(Path.of(file)),
                "skipped: no NVRTC; give -Debm.nvrtc=FILE, of pip's nvidia-cuda-nvrtc==13.0.88,"
                        + " found '"
                        + file
                        + "'");
        nvrtc = new Nvrtc(Path.of(file));
    }

    @ParameterizedTest
    @ValueSource(strings = {"75", "80", "86", "89", "90", "100"})
    void becomesMachineCodeWithoutSpills(String capability) {
        for (KernelModule module : KernelSources.modules()) {
            for (Precision precision : List.of(Precision.BFLOAT16, Precision.FLOAT32)) {
                Nvrtc.Result result = compile(module, precision, capability);
                String what = module.name() + ", " + precision + ", sm_" + capability;
                assertThat(result.code()).describedAs("%s: %s", what, result.log()).isZero();
                assertThat(result.machineCode()).startsWith(0x7F, 'E', 'L', 'F');
                assertThat(result.log())
                        .describedAs(what)
                        .doesNotContainIgnoringCase("warning")
                        .doesNotContain("lmem");
                List<String> found = new ArrayList<>();
                REGISTERS
                        .matcher(result.log())
                        .results()
                        .filter(match -> Integer.parseInt(match.group(2)) <= MOST_REGISTERS)
                        .forEach(match -> found.add(match.group(1)));
                assertThat(found)
                        .describedAs("%s: %s", what, result.log())
                        .containsExactlyInAnyOrderElementsOf(module.kernels());
            }
        }
    }

    /**
     * The noise's bits: each operation rounded by itself, which .rn says, and none that flushes the
     * smallest numbers to 0. Without .rn the assembler may fuse a product and a sum.
     */
    @Test
    void nothingOfTheNoiseIsFusedOrApproximated() {
        KernelModule module = KernelSources.moduleOf("langevin");
        String assembly = compile(module, Precision.BFLOAT16, "90").assembly();
        assertThat(assembly)
                .contains("mul.rn.f32", "add.rn.f32", "div.rn.f32", "sqrt.rn.f32")
                .doesNotContain("fma.", "mul.f32", "add.f32", "sub.f32", ".ftz", ".approx");
    }

    /** The test of spills sees an array that is indexed by a variable. */
    @Test
    void localMemoryIsSeen() {
        String text =
                "extern \"C\" __global__ void wasteful(float* x, int n) {\n"
                        + "float y[64]; for (int i = 0; i < n; i++) { y[i] = x[i]; }\n"
                        + "for (int i = 0; i < n; i++) { x[i] = y[n - i] * y[i]; } }\n";
        Nvrtc.Result result =
                nvrtc.compile(
                        "wasteful.cu",
                        text,
                        List.of("--gpu-architecture=sm_90", "--ptxas-options=-v"));
        assertThat(result.code()).describedAs(result.log()).isZero();
        assertThat(result.log()).contains("Function properties for wasteful");
        assertThat(REGISTERS.matcher(result.log()).find()).describedAs(result.log()).isFalse();
    }

    private static Nvrtc.Result compile(
            KernelModule module, Precision precision, String capability) {
        List<String> options = new ArrayList<>(module.options(precision));
        options.add("--gpu-architecture=sm_" + capability);
        options.add("--ptxas-options=-v");
        return nvrtc.compile(module.name() + ".cu", module.text(), options);
    }
}
