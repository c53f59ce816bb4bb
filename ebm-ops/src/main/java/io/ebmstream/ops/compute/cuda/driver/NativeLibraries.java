package io.ebmstream.ops.compute.cuda.driver;

import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.Loader;

/**
 * Loads the vendor's libraries and says in words which one is missing and where it comes from. None
 * of them comes with this program; the linker looks in LD_LIBRARY_PATH and in the system's folders.
 */
final class NativeLibraries {
    /** Major version of CUDA that the binding is for. */
    static final int CUDA = 13;

    private static final String VERSION = "META-INF/maven/org.bytedeco/cuda/pom.properties";
    private static final Pattern MISSING =
            Pattern.compile("(lib[\\w.+-]+\\.so[\\w.]*): cannot open shared object file");
    private static final Pattern UNDEFINED = Pattern.compile("undefined symbol: (\\w+)");
    private static final String TOOLKIT = "CUDA 13 toolkit or an image nvidia/cuda:13.*-cudnn";

    /** Where a library comes from, by the beginning of its name; the longest one counts. */
    private static final Map<String, String> SOURCES = new LinkedHashMap<>();

    static {
        SOURCES.put(
                "libcuda.so",
                "the NVIDIA driver, branch 580 or newer (a container gets it from NVIDIA's"
                        + " container runtime)");
        SOURCES.put("libcudart", "the " + TOOLKIT + ", or pip's nvidia-cuda-runtime");
        SOURCES.put("libnvrtc", "the " + TOOLKIT + ", or pip's nvidia-cuda-nvrtc");
        SOURCES.put("libcublas", "the " + TOOLKIT + ", or pip's nvidia-cublas");
        SOURCES.put(
                "libcudnn", "cuDNN 9 for CUDA 13: the " + TOOLKIT + ", or pip's nvidia-cudnn-cu13");
    }

    private static IllegalStateException failure;
    private static boolean loaded;

    private NativeLibraries() {}

    /**
     * Loads everything, once in this process.
     *
     * @throws IllegalStateException if the binding is of another CUDA, or a library is missing; the
     *     same one again in later calls, for a class whose library failed cannot be tried again
     */
    static synchronized void load() {
        if (failure != null) {
            throw new IllegalStateException(failure.getMessage(), failure);
        }
        if (!loaded) {
            try {
                checkBinding(bindingVersion());
                load("org.bytedeco.cuda.global.cudart");
                load("org.bytedeco.cuda.global.nvrtc");
                load("org.bytedeco.cuda.global.cudnn");
                loaded = true;
            } catch (IllegalStateException e) {
                failure = e;
                throw e;
            }
        }
    }

    private static void load(String binding) {
        try {
            Loader.load(Class.forName(binding));
        } catch (ClassNotFoundException | LinkageError e) {
            throw new IllegalStateException(explain(e), e);
        }
    }

    /** Version of the binding on the class path, empty if there is none. */
    private static String bindingVersion() {
        try (InputStream in = NativeLibraries.class.getClassLoader().getResourceAsStream(VERSION)) {
            Properties properties = new Properties();
            if (in != null) {
                properties.load(in);
            }
            return properties.getProperty("version", "");
        } catch (IOException e) {
            throw new IllegalStateException("expected to read " + VERSION + ", found " + e, e);
        }
    }

    /**
     * @throws IllegalStateException if the binding is none or of another CUDA
     */
    static void checkBinding(String version) {
        if (!version.startsWith(CUDA + ".")) {
            throw new IllegalStateException(
                    "expected the binding org.bytedeco:cuda of CUDA "
                            + CUDA
                            + " on the class path, found "
                            + (version.isEmpty() ? "none" : "version " + version)
                            + "; build with the Maven profile cuda13 (EBM_PROFILES=cuda13 ./ebm ..)");
        }
    }

    /** What a failed load means, for people. */
    static String explain(Throwable e) {
        for (Throwable told = e; told != null; told = told.getCause()) {
            String message = "" + told.getMessage();
            Matcher missing = MISSING.matcher(message);
            if (missing.find()) {
                return "expected the library "
                        + missing.group(1)
                        + " for executor cuda, found none in LD_LIBRARY_PATH ("
                        + searched(System.getenv("LD_LIBRARY_PATH"))
                        + ") and the system's folders; it comes with "
                        + source(missing.group(1));
            }
            Matcher undefined = UNDEFINED.matcher(message);
            if (undefined.find()) {
                return "expected libraries of CUDA "
                        + CUDA
                        + " and cuDNN 9 for executor cuda, found one without "
                        + undefined.group(1)
                        + "; update "
                        + (undefined.group(1).matches("cu[A-Z]\\w*")
                                ? "the NVIDIA driver to branch 580 or newer"
                                : "it: " + message);
            }
        }
        return "expected the libraries of CUDA "
                + CUDA
                + " and cuDNN 9 for executor cuda to load, found "
                + e
                + "; Linux on x86_64 or arm64 with the Maven profile cuda13 has what is needed";
    }

    private static String searched(String path) {
        return path == null || path.isBlank() ? "not set" : path;
    }

    private static String source(String library) {
        return SOURCES.entrySet().stream()
                .filter(known -> library.startsWith(known.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse("the " + TOOLKIT);
    }
}
