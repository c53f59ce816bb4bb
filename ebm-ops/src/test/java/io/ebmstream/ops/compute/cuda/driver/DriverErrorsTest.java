package io.ebmstream.ops.compute.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.ops.compute.cuda.gpu.GpuLostError;
import io.ebmstream.ops.compute.cuda.gpu.GpuOutOfMemoryException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Numbers are those of cuda.h: a wrong constant of the binding would show. */
class DriverErrorsTest {
    @ParameterizedTest
    @ValueSource(ints = {4, 46, 214, 220, 226, 700, 702, 709, 710, 714, 715, 716, 717, 718, 719})
    void whatSpoilsTheContextIsALostDevice(int code) {
        assertThatThrownBy(() -> exception(code))
                .isInstanceOf(GpuLostError.class)
                .hasMessageContaining("expected GPU 3 (NVIDIA H100) to copy")
                .hasMessageContaining("found CUDA_ERROR_SOMETHING")
                .hasMessageContaining("restart it");
        assertThat(DriverErrors.isLost(code)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100, 101, 209, 400, 500, 600, 701, 801, 900, 901})
    void otherErrorsLeaveTheDeviceAsItIs(int code) {
        assertThat(exception(code)).isExactlyInstanceOf(IllegalStateException.class);
        assertThat(DriverErrors.isLost(code)).isFalse();
    }

    @Test
    void memoryThatIsFullIsNoLostDevice() {
        assertThat(exception(2))
                .isInstanceOf(GpuOutOfMemoryException.class)
                .hasMessageContaining("smaller batch");
        assertThat(DriverErrors.isLost(2)).isFalse();
    }

    @Test
    void aDriverThatCannotStartIsExplained() {
        assertThat(exception(803)).hasMessageContaining("different versions");
        assertThat(exception(34)).hasMessageContaining("the toolkit's stub");
    }

    private static RuntimeException exception(int code) {
        return DriverErrors.exception(
                code, "CUDA_ERROR_SOMETHING", "to copy", "GPU 3 (NVIDIA H100)");
    }
}
