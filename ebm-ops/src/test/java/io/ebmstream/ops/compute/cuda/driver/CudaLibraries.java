package io.ebmstream.ops.compute.cuda.driver;

import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The vendor's libraries for tests that need no device. They come from the linker's folders, or
 * from those that the system property {@value #FOLDERS} lists; in the latter case a stub stands in
 * for the driver's library, so that they load where there is none:
 *
 * <pre>
 * pip download nvidia-cudnn-cu13 nvidia-cuda-nvrtc nvidia-cuda-runtime nvidia-cublas; unzip '*.whl'
 * mvn -pl ebm-ops test -Dtest='ConvolutionPlanTest' \
 *     -Debm.cuda.libraries=$PWD/nvidia/cu13/lib:$PWD/nvidia/cudnn/lib
 * </pre>
 */
final class CudaLibraries {
    static final String FOLDERS = "ebm.cuda.libraries";

    /** In the order in which they need each other. */
    private static final List<String> LIBRARIES =
            List.of(
                    "libcudart.so.13",
                    "libnvrtc-builtins.so.13.0",
                    "libnvrtc.so.13",
                    "libcublasLt.so.13",
                    "libcublas.so.13",
                    "libcudnn_graph.so.9",
                    "libcudnn_ops.so.9",
                    "libcudnn_cnn.so.9",
                    "libcudnn_adv.so.9",
                    "libcudnn.so.9");

    /** What the stub says yes to: code that was compiled is loaded, though onto no device. */
    private static final Set<String> LOADING =
            Set.of(
                    "cuLibraryLoadData",
                    "cuLibraryGetKernel",
                    "cuLibraryGetModule",
                    "cuKernelGetFunction",
                    "cuModuleLoadData",
                    "cuModuleLoadDataEx",
                    "cuModuleGetFunction");

    private static final Set<String> SETTING =
            Set.of(
                    "cuLibraryUnload",
                    "cuModuleUnload",
                    "cuKernelSetAttribute",
                    "cuFuncSetAttribute",
                    "cuFuncSetCacheConfig");

    private static final Set<String> ASKING = Set.of("cuKernelGetAttribute", "cuFuncGetAttribute");

    private static Optional<String> answer;

    private CudaLibraries() {}

    /** Why they cannot be had; empty if they are loaded. */
    static synchronized Optional<String> missing() {
        if (answer == null) {
            answer = load();
        }
        return answer;
    }

    private static Optional<String> load() {
        try {
            String folders = System.getProperty(FOLDERS, "");
            if (!folders.isBlank()) {
                System.load("" + stub());
                for (String library : LIBRARIES) {
                    for (String folder : folders.split(":")) {
                        Path file = Path.of(folder, library);
                        if (Files.exists(file)) {
                            System.load("" + file);
                        }
                    }
                }
            }
            NativeLibraries.load();
            return Optional.empty();
        } catch (IOException | IllegalStateException | UnsatisfiedLinkError e) {
            return Optional.of(e.getMessage() + "; or set " + FOLDERS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of("interrupted");
        }
    }

    private static Path stub() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("stub");
        folder.toFile().deleteOnExit();
        Path source = Files.writeString(folder.resolve("stub.c"), text());
        Path library = folder.resolve("libcuda.so.1");
        source.toFile().deleteOnExit();
        library.toFile().deleteOnExit();
        int code =
                new ProcessBuilder(
                                "gcc",
                                "-shared",
                                "-fPIC",
                                "-Wl,-soname,libcuda.so.1",
                                "-o",
                                "" + library,
                                "" + source)
                        .inheritIO()
                        .start()
                        .waitFor();
        if (code != 0) {
            throw new IllegalStateException("expected gcc to compile the stub, found " + code);
        }
        return library;
    }

    /** Functions of the driver that answer "no device", except for those that load code. */
    private static String text() {
        Set<String> names = new TreeSet<>();
        try {
            Class<?> driver =
                    Class.forName(
                            "org.bytedeco.cuda.global.cudart",
                            false,
                            CudaLibraries.class.getClassLoader());
            Arrays.stream(driver.getMethods())
                    .filter(method -> Modifier.isNative(method.getModifiers()))
                    .map(Method::getName)
                    .filter(name -> name.matches("cu[A-Z]\\w+"))
                    .map(name -> name.replaceFirst("_v\\d$", ""))
                    .forEach(names::add);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
        names.addAll(List.of("cuLinkCreate", "cuLinkAddData", "cuLinkComplete", "cuLinkDestroy"));
        StringBuilder text = new StringBuilder("static int thing;\n");
        for (String name : names) {
            if (LOADING.contains(name)) {
                text.append("int ").append(name).append("(void **p) { *p = &thing; return 0; }\n");
            } else if (ASKING.contains(name)) {
                text.append("int ").append(name).append("(int *p) { *p = 0; return 0; }\n");
            } else {
                int code = SETTING.contains(name) ? 0 : 100;
                for (String version : List.of("", "_v2", "_v3", "_v4")) {
                    text.append("int ").append(name).append(version);
                    text.append("(void) { return ").append(code).append("; }\n");
                }
            }
        }
        return text.toString();
    }
}
