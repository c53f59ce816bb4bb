package io.ebmstream.job.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.ebmstream.ops.compute.Device;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.api.common.TaskInfoImpl;
import org.apache.flink.api.common.externalresource.ExternalResourceInfo;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AssignedGpuTest {

    @Test
    void withoutGpusItIsTheCpu() {
        assertThat(AssignedGpu.choose(List.of(), "gpu", 3)).isEqualTo(Device.CPU);
    }

    @Test
    void subtasksShareGpusOutWhateverTheirOrder() {
        List<Gpu> gpus = List.of(gpu("10"), gpu("2"), gpu("7"));
        List<Gpu> turned = List.of(gpu("7"), gpu("10"), gpu("2"));
        for (int subtask = 0; subtask < 7; subtask++) {
            Device expected = Device.gpu(new int[] {2, 7, 10}[subtask % 3]);
            assertThat(AssignedGpu.choose(gpus, "gpu", subtask)).isEqualTo(expected);
            assertThat(AssignedGpu.choose(turned, "gpu", subtask)).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "GPU-7f3a", "1.0", "99999999"})
    void anIndexThatIsNoNumberIsAnError(String index) {
        assertThatIllegalStateException()
                .isThrownBy(() -> AssignedGpu.choose(List.of(gpu(index)), "fpga", 0))
                .withMessageContaining("expected a device number as property index")
                .withMessageContaining("external resource fpga, found " + index)
                .withMessageContaining("ebm.compute.gpu-resource");
    }

    @Test
    void aResourceWithoutIndexIsAnError() {
        assertThatIllegalStateException()
                .isThrownBy(() -> AssignedGpu.choose(List.of(new Gpu(Map.of())), "gpu", 0))
                .withMessageContaining("found none");
    }

    @Test
    void asksForTheResourceThatTheConfigurationNames() {
        RuntimeContext context = context(1, Map.of("accelerator", Set.of(gpu("4"), gpu("6"))));
        assertThat(AssignedGpu.of(context, "accelerator")).isEqualTo(Device.gpu(6));
        assertThat(AssignedGpu.of(context, "gpu")).isEqualTo(Device.CPU);
    }

    /** A subtask's context with some external resources. */
    private static RuntimeContext context(
            int subtask, Map<String, Set<ExternalResourceInfo>> resources) {
        InvocationHandler answers =
                (proxy, method, arguments) ->
                        switch (method.getName()) {
                            case "getTaskInfo" -> new TaskInfoImpl("test", 128, subtask, 2, 0);
                            case "getExternalResourceInfos" ->
                                    resources.getOrDefault((String) arguments[0], Set.of());
                            default -> throw new UnsupportedOperationException(method.getName());
                        };
        return (RuntimeContext)
                Proxy.newProxyInstance(
                        RuntimeContext.class.getClassLoader(),
                        new Class<?>[] {RuntimeContext.class},
                        answers);
    }

    private static Gpu gpu(String index) {
        return new Gpu(Map.of("index", index));
    }

    private record Gpu(Map<String, String> properties) implements ExternalResourceInfo {
        @Override
        public Optional<String> getProperty(String key) {
            return Optional.ofNullable(properties.get(key));
        }

        @Override
        public Collection<String> getKeys() {
            return properties.keySet();
        }
    }
}
