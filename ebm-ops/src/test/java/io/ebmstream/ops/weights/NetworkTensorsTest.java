package io.ebmstream.ops.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.energy.Layer;
import io.ebmstream.ops.energy.Network;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NetworkTensorsTest {
    private static final Network NETWORK =
            new Network(
                    "small",
                    new ImageShape(1, 4, 4),
                    List.of(
                            new Network.Node("conv", new Layer.Conv2d(1, 2, 3, 1, 1), List.of(-1)),
                            new Network.Node("norm", Layer.BatchNorm.of(2), List.of(0)),
                            new Network.Node("head", new Layer.Dense(32, 3, false), List.of(1))));

    private final float[] weights = Initializer.weights(NETWORK, 1);

    @Test
    void namesAreThoseOfPyTorch() {
        assertThat(NetworkTensors.split(NETWORK, weights))
                .extracting(SafeTensors.Tensor::name)
                .containsExactly(
                        "conv.weight",
                        "conv.bias",
                        "norm.weight",
                        "norm.bias",
                        "norm.running_mean",
                        "norm.running_var",
                        "head.weight");
    }

    @Test
    void goesThroughAFileAndBackInAnyOrder() throws IOException {
        SafeTensors file = new SafeTensors(Map.of(), NetworkTensors.split(NETWORK, weights));
        List<SafeTensors.Tensor> read =
                new ArrayList<>(SafeTensors.fromBytes(file.toBytes()).tensors());
        Collections.reverse(read);
        read.add(new SafeTensors.Tensor("norm.num_batches_tracked", List.of(), new float[] {5}));
        assertThat(NetworkTensors.join(NETWORK, read)).isEqualTo(weights);
    }

    @Test
    void saysWhatIsMissingAndWhatIsUnknown() {
        List<SafeTensors.Tensor> tensors = new ArrayList<>(NetworkTensors.split(NETWORK, weights));
        SafeTensors.Tensor first = tensors.remove(0);
        tensors.add(new SafeTensors.Tensor("conv1.weight", first.shape(), first.values()));
        assertThatThrownBy(() -> NetworkTensors.join(NETWORK, tensors))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("none for [conv.weight] and unknown [conv1.weight]");
    }

    @Test
    void refusesAnotherShapeAndValuesThatAreNotFinite() {
        List<SafeTensors.Tensor> tensors = new ArrayList<>(NetworkTensors.split(NETWORK, weights));
        tensors.set(1, new SafeTensors.Tensor("conv.bias", List.of(1, 2), new float[2]));
        assertThatThrownBy(() -> NetworkTensors.join(NETWORK, tensors))
                .hasMessageContaining("expected shape [2] for tensor conv.bias")
                .hasMessageContaining("found [1, 2]");
        tensors.set(1, new SafeTensors.Tensor("conv.bias", List.of(2), new float[] {0, Float.NaN}));
        assertThatThrownBy(() -> NetworkTensors.join(NETWORK, tensors))
                .hasMessageContaining("finite")
                .hasMessageContaining("NaN at 1");
    }
}
