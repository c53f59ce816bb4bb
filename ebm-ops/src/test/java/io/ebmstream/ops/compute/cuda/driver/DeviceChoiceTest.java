package io.ebmstream.ops.compute.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.ops.compute.cuda.gpu.GpuProperties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceChoiceTest {
    @ParameterizedTest
    @ValueSource(ints = {13_000, 13_010, 14_000})
    void takesDriversForCuda13(int version) {
        assertThatCode(() -> DeviceChoice.checkDriver(version)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({"12090,one for CUDA 12.9", "11060,one for CUDA 11.6", "0,none"})
    void refusesOlderDrivers(int version, String found) {
        assertThatThrownBy(() -> DeviceChoice.checkDriver(version))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("expected an NVIDIA driver for CUDA 13 (branch 580 or newer)")
                .hasMessageContaining("found " + found + "; update it");
    }

    @ParameterizedTest
    @CsvSource({"0,0,no GPU", "1,1,only index 0", "4,4,indices 0 to 3", "-1,2,indices 0 to 1"})
    void refusesIndicesThatAreNotThere(int index, int count, String found) {
        assertThatThrownBy(() -> DeviceChoice.checkIndex(index, count))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("expected a GPU of index " + index)
                .hasMessageContaining("found " + found)
                .hasMessageContaining("CUDA_VISIBLE_DEVICES");
        assertThatCode(() -> DeviceChoice.checkIndex(3, 4)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({"7,5", "8,0", "8,9", "9,0", "10,0", "12,1"})
    void takesTuringAndNewer(int major, int minor) {
        assertThatCode(() -> DeviceChoice.checkCapability(device(major, minor)))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({"3,7", "6,1", "7,0", "7,2"})
    void refusesOlderDevices(int major, int minor) {
        assertThatThrownBy(() -> DeviceChoice.checkCapability(device(major, minor)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("expected a GPU of compute capability 7.5")
                .hasMessageContaining("compute capability " + major + "." + minor)
                .hasMessageContaining("take another one");
    }

    @Test
    void tellsVersionsAsPeopleDo() {
        assertThat(DeviceChoice.version(13_010)).isEqualTo("13.1");
    }

    private static GpuProperties device(int major, int minor) {
        return new GpuProperties(0, "Tesla", major, minor, 1L << 34, "driver for CUDA 13.0");
    }
}
