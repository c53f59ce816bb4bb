package io.ebmstream.ops.compute.cuda.driver;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.cuda.global.nvrtc;
import org.bytedeco.cuda.nvrtc._nvrtcProgram;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.javacpp.SizeTPointer;

/** The run-time compiler, from CUDA C++ to machine code. Needs no device. Thread-safe. */
final class Nvrtc {
    private Nvrtc() {}

    /** For example 13.0. */
    static String version() {
        int[] major = {0};
        int[] minor = {0};
        check(nvrtc.nvrtcVersion(major, minor), "to tell its version");
        return major[0] + "." + minor[0];
    }

    /**
     * Compiles a source.
     *
     * @param name for messages
     * @param architecture compute capability without its point, as 90
     * @throws IllegalStateException if it does not compile; the message holds the compiler's log
     */
    static byte[] compile(String name, String text, List<String> options, int architecture) {
        List<String> all = new ArrayList<>(options);
        all.add("--gpu-architecture=sm_" + architecture);
        _nvrtcProgram program = new _nvrtcProgram();
        // The scope frees every pointer that is made within it.
        PointerScope scope = new PointerScope();
        try {
            BytePointer source = new BytePointer(text);
            BytePointer file = new BytePointer(name + ".cu");
            PointerPointer<BytePointer> none = new PointerPointer<>();
            check(
                    nvrtc.nvrtcCreateProgram(program, source, file, 0, none, none),
                    "to take the source " + name);
            PointerPointer<BytePointer> arguments =
                    new PointerPointer<>(all.toArray(String[]::new));
            int result = nvrtc.nvrtcCompileProgram(program, all.size(), arguments);
            if (result != nvrtc.NVRTC_SUCCESS) {
                throw new IllegalStateException(
                        "expected "
                                + name
                                + ".cu to compile with "
                                + all
                                + ", found "
                                + nvrtc.nvrtcGetErrorString(result).getString()
                                + ": "
                                + log(program));
            }
            return cubin(program);
        } finally {
            if (!program.isNull()) {
                nvrtc.nvrtcDestroyProgram(program);
            }
            scope.close();
        }
    }

    private static byte[] cubin(_nvrtcProgram program) {
        try (SizeTPointer size = new SizeTPointer(1)) {
            check(nvrtc.nvrtcGetCUBINSize(program, size), "to tell the code's size");
            byte[] code = new byte[Math.toIntExact(size.get())];
            check(nvrtc.nvrtcGetCUBIN(program, code), "to give the code");
            return code;
        }
    }

    private static String log(_nvrtcProgram program) {
        try (SizeTPointer size = new SizeTPointer(1)) {
            check(nvrtc.nvrtcGetProgramLogSize(program, size), "to tell its log's size");
            try (BytePointer log = new BytePointer(size.get())) {
                check(nvrtc.nvrtcGetProgramLog(program, log), "to give its log");
                return log.getString();
            }
        }
    }

    private static void check(int result, String action) {
        if (result != nvrtc.NVRTC_SUCCESS) {
            throw new IllegalStateException(
                    "expected the run-time compiler NVRTC "
                            + action
                            + ", found "
                            + nvrtc.nvrtcGetErrorString(result).getString());
        }
    }
}
