package io.ebmstream.ops.compute.cuda.emulator;

import io.ebmstream.ops.compute.cuda.kernels.KernelModule;
import io.ebmstream.ops.compute.cuda.kernels.KernelSources;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.commons.io.FileUtils;

/** Makes a library of all kernels with g++; what was made before, of the same text, is kept. */
final class EmulatorCompiler {
    private static final Path FOLDER = Path.of("target", "cuda-emulator");

    /**
     * Whether the kernels shall be watched for accesses beyond memory and undefined behaviour. The
     * JVM must have been started with {@code LD_PRELOAD=$(g++ -print-file-name=libasan.so)} and
     * {@code ASAN_OPTIONS=detect_leaks=0:handle_segv=0:use_sigaltstack=0}.
     */
    static final boolean SANITIZED = Boolean.getBoolean("ebm.emulator.sanitized");

    private static final List<String> SANITIZER =
            List.of(
                    "-g",
                    "-fsanitize=address,undefined",
                    "-fno-sanitize-recover=undefined",
                    "-fno-omit-frame-pointer",
                    "-DEBM_SWAPCONTEXT=1");

    private static final List<String> COMMAND =
            List.of(
                    "g++",
                    "-std=c++17",
                    "-O2",
                    "-ftree-vectorize",
                    "-fvect-cost-model=dynamic",
                    "-ffp-contract=off",
                    "-fno-fast-math",
                    "-fno-math-errno",
                    // kernels read values as vectors
                    "-fno-strict-aliasing",
                    // it forbids jumps between stacks
                    "-U_FORTIFY_SOURCE",
                    "-Wall",
                    "-Wno-unknown-pragmas",
                    "-Wno-unused-function",
                    "-Werror",
                    "-shared",
                    "-fPIC");

    private EmulatorCompiler() {}

    /** Whether there is a g++. */
    static boolean available() {
        try {
            return run(List.of("g++", "--version"), null).isEmpty();
        } catch (IOException e) {
            return false;
        }
    }

    /** The library for a format. */
    static Path library(boolean bfloat16) {
        try {
            String source = source();
            List<String> command = new ArrayList<>(COMMAND);
            if (SANITIZED) {
                command.addAll(SANITIZER);
            }
            command.add("-DEBM_BF16=" + (bfloat16 ? 1 : 0));
            Path library = FOLDER.toAbsolutePath().resolve(hash(command + source) + ".so");
            if (!Files.exists(library)) {
                compile(source, command, library);
            }
            return library;
        } catch (IOException e) {
            throw new IllegalStateException("the emulator could not be compiled: " + e, e);
        }
    }

    private static void compile(String source, List<String> command, Path library)
            throws IOException {
        Files.createDirectories(library.getParent());
        Path folder = Files.createTempDirectory(library.getParent(), "compile");
        Path text = Files.writeString(folder.resolve("kernels.cpp"), source);
        Path made = folder.resolve("kernels.so");
        List<String> all = new ArrayList<>(command);
        all.addAll(List.of(text.toString(), "-o", made.toString()));
        String errors = run(all, folder.resolve("errors.txt"));
        if (!errors.isEmpty()) {
            throw new IOException(String.join(" ", all) + " failed:\n" + errors);
        }
        // Another process may have made the same meanwhile.
        Files.move(made, library, StandardCopyOption.ATOMIC_MOVE);
        FileUtils.deleteDirectory(folder.toFile());
    }

    /** Runs a command; returns what it wrote if it failed, nothing otherwise. */
    private static String run(List<String> command, Path output) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.redirectOutput(
                output == null
                        ? ProcessBuilder.Redirect.DISCARD
                        : ProcessBuilder.Redirect.to(output.toFile()));
        // Whoever preloads a sanitiser into the JVM does not mean the compiler.
        builder.environment().remove("LD_PRELOAD");
        Process process = builder.start();
        try {
            if (!process.waitFor(10, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                return "no end after 10 minutes";
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        if (process.exitValue() == 0) {
            return "";
        }
        return "exit "
                + process.exitValue()
                + (output == null ? "" : "\n" + Files.readString(output));
    }

    /** All modules, each in a namespace, for they share their helpers' names. */
    private static String source() throws IOException {
        StringBuilder source = new StringBuilder(resource("cuda.h"));
        StringBuilder entries = new StringBuilder();
        for (KernelModule module : KernelSources.modules()) {
            source.append("namespace ").append(module.name()).append(" {\n");
            source.append(module.text()).append("}\n");
            for (String kernel : module.kernels()) {
                entries.append("EMULATE(" + module.name() + ", " + kernel + ")\n");
            }
        }
        // Any module has the values' format.
        source.append("namespace values = " + KernelSources.modules().get(1).name() + ";\n");
        source.append("#line 1 \"launch.h\"\n").append(resource("launch.h"));
        source.append("#line 1 \"convolution.h\"\n").append(resource("convolution.h"));
        return source.append(entries).toString();
    }

    private static String resource(String file) throws IOException {
        try (InputStream in = EmulatorCompiler.class.getResourceAsStream(file)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String hash(String text) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 12);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
