package io.ebmstream.ops.weights;

import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.energy.ParameterKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * A network's parameter vector as named tensors and back. Names are the node's and PyTorch's name
 * of the tensor ({@code conv1.weight}, {@code norm.running_var}), shapes are PyTorch's too, so a
 * module whose layers are named like the nodes takes the file as its state.
 *
 * <p>Stateless, thread-safe.
 */
public final class NetworkTensors {
    private NetworkTensors() {}

    /** PyTorch's name of a parameter. */
    public static String name(Network.Parameter parameter) {
        String node =
                parameter
                        .name()
                        .substring(
                                0, parameter.name().length() - parameter.kind().label().length());
        return node
                + switch (parameter.kind()) {
                    case WEIGHT, SCALE -> ParameterKind.WEIGHT.label();
                    case BIAS, SHIFT -> ParameterKind.BIAS.label();
                    case RUNNING_MEAN -> "running_mean";
                    case RUNNING_VARIANCE -> "running_var";
                };
    }

    /**
     * The vector's tensors, in its order.
     *
     * @param parameters laid out by {@link Network#parameters()}; copied
     */
    public static List<SafeTensors.Tensor> split(Network network, float[] parameters) {
        List<SafeTensors.Tensor> tensors = new ArrayList<>();
        for (Network.Parameter p : network.parameters()) {
            tensors.add(
                    new SafeTensors.Tensor(
                            name(p),
                            p.shape(),
                            Arrays.copyOfRange(parameters, p.offset(), p.offset() + p.size())));
        }
        return tensors;
    }

    /**
     * The parameter vector made of tensors in any order. PyTorch's {@code num_batches_tracked} is
     * passed over: it serves only a momentum that is not constant.
     *
     * @throws IllegalArgumentException unless there is exactly one tensor of the right shape for
     *     each parameter, all values finite; the message names what is missing or too much
     */
    public static float[] join(Network network, List<SafeTensors.Tensor> tensors) {
        Map<String, SafeTensors.Tensor> byName = new HashMap<>();
        for (SafeTensors.Tensor tensor : tensors) {
            if (!tensor.name().endsWith(".num_batches_tracked")) {
                byName.put(tensor.name(), tensor);
            }
        }
        float[] vector = new float[network.parameterCount()];
        TreeSet<String> missing = new TreeSet<>();
        for (Network.Parameter p : network.parameters()) {
            SafeTensors.Tensor tensor = byName.remove(name(p));
            if (tensor == null) {
                missing.add(name(p));
                continue;
            }
            if (!tensor.shape().equals(p.shape())) {
                throw new IllegalArgumentException(
                        "expected shape "
                                + p.shape()
                                + " for tensor "
                                + tensor.name()
                                + " of "
                                + network
                                + ", found "
                                + tensor.shape());
            }
            for (int i = 0; i < p.size(); i++) {
                if (!Float.isFinite(tensor.values()[i])) {
                    throw new IllegalArgumentException(
                            "expected finite values in tensor "
                                    + tensor.name()
                                    + ", found "
                                    + tensor.values()[i]
                                    + " at "
                                    + i);
                }
            }
            System.arraycopy(tensor.values(), 0, vector, p.offset(), p.size());
        }
        if (!missing.isEmpty() || !byName.isEmpty()) {
            throw new IllegalArgumentException(
                    "expected the tensors of "
                            + network
                            + ", found "
                            + (missing.isEmpty() ? "" : "none for " + missing)
                            + (missing.isEmpty() || byName.isEmpty() ? "" : " and ")
                            + (byName.isEmpty() ? "" : "unknown " + new TreeSet<>(byName.keySet()))
                            + "; names are node.tensor as ebm describe lists them");
        }
        return vector;
    }
}
