package io.ebmstream.ops.compute.cuda.emulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.cuda.gpu.GpuGraph;
import io.ebmstream.ops.compute.cuda.gpu.GpuKernel;
import io.ebmstream.ops.compute.cuda.gpu.GpuLostError;
import io.ebmstream.ops.compute.cuda.gpu.GpuMemory;
import io.ebmstream.ops.compute.cuda.gpu.GpuOutOfMemoryException;
import io.ebmstream.ops.compute.cuda.gpu.GpuStream;
import io.ebmstream.ops.compute.cuda.gpu.HostMemory;
import org.bytedeco.javacpp.FloatPointer;
import org.junit.jupiter.api.Test;

class EmulatedGpuTest {

    @Test
    void aGraphIsRecordedAndDoneAgainAndAgain() {
        try (EmulatedGpu gpu = EmulatedGpu.open();
                GpuStream stream = gpu.newStream();
                GpuMemory x = gpu.allocate(32);
                HostMemory host = gpu.allocateHost(32)) {
            assertThat(x.address() % 256).isZero();
            FloatPointer floats = new FloatPointer(host.pointer());
            floats.put(0, 1f).put(7, 3f);
            stream.upload(host, x.address(), 32);
            GpuKernel add = gpu.kernel(Precision.FLOAT32, "add");
            try (GpuGraph graph =
                    stream.capture(
                            () ->
                                    stream.launch(
                                            add,
                                            1,
                                            32,
                                            x.address(),
                                            x.address(),
                                            x.address(),
                                            1L))) {
                stream.launch(graph);
                stream.launch(graph);
                stream.download(x.address(), host, 32);
                stream.synchronize();
            }
            assertThat(floats.get(0)).isEqualTo(4f);
            assertThat(floats.get(7)).isEqualTo(12f);
            assertThat(gpu.launches()).isEqualTo(2);
        }
    }

    @Test
    void writingBeyondAPieceIsFound() {
        EmulatedGpu gpu = EmulatedGpu.open();
        try (GpuStream stream = gpu.newStream();
                GpuMemory from = gpu.allocate(128)) {
            GpuMemory piece = gpu.allocate(40);
            long a = from.address();
            GpuKernel add = gpu.kernel(Precision.FLOAT32, "add");
            stream.launch(add, 1, 32, a, a, piece.address(), 2L);
            assertThatThrownBy(piece::close).hasMessageContaining("byte 40 was written");
        }
        gpu.close();
    }

    @Test
    void wrongArgumentsAndAddressesAreRefused() {
        try (EmulatedGpu gpu = EmulatedGpu.open();
                GpuStream stream = gpu.newStream();
                GpuMemory x = gpu.allocate(32)) {
            GpuKernel add = gpu.kernel(Precision.FLOAT32, "add");
            long a = x.address();
            assertThatThrownBy(() -> stream.launch(add, 1, 32, a, a, a))
                    .hasMessageContaining("expected 4 arguments (pppl)");
            assertThatThrownBy(() -> stream.launch(add, 1, 32, a, a, a, 1))
                    .hasMessageContaining("as number 3");
            assertThatThrownBy(() -> stream.launch(add, 1, 32, a, a, a + 32, 1L))
                    .hasMessageContaining("expected 1 bytes of memory");
            assertThatThrownBy(() -> stream.clear(a, 33)).hasMessageContaining("clear");
            assertThatThrownBy(() -> gpu.kernel(Precision.FLOAT32, "subtract"))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void memoryIsLimited() {
        try (EmulatedGpu gpu = EmulatedGpu.builder().memory(1000).open();
                GpuMemory first = gpu.allocate(600)) {
            assertThat(first.bytes()).isEqualTo(600);
            assertThatThrownBy(() -> gpu.allocate(401))
                    .isInstanceOf(GpuOutOfMemoryException.class)
                    .hasMessageContaining("400 of 1000 free");
            gpu.allocate(400).close();
            assertThat(gpu.peakBytes()).isEqualTo(1000);
        }
    }

    @Test
    void whatIsOpenAtTheEndIsNamed() {
        EmulatedGpu gpu = EmulatedGpu.open();
        GpuMemory forgotten = gpu.allocate(77);
        assertThatThrownBy(gpu::close).hasMessageContaining("77 bytes of memory");
        forgotten.close();
        gpu.close();
    }

    @Test
    void aLostDeviceFailsFromThenOn() {
        try (EmulatedGpu gpu = EmulatedGpu.builder().lostAfter(1).open();
                GpuStream stream = gpu.newStream();
                GpuMemory x = gpu.allocate(32)) {
            GpuKernel add = gpu.kernel(Precision.FLOAT32, "add");
            long a = x.address();
            stream.launch(add, 1, 32, a, a, a, 1L);
            stream.synchronize();
            assertThatThrownBy(
                            () -> {
                                stream.launch(add, 1, 32, a, a, a, 1L);
                                stream.synchronize();
                            })
                    .isInstanceOf(GpuLostError.class);
            assertThatThrownBy(() -> gpu.allocate(1)).isInstanceOf(GpuLostError.class);
        }
    }
}
