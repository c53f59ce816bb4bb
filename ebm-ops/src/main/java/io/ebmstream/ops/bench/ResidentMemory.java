package io.ebmstream.ops.bench;

import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * Resident memory of this process as Linux tells it: whatever allocated it, oneDNN, ND4J, libtorch
 * or the JVM. Stateless; figures are of the whole process.
 */
public final class ResidentMemory {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path CLEAR = Path.of("/proc/self/clear_refs");

    private ResidentMemory() {}

    /** Bytes that are resident now (VmRSS); empty where the system does not tell. */
    public static OptionalLong now() {
        return read("VmRSS:");
    }

    /**
     * Most bytes that were resident since {@link #resetPeak} (VmHWM); empty where the system does
     * not tell.
     */
    public static OptionalLong peak() {
        return read("VmHWM:");
    }

    /**
     * Begins a new peak at what is resident now.
     *
     * @return whether the system lets it
     */
    public static boolean resetPeak() {
        if (!Files.isWritable(CLEAR)) {
            return false;
        }
        try {
            Files.write(CLEAR, "5".getBytes(StandardCharsets.US_ASCII));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Gives memory that was freed back to the system: without it, what is built next would seem to
     * need nothing.
     *
     * @return whether the C library can; glibc does
     */
    public static boolean trim() {
        try {
            NativeLibrary.getProcess().getFunction("malloc_trim").invokeInt(new Object[] {0L});
            return true;
        } catch (UnsatisfiedLinkError e) {
            return false;
        }
    }

    private static OptionalLong read(String name) {
        if (!Files.isReadable(STATUS)) {
            return OptionalLong.empty();
        }
        try (Stream<String> lines = Files.lines(STATUS)) {
            return lines.filter(line -> line.startsWith(name))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                    .findFirst();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
