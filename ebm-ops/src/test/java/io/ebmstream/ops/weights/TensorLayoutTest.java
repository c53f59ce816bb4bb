package io.ebmstream.ops.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.energy.Networks;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TensorLayoutTest {
    private static final ImageShape SHAPE = new ImageShape(3, 32, 32);

    private static Map<String, SafeTensors.Tensor> byName(List<SafeTensors.Tensor> tensors) {
        return tensors.stream()
                .collect(Collectors.toMap(SafeTensors.Tensor::name, Function.identity()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"light32", "sngan32", "wrn-10-1"})
    void goesThereAndBack(String name) {
        Network network = Networks.named(name).build(SHAPE, 2);
        float[] weights = Initializer.weights(network, 1);
        for (TensorLayout layout : TensorLayout.values()) {
            assertThat(layout.join(network, layout.split(network, weights))).isEqualTo(weights);
        }
    }

    /** kernel[y, x, i, o] = weight[o, i, y, x]. */
    @Test
    void kernelsAreTurned() {
        Network network = Networks.named("light32").build(SHAPE, 2);
        float[] weights = Initializer.weights(network, 1);
        SafeTensors.Tensor ours =
                TensorLayout.PYTORCH.split(network, weights).stream()
                        .filter(tensor -> tensor.shape().size() == 4)
                        .skip(1)
                        .findFirst()
                        .orElseThrow();
        SafeTensors.Tensor theirs =
                byName(TensorLayout.TENSORFLOW.split(network, weights))
                        .get(ours.name().replace(".weight", ".kernel"));
        int out = ours.shape().get(0);
        int in = ours.shape().get(1);
        int side = ours.shape().get(2);
        assertThat(theirs.shape()).containsExactly(side, side, in, out);
        int o = 3;
        int i = 1;
        int y = 2;
        int x = 0;
        assertThat(theirs.values()[((y * side + x) * in + i) * out + o])
                .isEqualTo(ours.values()[((o * in + i) * side + y) * side + x]);
    }

    @Test
    void normalisationsHaveTheirNamesThere() {
        Network network = Networks.named("wrn-10-1").build(SHAPE, 2);
        float[] weights = Initializer.weights(network, 1);
        assertThat(TensorLayout.TENSORFLOW.split(network, weights))
                .extracting(tensor -> tensor.name().replaceAll(".*\\.", ""))
                .contains("kernel", "gamma", "beta", "moving_mean", "moving_variance")
                .doesNotContain("weight", "running_mean");
    }

    @Test
    void refusesWhatLiesInAnotherOrderThere() {
        Network generator = Networks.named("sngan32-generator").build(SHAPE, 2);
        float[] weights = Initializer.weights(generator, 1);
        assertThatThrownBy(() -> TensorLayout.TENSORFLOW.split(generator, weights))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("use the layout pytorch");
        Network network = Networks.named("light32").build(SHAPE, 2);
        List<SafeTensors.Tensor> ours =
                TensorLayout.PYTORCH.split(network, Initializer.weights(network, 1));
        assertThatThrownBy(() -> TensorLayout.TENSORFLOW.join(network, ours))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
