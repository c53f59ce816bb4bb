package io.ebmstream.ops.compute.onednn;

import io.ebmstream.ops.compute.Mode;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Layer;
import io.ebmstream.ops.energy.Network;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Turns a network into fewer and cheaper steps that compute the same function. What is linear and
 * stands side by side is put together or changes places:
 *
 * <ul>
 *   <li>a pointwise convolution runs on the smaller side of a pool or an upsampling (both leave
 *       channels alone, and their weights sum to 1);
 *   <li>a convolution and the pool behind it are one convolution; so are a pool of very few
 *       channels and the pointwise convolution behind it;
 *   <li>a batch normalisation with running statistics goes into the convolution before it;
 *   <li>additions and activations are fused into the convolution or normalisation before them;
 *   <li>a linear end in a single number becomes the {@link Head};
 *   <li>what nobody reads is left out.
 * </ul>
 */
final class Lowering {
    /** Up to so many channels a pool is cheaper inside the convolution behind it: an image's. */
    private static final int FEW_CHANNELS = 4;

    /** Largest pool that goes into a convolution: oneDNN's fast code has an end somewhere. */
    private static final int WINDOW = 2;

    private final Network network;
    private final Step[] steps;
    private final boolean fixedStatistics;

    private Lowering(Network network, Mode mode) {
        this.network = network;
        this.steps = new Step[network.nodes().size()];
        this.fixedStatistics = mode == Mode.INFERENCE;
    }

    /** The graph of a network. */
    static Graph of(Network network, Mode mode) {
        Lowering lowering = new Lowering(network, mode);
        lowering.translate();
        for (int i = 0; i < lowering.steps.length; i++) {
            lowering.moveConvolution(i);
        }
        for (int i = 0; i < lowering.steps.length; i++) {
            lowering.mergeLinear(i);
        }
        for (int i = 0; i < lowering.steps.length; i++) {
            lowering.fuse(i);
        }
        return lowering.finish();
    }

    private void translate() {
        Map<String, Integer> offsets = new HashMap<>();
        network.parameters().forEach(p -> offsets.put(p.name(), p.offset()));
        for (int i = 0; i < steps.length; i++) {
            Network.Node node = network.nodes().get(i);
            ImageShape from = network.inputShapes(i).get(0);
            Layer layer = node.layer();
            Activation activation = null;
            if (layer instanceof Layer.LeakyRelu relu) {
                activation = Activation.leaky(relu.slope());
            } else if (layer instanceof Layer.Tanh) {
                activation = Activation.TANH;
            }
            steps[i] =
                    new Step(
                            node.name(),
                            work(node.name(), layer, from, offsets),
                            node.inputs().get(0),
                            layer instanceof Layer.Add ? node.inputs().get(1) : Step.NONE,
                            activation,
                            from,
                            network.shapes().get(i));
        }
    }

    private static Step.Work work(
            String name, Layer layer, ImageShape from, Map<String, Integer> offsets) {
        if (layer instanceof Layer.Conv2d conv) {
            return convolve(
                    Kernel.square(
                            conv.in(), conv.out(), conv.kernel(), conv.stride(), conv.padding()),
                    name,
                    offsets);
        }
        if (layer instanceof Layer.Dense dense) {
            return convolve(
                    new Kernel(from.channels(), dense.out(), from.height(), from.width(), 1, 0),
                    name,
                    offsets);
        }
        if (layer instanceof Layer.AveragePool2d pool) {
            return new Step.Pool(pool.window());
        }
        if (layer instanceof Layer.UpsampleBilinear) {
            return new Step.Upsample();
        }
        if (layer instanceof Layer.BatchNorm norm) {
            return new Step.Normalise(
                    new Normalisation(
                            norm.channels(),
                            norm.epsilon(),
                            norm.momentum(),
                            offsets.get(name + ".scale"),
                            offsets.get(name + ".shift"),
                            offsets.get(name + ".running_mean"),
                            offsets.get(name + ".running_variance")));
        }
        return layer instanceof Layer.Reshape ? new Step.View() : new Step.Pass();
    }

    private static Step.Convolve convolve(
            Kernel kernel, String name, Map<String, Integer> offsets) {
        return new Step.Convolve(
                new Composition(
                        kernel,
                        offsets.get(name + ".weight"),
                        offsets.getOrDefault(name + ".bias", -1),
                        1,
                        null));
    }

    /** Brings pointwise convolutions to the smaller side of their neighbours. */
    private void moveConvolution(int i) {
        Step second = steps[i];
        Step first = onlyRead(i);
        if (first == null) {
            return;
        }
        boolean convolvesLate = first.work() instanceof Step.Upsample && isPointwise(second);
        boolean poolsLate =
                isPointwise(first)
                        && second.work() instanceof Step.Pool
                        && first.from().channels() > FEW_CHANNELS;
        if (!convolvesLate && !poolsLate) {
            return;
        }
        // Pools and upsamplings keep the channels, pointwise convolutions rows and columns.
        ImageShape between =
                convolvesLate
                        ? resized(first.from(), second.to().channels())
                        : resized(second.to(), first.from().channels());
        steps[second.input()] =
                new Step(
                        second.name(),
                        second.work(),
                        first.input(),
                        Step.NONE,
                        null,
                        first.from(),
                        between);
        steps[i] =
                new Step(
                        first.name(),
                        first.work(),
                        second.input(),
                        Step.NONE,
                        null,
                        between,
                        second.to());
    }

    private static ImageShape resized(ImageShape shape, int channels) {
        return new ImageShape(channels, shape.height(), shape.width());
    }

    /** Puts two linear steps into one convolution. */
    private void mergeLinear(int i) {
        Step second = steps[i];
        Step first = onlyRead(i);
        if (first == null) {
            return;
        }
        Composition merged = null;
        if (first.work() instanceof Step.Convolve conv) {
            if (second.work() instanceof Step.Pool pool && pool.window() <= WINDOW) {
                merged = conv.weights().pooled(pool.window());
            } else if (second.work() instanceof Step.Normalise norm
                    && fixedStatistics
                    && conv.weights().normalisation() == null) {
                merged = conv.weights().normalised(norm.tensors());
            }
        } else if (first.work() instanceof Step.Pool pool
                && pool.window() <= WINDOW
                && isPointwise(second)
                && first.from().channels() <= FEW_CHANNELS) {
            merged = ((Step.Convolve) second.work()).weights().pooled(pool.window());
        }
        if (merged != null) {
            steps[i] =
                    new Step(
                            first.work() instanceof Step.Convolve ? first.name() : second.name(),
                            new Step.Convolve(merged),
                            first.input(),
                            Step.NONE,
                            null,
                            first.from(),
                            second.to());
        }
    }

    /** Fuses additions and activations into what they read. */
    private void fuse(int i) {
        Step step = steps[i];
        if (!(step.work() instanceof Step.Pass)) {
            return;
        }
        if (step.other() != Step.NONE) {
            int late = Math.max(step.input(), step.other());
            int early = Math.min(step.input(), step.other());
            int branch = isFusible(late, i) ? late : early;
            if (isFusible(branch, i)) {
                Step conv = steps[branch];
                int residual = branch == late ? early : late;
                steps[i] =
                        new Step(
                                conv.name(),
                                conv.work(),
                                conv.input(),
                                residual,
                                null,
                                conv.from(),
                                conv.to());
            }
        } else {
            Step before = onlyRead(i);
            if (before != null
                    && before.activation() == null
                    && (before.work() instanceof Step.Convolve
                            || before.work() instanceof Step.Normalise
                            || before.work() instanceof Step.Pass)) {
                steps[i] =
                        new Step(
                                before.name(),
                                before.work(),
                                before.input(),
                                before.other(),
                                step.activation(),
                                before.from(),
                                before.to());
            }
        }
    }

    private boolean isFusible(int branch, int sum) {
        return branch != Network.IMAGE
                && steps[branch].work() instanceof Step.Convolve
                && steps[branch].isBare()
                && onlyReader(branch) == sum;
    }

    /** What a step reads, if that has no other reader and may be merged with it; else null. */
    private Step onlyRead(int i) {
        Step step = steps[i];
        if (step.input() == Network.IMAGE || step.other() != Step.NONE) {
            return null;
        }
        Step read = steps[step.input()];
        boolean isOpen = read.isBare() || step.work() instanceof Step.Pass;
        return isOpen && onlyReader(step.input()) == i ? read : null;
    }

    /** The only one of the steps in use that reads a result, and that once; else -1. */
    private int onlyReader(int i) {
        boolean[] used = used();
        int only = -1;
        for (int j = i + 1; j < steps.length; j++) {
            if (used[j] && steps[j].reads(i)) {
                if (only >= 0 || steps[j].input() == steps[j].other()) {
                    return -1;
                }
                only = j;
            }
        }
        return only;
    }

    /** What leads to the output. */
    private boolean[] used() {
        boolean[] used = new boolean[steps.length];
        used[steps.length - 1] = true;
        for (int i = steps.length - 1; i >= 0; i--) {
            if (used[i]) {
                if (steps[i].input() >= 0) {
                    used[steps[i].input()] = true;
                }
                if (steps[i].other() >= 0) {
                    used[steps[i].other()] = true;
                }
            }
        }
        return used;
    }

    private static boolean isPointwise(Step step) {
        return step.work() instanceof Step.Convolve conv
                && conv.kernel().isPointwise()
                && conv.weights().normalisation() == null;
    }

    private Graph finish() {
        Head head = head();
        int end = steps.length - 1;
        if (head != null) {
            end = steps[end].input();
            if (head.window() > 1) {
                end = steps[end].input();
            }
        }
        boolean[] used = used();
        int[] index = new int[steps.length];
        List<Step> kept = new ArrayList<>();
        for (int i = 0; i <= end; i++) {
            if (used[i]) {
                index[i] = kept.size();
                Step step = steps[i];
                kept.add(
                        new Step(
                                step.name(),
                                step.work(),
                                step.input() < 0 ? step.input() : index[step.input()],
                                step.other() < 0 ? step.other() : index[step.other()],
                                step.activation(),
                                step.from(),
                                step.to()));
            }
        }
        return new Graph(network.input(), List.copyOf(kept), head);
    }

    private Head head() {
        Step last = steps[steps.length - 1];
        if (last.to().size() != 1
                || !last.isBare()
                || !(last.work() instanceof Step.Convolve conv)
                || conv.weights().normalisation() != null) {
            return null;
        }
        Step before = onlyRead(steps.length - 1);
        return before != null && before.work() instanceof Step.Pool pool
                ? new Head(conv.weights(), pool.window(), before.from())
                : new Head(conv.weights(), 1, last.from());
    }
}
