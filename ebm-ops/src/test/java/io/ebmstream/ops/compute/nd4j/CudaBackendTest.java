package io.ebmstream.ops.compute.nd4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebmstream.ops.compute.Device;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The decision whether ND4J may start on a GPU; no GPU is needed to make it. */
class CudaBackendTest {

    @ParameterizedTest
    @ValueSource(strings = {"3.7", "5.2", "7.0", "7.5", "8.0", "8.6", "8.9"})
    void takesDevicesThatItHasCodeFor(String capability) {
        CudaDevices found = smi("0, NVIDIA A10, 550.54.14, " + capability);
        assertThat(CudaBackend.objection(found, Device.gpu(0))).isEmpty();
        assertThat(CudaBackend.objection(found, Device.CPU)).as("the first one").isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"9.0", "10.0", "12.0"})
    void refusesNewerDevicesAndSaysWhatToUse(String capability) {
        CudaDevices found = smi("0, NVIDIA H100 80GB HBM3, 550.54.14, " + capability);
        assertThat(CudaBackend.objection(found, Device.CPU).orElseThrow())
                .contains("expected compute capability 3.7 to 8.9")
                .contains("found GPU 0, NVIDIA H100 80GB HBM3, of compute capability " + capability)
                .contains("it has no code")
                .contains("use executor onednn on the CPU")
                .contains("build with the Maven profile cuda13 for executor cuda");
    }

    @ParameterizedTest
    @ValueSource(strings = {"2.1", "3.0", "3.5"})
    void refusesOlderDevices(String capability) {
        assertThat(
                        CudaBackend.objection(
                                        smi("0, Tesla K20, 470.82.01, " + capability), Device.CPU)
                                .orElseThrow())
                .contains("expected compute capability 3.7 to 8.9")
                .contains(capability)
                .contains("use executor onednn on the CPU");
    }

    @ParameterizedTest
    @CsvSource({"449.2,true", "390.157,true", "450.80.02,false", "535,false"})
    void refusesOldDrivers(String driver, boolean refused) {
        CudaDevices found = smi("0, Tesla T4, " + driver + ", 7.5");
        assertThat(CudaBackend.objection(found, Device.CPU).isPresent()).isEqualTo(refused);
        if (refused) {
            assertThat(CudaBackend.objection(found, Device.CPU).orElseThrow())
                    .contains("expected driver 450 or newer")
                    .contains("update it");
        }
    }

    @Test
    void looksAtTheAssignedDeviceOnly() {
        CudaDevices found =
                smi("0, NVIDIA H100, 550.54, 9.0\n1, NVIDIA A100-SXM4-40GB, 550.54, 8.0\n");
        assertThat(CudaBackend.objection(found, Device.gpu(1))).isEmpty();
        assertThat(CudaBackend.objection(found, Device.gpu(0))).isPresent();
        assertThat(CudaBackend.objection(found, Device.gpu(2)).orElseThrow())
                .contains("expected a GPU of index 2")
                .contains("NVIDIA A100-SXM4-40GB");
    }

    @Test
    void refusesWithoutDevice() {
        assertThat(CudaBackend.objection(smi(""), Device.CPU).orElseThrow())
                .contains("found no GPU")
                .contains("build without the Maven profile cuda");
    }

    @Test
    void refusesWithoutDriver() {
        CudaDevices found = CudaDevices.ask(List.of("ebm-no-such-command"), 5);
        assertThat(found.devices()).isEmpty();
        assertThat(CudaBackend.objection(found, Device.CPU).orElseThrow())
                .contains("expected an NVIDIA driver that answers")
                .contains("ebm-no-such-command");
        CudaDevices broken = CudaDevices.of(9, "NVIDIA-SMI has failed\n");
        assertThat(CudaBackend.objection(broken, Device.CPU).orElseThrow())
                .contains("nvidia-smi ended with 9: NVIDIA-SMI has failed");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void givesUpOnADriverThatHangs() {
        CudaDevices found = CudaDevices.ask(List.of("sleep", "30"), 1);
        assertThat(found.failure()).contains("sleep gave no answer within 1 s");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void readsWhatTheDriverPrints() {
        CudaDevices found = CudaDevices.ask(List.of("echo", " 3, Tesla T4, 470.82.01, 7.5"), 5);
        assertThat(found.failure()).isEmpty();
        assertThat(found.devices()).containsExactly(new CudaDevice(3, "Tesla T4", 470, 7, 5));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "garbage",
                "0, Tesla T4, 470.82.01",
                "0, Tesla T4, 470.82.01, [N/A]",
                "x, Tesla T4, 470.82.01, 7.5",
                "0, Tesla T4, [Unknown Error], 7.5",
                "99999999999, Tesla T4, 470, 7.5"
            })
    void refusesAnswersThatItCannotRead(String line) {
        CudaDevices found = smi("0, NVIDIA A10, 550.54.14, 8.6\n" + line);
        assertThat(CudaBackend.objection(found, Device.CPU).orElseThrow())
                .contains("expected a line")
                .contains(line);
    }

    @Test
    void isNotOnTheClassPathOfTheUsualBuild() {
        String jars =
                System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path"));
        assertThat(CudaBackend.isOnClassPath()).isEqualTo(jars.contains("nd4j-cuda"));
    }

    private static CudaDevices smi(String text) {
        return CudaDevices.of(0, text);
    }
}
