package io.ebmstream.peers.libtorch;

import io.ebmstream.ops.bench.Peer;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Langevin steps: forward, autograd's gradient by the pixels, normal noise and the update in place.
 */
final class LibtorchLangevin implements Peer.Run {
    private final PointerScope scope;
    private final LibtorchGraph graph;
    private final List<Tensor> weights;
    private final Tensor images;
    private final Tensor noise;
    private final Scalar factor;
    private final Scalar stepSize;

    LibtorchLangevin(Peer.Task task) {
        graph = new LibtorchGraph(task);
        scope = new PointerScope();
        weights = graph.cast(graph.weights(task.weights()));
        images = graph.images(task.images());
        noise = torch.empty_like(images);
        factor = new Scalar(-task.step().energyFactor());
        stepSize = new Scalar(task.step().stepSize());
        scope.extend();
        scope.close();
    }

    @Override
    public void run(int times) {
        for (int i = 0; i < times; i++) {
            LibtorchGraph.freeing(this::step);
        }
    }

    private Tensor step() {
        images.add_(gradient(), factor);
        return images.add_(noise.normal_(), stepSize);
    }

    /** Gradient of U by the pixels; belongs to the open scope. */
    private Tensor gradient() {
        images.set_requires_grad(true);
        Tensor energy = graph.energies(images, weights).sum();
        TensorVector gradients = torch.grad(new TensorVector(energy), new TensorVector(images));
        images.set_requires_grad(false);
        return gradients.get(0);
    }

    /** For tests: U of the images as they are now. */
    float[] energies() {
        return LibtorchGraph.freeing(() -> LibtorchGraph.values(graph.energies(images, weights)));
    }

    /** For tests: the gradient by the pixels as they are now. */
    float[] gradientNow() {
        return LibtorchGraph.freeing(() -> LibtorchGraph.values(gradient()));
    }

    /** For tests: the pixels as they are now. */
    float[] pixels() {
        return LibtorchGraph.freeing(() -> LibtorchGraph.values(images));
    }

    @Override
    public void close() {
        scope.close();
    }
}
