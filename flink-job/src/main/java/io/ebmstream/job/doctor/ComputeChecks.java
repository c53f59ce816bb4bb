package io.ebmstream.job.doctor;

import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.compute.cuda.CudaGpus;
import io.ebmstream.ops.compute.nd4j.CudaBackend;
import io.ebmstream.ops.compute.reference.ReferenceExecutor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Processor, GPU and what computes on them. Stateless, thread-safe. */
final class ComputeChecks {
    /** Names in Linux' cpuinfo of what the executors make use of, oldest first. */
    private static final List<String> FEATURES =
            List.of("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_tile", "amx_bf16");

    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

    private ComputeChecks() {}

    static List<Finding> all() {
        List<Finding> findings = new ArrayList<>();
        int cores = Runtime.getRuntime().availableProcessors();
        findings.add(cpu(cores, cpuInfo(), System.getProperty("os.arch")));
        findings.add(gpu(CudaBackend.gpus(), CudaBackend.driverSays(), GpuBuild.ofThis()));
        findings.add(executor());
        return findings;
    }

    private static String cpuInfo() {
        try {
            return Files.isReadable(CPU_INFO) ? Files.readString(CPU_INFO) : "";
        } catch (IOException e) {
            return "";
        }
    }

    static Finding cpu(int cores, String info, String arch) {
        String model = value(info, "model name");
        Set<String> flags = Set.copyOf(Arrays.asList((value(info, "flags") + " ").split("\\s+")));
        List<String> found = FEATURES.stream().filter(flags::contains).toList();
        String text =
                cores
                        + (cores == 1 ? " core" : " cores")
                        + (model.isEmpty() ? "" : " of " + model)
                        + (info.isEmpty() || flags.size() < 2
                                ? ", features unknown here"
                                : ", " + (found.isEmpty() ? "no AVX2" : String.join(" ", found)));
        boolean slow = flags.size() > 1 && !flags.contains("avx2") && !arch.equals("aarch64");
        return slow
                ? Finding.warn(
                        "cpu",
                        text,
                        "use a processor with AVX2 or AVX-512: this one is many times" + " slower")
                : Finding.ok("cpu", text);
    }

    private static String value(String info, String key) {
        return info.lines()
                .filter(line -> line.startsWith(key))
                .findFirst()
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .orElse("");
    }

    /** Which GPUs the program is built for, by Maven profile. */
    enum GpuBuild {
        NONE,
        /** ND4J's arrays live on it: nothing runs without one. */
        CUDA,
        /** Executor cuda; the others run without. */
        CUDA13;

        static GpuBuild ofThis() {
            if (CudaBackend.isOnClassPath()) {
                return CUDA;
            }
            return CudaGpus.isOnClassPath() ? CUDA13 : NONE;
        }
    }

    static Finding gpu(List<String> gpus, String silence, GpuBuild build) {
        if (!gpus.isEmpty()) {
            return Finding.ok(
                    "gpu",
                    gpus
                            + (build == GpuBuild.NONE
                                    ? "; not used: built for the CPU (EBM_PROFILES=cuda13 ./ebm ..)"
                                    : ""));
        }
        String found = "none: " + (silence.isEmpty() ? "no GPU" : silence);
        return switch (build) {
            case NONE -> Finding.ok("gpu", found);
            case CUDA ->
                    Finding.fail(
                            "gpu",
                            found,
                            "install NVIDIA's driver 450 or newer, or build for the CPU:"
                                    + " EBM_PROFILES= ./ebm ..");
            case CUDA13 ->
                    Finding.warn(
                            "gpu",
                            found,
                            "install NVIDIA's driver 580 or newer for executor cuda, or build for"
                                    + " the CPU: EBM_PROFILES= ./ebm ..");
        };
    }

    /** Loads the natives and runs a small network, as a job would. */
    private static Finding executor() {
        try {
            Executors.Choice choice = Executors.resolve(Executors.AUTO, Executors.AUTO);
            return executor(choice);
        } catch (IllegalStateException e) {
            return Finding.fail(
                    "executor",
                    e.getMessage(),
                    "see --verbose; natives need a writable cache and a platform they are built"
                            + " for");
        }
    }

    static Finding executor(Executors.Choice choice) {
        String found = choice + " on " + choice.executor().machine();
        if (choice.executor().name().equals(ReferenceExecutor.NAME)) {
            return Finding.warn(
                    "executor",
                    found,
                    "only the slow reference works here; the reasons are before this");
        }
        return choice.passedOver().isEmpty()
                ? Finding.ok("executor", found)
                : Finding.warn(
                        "executor", found, "a faster one does not work, see why beside its name");
    }
}
