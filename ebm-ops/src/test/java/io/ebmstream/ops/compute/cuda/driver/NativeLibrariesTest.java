package io.ebmstream.ops.compute.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NativeLibrariesTest {
    @TempDir Path folder;

    /**
     * The linker itself finds one library after the other missing: those before it are there,
     * empty, which the linker does not mind until a function is called.
     */
    @ParameterizedTest
    @CsvSource({
        "0,libcuda.so.1,branch 580 or newer",
        "1,libcudart.so.13,pip's nvidia-cuda-runtime",
        "2,libnvrtc.so.13,pip's nvidia-cuda-nvrtc",
        "3,libcublas.so.13,pip's nvidia-cublas",
        "5,libcudnn,pip's nvidia-cudnn-cu13"
    })
    @EnabledOnOs(OS.LINUX)
    void namesTheLibraryThatIsMissingAndWhereItComesFrom(int present, String missing, String from)
            throws Exception {
        assumeTrue(!installed().contains(missing), missing + " is installed here");
        List<String> libraries =
                List.of(
                        "libcuda.so.1",
                        "libcudart.so.13",
                        "libnvrtc.so.13",
                        "libcublas.so.13",
                        "libcublasLt.so.13");
        for (String library : libraries.subList(0, present)) {
            emptyLibrary(library);
        }
        assertThat(openIn(folder))
                .startsWith("IllegalStateException: expected the library " + missing)
                .contains("found none in LD_LIBRARY_PATH (" + folder + ")")
                .contains("it comes with")
                .contains(from);
    }

    @ParameterizedTest
    @ValueSource(strings = {"13.1-9.19-1.5.13", "13.3-9.25-1.5.14"})
    void takesBindingsOfCuda13(String version) {
        NativeLibraries.checkBinding(version);
    }

    @ParameterizedTest
    @CsvSource({"11.6-8.3-1.5.7,version 11.6-8.3-1.5.7", "'',none", "130.1,version 130.1"})
    void refusesOtherBindings(String version, String found) {
        assertThatThrownBy(() -> NativeLibraries.checkBinding(version))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("binding org.bytedeco:cuda of CUDA 13")
                .hasMessageContaining("found " + found)
                .hasMessageContaining("EBM_PROFILES=cuda13");
    }

    @Test
    void anOldDriverThatLacksAFunctionIsToBeUpdated() {
        assertThat(
                        NativeLibraries.explain(
                                new UnsatisfiedLinkError(
                                        "/x/libjnicudart.so: undefined symbol: cuGreenCtxCreate")))
                .contains("found one without cuGreenCtxCreate")
                .contains("update the NVIDIA driver to branch 580 or newer");
    }

    @Test
    void whatIsNotUnderstoodIsPassedOn() {
        assertThat(NativeLibraries.explain(new NoClassDefFoundError("of the moon")))
                .contains("found java.lang.NoClassDefFoundError: of the moon");
    }

    /** What the linker finds without being told where. */
    private static String installed() throws IOException {
        Process ldconfig = new ProcessBuilder("/sbin/ldconfig", "-p").start();
        return new String(ldconfig.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private void emptyLibrary(String name) throws IOException, InterruptedException {
        Path source = Files.writeString(folder.resolve("empty.c"), "");
        Process gcc;
        try {
            gcc =
                    new ProcessBuilder(
                                    "gcc",
                                    "-shared",
                                    "-Wl,-soname," + name,
                                    "-o",
                                    "" + folder.resolve(name),
                                    "" + source)
                            .inheritIO()
                            .start();
        } catch (IOException e) {
            assumeTrue(false, "no C compiler here: " + e.getMessage());
            return;
        }
        assertThat(gcc.waitFor()).isZero();
    }

    /** What a new process, which nothing was loaded into, says to opening a GPU. */
    private static String openIn(Path libraries) throws IOException, InterruptedException {
        ProcessBuilder java =
                new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty(
                                "surefire.test.class.path", System.getProperty("java.class.path")),
                        OpenGpu.class.getName());
        java.environment().put("LD_LIBRARY_PATH", "" + libraries);
        java.redirectErrorStream(true);
        Process process = java.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return said.lines().filter(l -> l.contains("Exception: ")).findFirst().orElse(said);
    }
}
