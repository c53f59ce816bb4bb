package io.ebmstream.peers.libtorch;

import io.ebmstream.ops.bench.Peer;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * The gradient of an update by the weights, which are float32 and cast anew each time, as after an
 * optimizer's step; data and chains run in one batch.
 */
final class LibtorchUpdate implements Peer.Run {
    private final PointerScope scope;
    private final LibtorchGraph graph;
    private final List<Tensor> weights;
    private final Tensor images;
    private final long half;

    LibtorchUpdate(Peer.Task task) {
        graph = new LibtorchGraph(task);
        scope = new PointerScope();
        weights = graph.weights(task.weights());
        weights.forEach(w -> w.set_requires_grad(true));
        images = graph.images(task.images());
        half = images.size(0) / 2;
        scope.extend();
        scope.close();
    }

    @Override
    public void run(int times) {
        for (int i = 0; i < times; i++) {
            LibtorchGraph.freeing(this::gradients);
        }
    }

    /** One for each tensor of weights; they belong to the open scope. */
    private TensorVector gradients() {
        Tensor energies = graph.energies(images, graph.cast(weights));
        Tensor difference =
                energies.narrow(0, 0, half).mean().sub(energies.narrow(0, half, half).mean());
        return torch.grad(
                new TensorVector(difference), new TensorVector(weights.toArray(new Tensor[0])));
    }

    /** For tests: the gradient as one vector. */
    float[] gradient(int length) {
        return LibtorchGraph.freeing(
                () -> {
                    TensorVector found = gradients();
                    float[] all = new float[length];
                    int used = 0;
                    for (int i = 0; i < found.size(); i++) {
                        float[] some = LibtorchGraph.values(found.get(i));
                        System.arraycopy(some, 0, all, used, some.length);
                        used += some.length;
                    }
                    return all;
                });
    }

    @Override
    public void close() {
        scope.close();
    }
}
