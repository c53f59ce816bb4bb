package io.ebmstream.ops.weights;

import io.ebmstream.ops.energy.Layer;
import io.ebmstream.ops.energy.Network;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How another library names and lays out the tensors of a network.
 *
 * <pre>
 *                 PYTORCH                     TENSORFLOW (Keras)
 * convolution     conv1.weight [out,in,h,w]   conv1.kernel [h,w,in,out]
 * dense           head.weight [out,in]        head.kernel [in,out]
 * bias            conv1.bias                  conv1.bias
 * batch norm      norm.weight, .bias          norm.gamma, .beta
 *                 .running_mean, .running_var norm.moving_mean, .moving_variance
 * </pre>
 *
 * PYTORCH is this module's own layout. Thread-safe.
 */
public enum TensorLayout {
    PYTORCH,
    TENSORFLOW;

    private static final Map<String, String> NAMES =
            Map.of(
                    "running_mean", "moving_mean",
                    "running_var", "moving_variance");

    /** Name in options: lower case. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * A network's tensors in this layout.
     *
     * @param parameters laid out by {@link Network#parameters()}
     * @throws UnsupportedOperationException under TENSORFLOW if the network reshapes features,
     *     which lie in another order there
     */
    public List<SafeTensors.Tensor> split(Network network, float[] parameters) {
        List<SafeTensors.Tensor> tensors = NetworkTensors.split(network, parameters);
        if (this == PYTORCH) {
            return tensors;
        }
        requirePlain(network);
        List<SafeTensors.Tensor> turned = new ArrayList<>();
        for (int i = 0; i < tensors.size(); i++) {
            SafeTensors.Tensor tensor = tensors.get(i);
            String name = foreignName(network.parameters().get(i));
            turned.add(
                    tensor.shape().size() < 2
                            ? new SafeTensors.Tensor(name, tensor.shape(), tensor.values())
                            : permuted(name, tensor, outward(tensor.shape().size())));
        }
        return turned;
    }

    /**
     * The parameter vector of tensors in this layout, in any order.
     *
     * @throws IllegalArgumentException as {@link NetworkTensors#join}
     * @throws UnsupportedOperationException as {@link #split}
     */
    public float[] join(Network network, List<SafeTensors.Tensor> tensors) {
        if (this == PYTORCH) {
            return NetworkTensors.join(network, tensors);
        }
        requirePlain(network);
        Map<String, String> ours = new HashMap<>();
        for (Network.Parameter parameter : network.parameters()) {
            ours.put(foreignName(parameter), NetworkTensors.name(parameter));
        }
        List<SafeTensors.Tensor> turned = new ArrayList<>();
        for (SafeTensors.Tensor tensor : tensors) {
            // an unknown name stays, for the message that lists it
            String name = ours.getOrDefault(tensor.name(), tensor.name());
            turned.add(
                    tensor.shape().size() < 2
                            ? new SafeTensors.Tensor(name, tensor.shape(), tensor.values())
                            : permuted(name, tensor, inward(tensor.shape().size())));
        }
        return NetworkTensors.join(network, turned);
    }

    private static String foreignName(Network.Parameter parameter) {
        String name = NetworkTensors.name(parameter);
        int dot = name.lastIndexOf('.');
        String node = name.substring(0, dot + 1);
        return node
                + switch (parameter.kind()) {
                    case WEIGHT -> "kernel";
                    case BIAS -> "bias";
                    case SCALE -> "gamma";
                    case SHIFT -> "beta";
                    default -> NAMES.get(name.substring(dot + 1));
                };
    }

    private static void requirePlain(Network network) {
        for (Network.Node node : network.nodes()) {
            if (node.layer() instanceof Layer.Reshape) {
                throw new UnsupportedOperationException(
                        "expected a network without reshaping for the layout tensorflow, found node "
                                + node.name()
                                + " of "
                                + network
                                + "; use the layout pytorch");
            }
        }
    }

    /** Which of our dimensions stands at each place there: [out, in, h, w] to [h, w, in, out]. */
    private static int[] outward(int rank) {
        return rank == 4 ? new int[] {2, 3, 1, 0} : new int[] {1, 0};
    }

    /** Which of their dimensions stands at each place here. */
    private static int[] inward(int rank) {
        return rank == 4 ? new int[] {3, 2, 0, 1} : new int[] {1, 0};
    }

    private static SafeTensors.Tensor permuted(
            String name, SafeTensors.Tensor tensor, int[] order) {
        int rank = tensor.shape().size();
        if (rank != order.length) {
            throw new IllegalArgumentException(
                    "expected tensors of 1, 2 or 4 dimensions, found "
                            + tensor.name()
                            + " of "
                            + tensor.shape());
        }
        int[] strides = new int[rank];
        int stride = 1;
        for (int d = rank - 1; d >= 0; d--) {
            strides[d] = stride;
            stride *= tensor.shape().get(d);
        }
        List<Integer> shape = new ArrayList<>(Collections.nCopies(rank, 0));
        for (int d = 0; d < rank; d++) {
            shape.set(d, tensor.shape().get(order[d]));
        }
        float[] values = new float[tensor.values().length];
        int[] at = new int[rank];
        for (int i = 0; i < values.length; i++) {
            int from = 0;
            for (int d = 0; d < rank; d++) {
                from += at[d] * strides[order[d]];
            }
            values[i] = tensor.values()[from];
            for (int d = rank - 1; d >= 0 && ++at[d] == shape.get(d); d--) {
                at[d] = 0;
            }
        }
        return new SafeTensors.Tensor(name, shape, values);
    }
}
