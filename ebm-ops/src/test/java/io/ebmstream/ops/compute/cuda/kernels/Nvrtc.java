package io.ebmstream.ops.compute.cuda.kernels;

import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** NVIDIA's run-time compiler, which needs neither a GPU nor a driver. Thread-safe. */
final class Nvrtc {
    private final NativeLibrary library;

    /**
     * @param file libnvrtc.so.13; libnvrtc-builtins lies beside it
     */
    Nvrtc(Path file) {
        // NVRTC looks it up by name only, and finds it if it is loaded.
        try (Stream<Path> beside = Files.list(file.toAbsolutePath().getParent())) {
            beside.filter(path -> path.getFileName().toString().startsWith("libnvrtc-builtins.so"))
                    .forEach(path -> System.load(path.toString()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        library = NativeLibrary.getInstance(file.toAbsolutePath().toString());
    }

    /**
     * What became of a source.
     *
     * @param code of NVRTC, 0 if all went well
     * @param log of the compiler and the assembler
     * @param machineCode ELF file for the architecture; empty if there is an error
     * @param assembly what the assembler made it of, PTX; empty if there is an error
     */
    record Result(int code, String log, byte[] machineCode, String assembly) {}

    Result compile(String name, String text, List<String> options) {
        PointerByReference reference = new PointerByReference();
        check(call("nvrtcCreateProgram", reference, text, name, 0, Pointer.NULL, Pointer.NULL));
        Pointer program = reference.getValue();
        try {
            String[] array = options.toArray(String[]::new);
            int code = call("nvrtcCompileProgram", program, array.length, array);
            String log = text(program, "nvrtcGetProgramLog");
            return code == 0
                    ? new Result(
                            code, log, read(program, "nvrtcGetCUBIN"), text(program, "nvrtcGetPTX"))
                    : new Result(code, log, new byte[0], "");
        } finally {
            check(call("nvrtcDestroyProgram", reference));
        }
    }

    private String text(Pointer program, String function) {
        return new String(read(program, function), StandardCharsets.UTF_8).replace("\0", "");
    }

    private byte[] read(Pointer program, String function) {
        Memory size = new Memory(Long.BYTES);
        check(call(function + "Size", program, size));
        byte[] bytes = new byte[Math.toIntExact(size.getLong(0))];
        if (bytes.length > 0) {
            Memory memory = new Memory(bytes.length);
            check(call(function, program, memory));
            memory.read(0, bytes, 0, bytes.length);
        }
        return bytes;
    }

    private int call(String function, Object... arguments) {
        return (Integer) library.getFunction(function).invoke(Integer.class, arguments);
    }

    private static void check(int code) {
        if (code != 0) {
            throw new IllegalStateException("expected code 0 of NVRTC, found " + code);
        }
    }
}
