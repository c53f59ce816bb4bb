package io.ebmstream.ops.compute.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_get_effective_cpu_isa;
import static org.bytedeco.dnnl.global.dnnl.dnnl_success;

import io.ebmstream.ops.energy.ImageShape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive_desc_base;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;

/** What the plan's classes share: the engine, descriptors, memory, and facts about the machine. */
final class OneDnn {
    // Bits of dnnl_cpu_isa_t: every instruction set has the bits of those it contains.
    private static final int ISA_AVX2 = 0x7;
    private static final int ISA_AVX512 = 0x27;
    private static final int ISA_AVX512_BF16 = 0xe7;
    private static final int ISA_AMX = 0xfef;

    private static engine cpu;

    private OneDnn() {}

    /** The CPU engine, shared by all plans; it lives as long as the process. */
    static synchronized engine engine() {
        if (cpu == null) {
            // Not registered with the garbage collector or any scope: never freed.
            cpu = new engine(engine.kind.cpu, 0).retainReference();
        }
        return cpu;
    }

    /**
     * Gives oneDNN one thread for what the calling thread executes. The setting belongs to the
     * thread, so every entry from outside must make it; ND4J and oneDNN share one OpenMP runtime.
     */
    static void useOneThread() {
        Nd4j.factory(); // loads ND4J's backend, which the next line takes for granted
        NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(1);
    }

    static boolean hasBfloat16() {
        return has(ISA_AVX512_BF16);
    }

    static boolean hasAmx() {
        return has(ISA_AMX);
    }

    /** Whether the processor is AMD's, as far as the operating system says. */
    static boolean isAmd() {
        Path info = Path.of("/proc/cpuinfo");
        if (!Files.isReadable(info)) {
            return false;
        }
        try (Stream<String> lines = Files.lines(info)) {
            return lines.anyMatch(l -> l.startsWith("vendor_id") && l.endsWith("AuthenticAMD"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The instruction set that oneDNN uses, for messages. */
    static String instructionSet() {
        if (has(ISA_AMX)) {
            return "avx512_core_amx";
        }
        if (has(ISA_AVX512_BF16)) {
            return "avx512_core_bf16";
        }
        if (has(ISA_AVX512)) {
            return "avx512_core";
        }
        return has(ISA_AVX2) ? "avx2" : "below avx2";
    }

    private static boolean has(int isa) {
        return (dnnl_get_effective_cpu_isa() & isa) == isa;
    }

    static memory.desc desc(int n, ImageShape shape, memory.data_type type, Layout layout) {
        return new memory.desc(
                new long[] {n, shape.channels(), shape.height(), shape.width()}, type, layout.tag);
    }

    static memory.desc weightsDesc(Kernel kernel, memory.data_type type, memory.format_tag tag) {
        return new memory.desc(
                new long[] {kernel.out(), kernel.in(), kernel.rows(), kernel.columns()}, type, tag);
    }

    static memory.desc vectorDesc(int length) {
        return new memory.desc(new long[] {length}, memory.data_type.f32, memory.format_tag.a);
    }

    /** Zeroed memory that oneDNN allocates, aligned as it likes it. */
    static memory allocate(memory.desc desc) {
        memory allocated = new memory(desc, engine());
        Pointer.memset(allocated.get_data_handle(), 0, desc.get_size());
        return allocated;
    }

    /** A view of float32 memory, padding included; valid as long as the memory. */
    static FloatBuffer floats(memory memory) {
        return new BytePointer(memory.get_data_handle())
                .capacity(memory.get_desc().get_size())
                .asByteBuffer()
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
    }

    /** Whether oneDNN found nothing better than its plain reference loops. */
    static boolean isSlow(primitive_desc_base desc) {
        return desc.impl_info_str().getString().startsWith("ref");
    }

    static void check(int status, String what) {
        if (status != dnnl_success) {
            throw new IllegalStateException(
                    "expected oneDNN to run " + what + ", found status " + status);
        }
    }
}
