package io.ebmstream.job.doctor;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Java, memory, disk, files, ports and environment of this process. Stateless, thread-safe. */
final class MachineChecks {
    /** Natives, arrays off the heap, RocksDB and the broker of a demo beside the heap. */
    static final long NATIVE_BYTES = 1L << 30;

    static final long LEAST_DISK = 512L << 20;
    static final long GOOD_DISK = 4L << 30;
    static final long LEAST_FILES = 512;
    static final long GOOD_FILES = 4096;

    private static final int OLDEST_JAVA = 17;
    private static final int PORTS = 4;
    private static final Path MEMORY_INFO = Path.of("/proc/meminfo");
    private static final Pattern AVAILABLE = Pattern.compile("(?m)^MemAvailable:\\s+(\\d+) kB");
    private static final String GIB = "%.1f GiB";

    private MachineChecks() {}

    static List<Finding> all() {
        OperatingSystemMXBean system =
                (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        List<Finding> findings = new ArrayList<>();
        findings.add(java(Runtime.version().feature(), System.getProperty("os.arch")));
        findings.add(
                memory(
                        system.getTotalMemorySize(),
                        // in a container the machine has more to spare than may be used
                        Math.min(
                                system.getTotalMemorySize(),
                                available(memoryInfo(), system.getFreeMemorySize())),
                        Runtime.getRuntime().maxMemory()));
        Stream.of(Path.of("").toAbsolutePath(), temporary())
                .distinct()
                .forEach(folder -> findings.add(disk(folder)));
        findings.add(cache());
        if (system instanceof UnixOperatingSystemMXBean unix) {
            findings.add(files(unix.getMaxFileDescriptorCount()));
        }
        findings.add(ports());
        findings.add(environment(System.getenv()));
        return findings;
    }

    static Finding java(int version, String arch) {
        String found =
                "Java "
                        + System.getProperty("java.version")
                        + " ("
                        + System.getProperty("java.vendor")
                        + ") on "
                        + System.getProperty("os.name")
                        + " "
                        + arch;
        if (version < OLDEST_JAVA) {
            return Finding.fail("java", found, "install a JDK 17 and set JAVA_HOME to it");
        }
        return Set.of("amd64", "x86_64", "aarch64").contains(arch)
                ? Finding.ok("java", found)
                : Finding.fail(
                        "java",
                        found,
                        "use a 64-bit Java on x86-64 or arm64: there are no natives for others");
    }

    private static String memoryInfo() {
        try {
            return Files.isReadable(MEMORY_INFO) ? Files.readString(MEMORY_INFO) : "";
        } catch (IOException e) {
            return "";
        }
    }

    /** Linux counts caches as used memory but says apart what programs could have. */
    static long available(String info, long free) {
        Matcher line = AVAILABLE.matcher(info);
        return line.find() ? Long.parseLong(line.group(1)) << 10 : free;
    }

    static Finding memory(long total, long free, long heap) {
        String found =
                gib(total) + " in all, " + gib(free) + " free, heap of this JVM up to " + gib(heap);
        if (total < heap + NATIVE_BYTES) {
            return Finding.fail(
                    "memory",
                    found,
                    "give it at least "
                            + gib(heap + NATIVE_BYTES)
                            + ", or a smaller heap: EBM_HEAP=512m ./ebm ..");
        }
        return free < NATIVE_BYTES
                ? Finding.warn(
                        "memory",
                        found,
                        "end other programs: natives and arrays need about "
                                + gib(NATIVE_BYTES)
                                + " beside the heap")
                : Finding.ok("memory", found);
    }

    private static Finding disk(Path folder) {
        try {
            return disk(folder, Files.getFileStore(folder).getUsableSpace());
        } catch (IOException e) {
            return Finding.fail("disk", folder + ": " + e, "make the folder, or mount its disk");
        }
    }

    static Finding disk(Path folder, long free) {
        String found = gib(free) + " free at " + folder;
        if (free < LEAST_DISK) {
            return Finding.fail(
                    "disk",
                    found,
                    "free at least " + gib(LEAST_DISK) + ", better " + gib(GOOD_DISK));
        }
        return free < GOOD_DISK
                ? Finding.warn(
                        "disk",
                        found,
                        "free "
                                + gib(GOOD_DISK)
                                + ": checkpoints, RocksDB and a demo's topics lie there")
                : Finding.ok("disk", found);
    }

    /** Where JavaCPP unpacks natives: without a writable folder nothing can compute. */
    private static Finding cache() {
        String set = System.getProperty("org.bytedeco.javacpp.cachedir", "");
        Path folder =
                set.isEmpty()
                        ? Path.of(System.getProperty("user.home"), ".javacpp", "cache")
                        : Path.of(set);
        try {
            Files.createDirectories(folder);
            Files.delete(Files.createTempFile(folder, "ebm-doctor", ".tmp"));
            return Finding.ok("natives cache", folder + " can be written");
        } catch (IOException e) {
            return Finding.fail(
                    "natives cache",
                    folder + " cannot be written: " + e,
                    "name another folder: EBM_JAVA_OPTS=-Dorg.bytedeco.javacpp.cachedir=DIR");
        }
    }

    static Finding files(long most) {
        String found = most + " open files allowed";
        if (most < LEAST_FILES) {
            return Finding.fail("files", found, "raise the limit: ulimit -n 65536");
        }
        return most < GOOD_FILES
                ? Finding.warn(
                        "files",
                        found,
                        "raise the limit for long runs with RocksDB: ulimit -n 65536")
                : Finding.ok("files", found);
    }

    /** What the demo's broker and the mini cluster do. */
    private static Finding ports() {
        List<ServerSocket> open = new ArrayList<>();
        try {
            for (int i = 0; i < PORTS; i++) {
                open.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return Finding.ok("ports", PORTS + " free ports on loopback");
        } catch (IOException e) {
            return Finding.fail(
                    "ports",
                    open.size() + " free ports on loopback: " + e.getMessage(),
                    "allow programs to listen on loopback, and end those that hold its ports");
        } finally {
            for (ServerSocket socket : open) {
                try {
                    socket.close();
                } catch (IOException e) {
                    // nothing was sent or received: there is nothing to lose
                }
            }
        }
    }

    static Finding environment(Map<String, String> environment) {
        List<String> wrong = new ArrayList<>();
        if (!"1".equals(environment.get("OMP_NUM_THREADS"))) {
            wrong.add("OMP_NUM_THREADS=1");
        }
        if (System.getProperty("os.name").startsWith("Linux")
                && !environment.containsKey("MALLOC_ARENA_MAX")) {
            wrong.add("MALLOC_ARENA_MAX=2");
        }
        return wrong.isEmpty()
                ? Finding.ok("environment", "one OpenMP thread for each worker, few malloc arenas")
                : Finding.warn(
                        "environment",
                        "not set as the launcher sets it: " + String.join(", ", wrong),
                        "start with ./ebm, or export "
                                + String.join(" ", wrong)
                                + ": steps are slower, or memory grows, without");
    }

    private static Path temporary() {
        return Path.of(System.getProperty("java.io.tmpdir")).toAbsolutePath();
    }

    static String gib(long bytes) {
        return String.format(Locale.ROOT, GIB, bytes / (double) (1L << 30));
    }
}
