package io.ebmstream.ops.compute.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.compute.cuda.CudaGpus;
import io.ebmstream.ops.compute.cuda.gpu.Gpu;
import io.ebmstream.ops.compute.cuda.gpu.GpuKernel;
import io.ebmstream.ops.compute.cuda.gpu.GpuMemory;
import io.ebmstream.ops.compute.cuda.gpu.GpuOutOfMemoryException;
import io.ebmstream.ops.compute.cuda.gpu.GpuStream;
import io.ebmstream.ops.compute.cuda.gpu.HostMemory;
import org.bytedeco.javacpp.FloatPointer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What {@link Gpu} promises, on a real one. Skipped where there is none; with the system property
 * {@code ebm.gpu=required} that is a failure, and {@code ebm.gpu.index} chooses the device:
 *
 * <pre>
 * mvn -Pcuda13 -pl ebm-ops test -Dtest=CudaGpuTest -Debm.gpu=required
 * </pre>
 */
@Tag("gpu")
class CudaGpuTest extends GpuContract {
    private static Gpu gpu;

    @BeforeAll
    static void open() {
        try {
            gpu = CudaGpus.open(Integer.getInteger("ebm.gpu.index", 0), 0);
        } catch (IllegalStateException e) {
            assumeTrue("required".equals(System.getProperty("ebm.gpu")), e.getMessage());
            throw e;
        }
    }

    @AfterAll
    static void close() {
        if (gpu != null) {
            gpu.close();
        }
    }

    @Override
    Gpu gpu() {
        return gpu;
    }

    @Override
    int repeats() {
        return 1000;
    }

    @Override
    int slots() {
        return 300;
    }

    @Test
    void memoryIsClearedAlignedAndLimited() {
        try (GpuStream stream = gpu.newStream();
                GpuMemory memory = gpu.allocate(1000);
                HostMemory host = gpu.allocateHost(1000)) {
            assertThat(memory.address() % 256).isZero();
            stream.download(memory.address(), host, 1000);
            stream.synchronize();
            float[] floats = new float[250];
            new FloatPointer(host.pointer()).get(floats);
            assertThat(floats).containsOnly(0f);
        }
        assertThatThrownBy(() -> gpu.allocate(gpu.properties().memory() * 2))
                .isInstanceOf(GpuOutOfMemoryException.class)
                .hasMessageContaining("bytes free");
        try (Gpu limited = CudaGpus.open(gpu.properties().index(), 1000)) {
            limited.allocate(600).close();
            assertThatThrownBy(() -> limited.allocate(1001))
                    .isInstanceOf(GpuOutOfMemoryException.class)
                    .hasMessageContaining("limit of 1000");
        }
        try (GpuMemory after = gpu.allocate(16)) {
            assertThat(after.bytes()).as("full memory is no lost device").isEqualTo(16);
        }
    }

    @Test
    void aDeviceThatIsNotThereIsRefused() {
        assertThatThrownBy(() -> CudaGpus.open(4711, 0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("expected a GPU of index 4711");
    }

    @Test
    void wrongArgumentsAreRefused() {
        GpuKernel add = gpu.kernel(Precision.FLOAT32, "add");
        try (GpuStream stream = gpu.newStream();
                GpuMemory x = gpu.allocate(32)) {
            long a = x.address();
            assertThatThrownBy(() -> stream.launch(add, 1, 32, a, a, a))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected arguments of [8, 8, 8, 8] bytes");
            assertThatThrownBy(() -> stream.launch(add, 1, 32, a, a, a, 1))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> stream.launch(add, 1, 33, a, a, a, 1L))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
