package io.ebmstream.ops.compute.cuda.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.ops.compute.Precision;
import java.util.List;
import org.junit.jupiter.api.Test;

class KernelSourcesTest {

    @Test
    void everyModuleIsCompleteAndNamesItsKernels() {
        for (KernelModule module : KernelSources.modules()) {
            assertThat(module.text()).doesNotContain("#include").contains("#define KERNEL");
            assertThat(module.text().split("#define KERNEL", -1)).hasSize(2);
            assertThat(module.kernels()).isNotEmpty();
            for (String kernel : module.kernels()) {
                assertThat(KernelSources.moduleOf(kernel)).isSameAs(module);
            }
        }
    }

    @Test
    void anUnknownKernelIsNamed() {
        assertThatThrownBy(() -> KernelSources.moduleOf("nothing"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'nothing'")
                .hasMessageContaining("unpack");
    }

    @Test
    void optionsAskForTheFormatAndForExactRounding() {
        KernelModule module = KernelSources.moduleOf("pack");
        assertThat(module.options(Precision.BFLOAT16)).contains("-DEBM_BF16=1", "--fmad=false");
        for (Precision precision : List.of(Precision.FLOAT32, Precision.TF32)) {
            assertThat(module.options(precision)).contains("-DEBM_BF16=0", "--fmad=false");
        }
    }
}
