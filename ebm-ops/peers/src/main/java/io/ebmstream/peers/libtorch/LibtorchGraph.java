package io.ebmstream.peers.libtorch;

import io.ebmstream.ops.bench.Peer;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Layer;
import io.ebmstream.ops.energy.Network;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** A network as calls of libtorch. What it creates belongs to the open {@code PointerScope}. */
final class LibtorchGraph {
    private static final long[] ONES = {1, 1};
    private static final long[] ZEROS = {0, 0};

    private final Network network;
    private final torch.ScalarType type;
    private final torch.MemoryFormat format;

    /**
     * @throws UnsupportedOperationException if the network has a layer that no energy here has
     */
    LibtorchGraph(Peer.Task task) {
        network = task.network();
        type =
                task.precision() == Precision.FLOAT32
                        ? torch.ScalarType.Float
                        : torch.ScalarType.BFloat16;
        format =
                task.layout().equals(LibtorchPeer.CHANNELS_LAST)
                        ? torch.MemoryFormat.ChannelsLast
                        : torch.MemoryFormat.Contiguous;
        for (Network.Node node : network.nodes()) {
            if (node.layer() instanceof Layer.BatchNorm
                    || node.layer() instanceof Layer.UpsampleBilinear) {
                throw new UnsupportedOperationException(
                        "expected layers of an energy network, found " + node.layer());
            }
        }
    }

    /** Weights as float32 tensors, in the network's order. */
    List<Tensor> weights(float[] values) {
        List<Tensor> weights = new ArrayList<>();
        for (Network.Parameter p : network.parameters()) {
            float[] some = new float[p.size()];
            System.arraycopy(values, p.offset(), some, 0, some.length);
            weights.add(tensor(some, p.shape().stream().mapToLong(Integer::longValue).toArray()));
        }
        return weights;
    }

    /** Images as a float32 tensor. */
    Tensor images(float[] pixels) {
        ImageShape shape = network.input();
        int n = pixels.length / shape.size();
        return tensor(pixels, n, shape.channels(), shape.height(), shape.width());
    }

    /** A copy of the values on libtorch's side. */
    private Tensor tensor(float[] values, long... shape) {
        Tensor plain = torch.from_blob(new FloatPointer(values), shape).clone();
        return shape.length == 4 ? plain.contiguous(format) : plain;
    }

    /** The same values in the precision that the network runs in. */
    Tensor cast(Tensor float32) {
        return type == torch.ScalarType.Float ? float32 : float32.to(type);
    }

    List<Tensor> cast(List<Tensor> float32) {
        return float32.stream().map(this::cast).toList();
    }

    /**
     * U of every image, float32, [n].
     *
     * @param images float32
     * @param weights cast ones
     */
    Tensor energies(Tensor images, List<Tensor> weights) {
        Tensor input = cast(images);
        List<Tensor> results = new ArrayList<>();
        int used = 0;
        for (Network.Node node : network.nodes()) {
            Layer layer = node.layer();
            List<Tensor> own = weights.subList(used, used + layer.tensors().size());
            used += own.size();
            Tensor first = read(node.inputs().get(0), input, results);
            Tensor second =
                    node.inputs().size() < 2 ? null : read(node.inputs().get(1), input, results);
            results.add(apply(layer, first, second, own));
        }
        Tensor last = results.get(results.size() - 1);
        return last.to(torch.ScalarType.Float).flatten();
    }

    private static Tensor read(int index, Tensor input, List<Tensor> results) {
        return index == Network.IMAGE ? input : results.get(index);
    }

    private static Tensor apply(Layer layer, Tensor x, Tensor y, List<Tensor> weights) {
        if (layer instanceof Layer.Conv2d conv) {
            return torch.conv2d(
                    x,
                    weights.get(0),
                    bias(conv.bias(), weights),
                    new long[] {conv.stride(), conv.stride()},
                    new long[] {conv.padding(), conv.padding()},
                    ONES,
                    1);
        }
        if (layer instanceof Layer.Dense dense) {
            return torch.linear(x.flatten(1, -1), weights.get(0), bias(dense.bias(), weights));
        }
        if (layer instanceof Layer.LeakyRelu relu) {
            return relu.slope() == 0 ? x.relu() : torch.leaky_relu(x, new Scalar(relu.slope()));
        }
        if (layer instanceof Layer.AveragePool2d pool) {
            long[] window = {pool.window(), pool.window()};
            return torch.avg_pool2d(x, window, window, ZEROS, false, true, new LongOptional());
        }
        if (layer instanceof Layer.Reshape reshape) {
            ImageShape to = reshape.shape();
            return x.reshape(-1, to.channels(), to.height(), to.width());
        }
        if (layer instanceof Layer.Tanh) {
            return x.tanh();
        }
        return x.add(y);
    }

    private static TensorOptional bias(boolean has, List<Tensor> weights) {
        return has ? new TensorOptional(weights.get(1)) : new TensorOptional();
    }

    /** Runs something and frees every tensor that it made. */
    static <T> T freeing(Supplier<T> work) {
        PointerScope scope = new PointerScope();
        try {
            return work.get();
        } finally {
            scope.close();
        }
    }

    /** The values of a tensor, in (n, c, h, w) order. */
    static float[] values(Tensor tensor) {
        Tensor plain = tensor.to(torch.ScalarType.Float).contiguous();
        float[] values = new float[Math.toIntExact(plain.numel())];
        plain.data_ptr_float().get(values);
        return values;
    }
}
