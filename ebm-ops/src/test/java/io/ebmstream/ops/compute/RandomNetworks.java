package io.ebmstream.ops.compute;

import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Layer;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.sampler.Threefry;
import java.util.ArrayList;
import java.util.List;

/**
 * Small random graphs of all layers, a pure function of a seed: results read by several nodes or by
 * none, sums of a result with itself, normalisation of single pixels, images that are not square.
 */
public final class RandomNetworks {
    private static final int LAYERS = 9;
    private static final int LARGEST_SIDE = 8;
    private static final int LARGEST_MAP = 300;

    private final long seed;
    private final ImageShape input;
    private final List<Network.Node> nodes = new ArrayList<>();
    private final List<ImageShape> shapes = new ArrayList<>();
    private int draws;

    private RandomNetworks(long seed) {
        this.seed = seed;
        this.input = new ImageShape(1 + draw(3), 2 + draw(5), 2 + draw(5));
    }

    /** A network with an output of any shape. */
    public static Network of(long seed) {
        RandomNetworks random = new RandomNetworks(seed);
        random.convolution(Network.IMAGE, random.input);
        while (random.nodes.size() < LAYERS) {
            random.grow(random.chooseSource(), random.draw(9));
        }
        return new Network("random" + seed, random.input, random.nodes);
    }

    /** A network with a single number as output. */
    public static Network energy(long seed) {
        Network body = of(seed);
        List<Network.Node> nodes = new ArrayList<>(body.nodes());
        nodes.add(
                new Network.Node(
                        "head",
                        new Layer.Dense(body.output().size(), 1, seed % 2 == 0),
                        List.of(nodes.size() - 1)));
        return new Network(body.name(), body.input(), nodes);
    }

    /** The last node, or in a fifth of the cases any. */
    private int chooseSource() {
        return draw(5) > 0 ? nodes.size() - 1 : draw(nodes.size() + 1) - 1;
    }

    private void grow(int from, int kind) {
        ImageShape in = shape(from);
        switch (kind) {
            case 0, 1 -> convolution(from, in);
            case 2 -> {
                if (in.size() <= LARGEST_MAP) {
                    add(new Layer.Dense(in.size(), 2 + draw(5), draw(2) == 0), from);
                }
            }
            case 3 -> add(new Layer.LeakyRelu(draw(3) * 0.2), from);
            case 4 -> add(new Layer.Tanh(), from);
            case 5 -> add(new Layer.Add(), from, sameShape(in));
            case 6 -> {
                int window = 1 + draw(in.height());
                if (in.height() % window == 0 && in.width() % window == 0) {
                    add(new Layer.AveragePool2d(window), from);
                }
            }
            case 7 -> {
                if (2 * Math.max(in.height(), in.width()) <= LARGEST_SIDE) {
                    add(new Layer.UpsampleBilinear(), from);
                }
            }
            default -> {
                add(new Layer.BatchNorm(in.channels(), 1e-3, 0.25), from);
                if (draw(3) == 0) {
                    ImageShape turned = new ImageShape(in.width(), in.channels(), in.height());
                    add(new Layer.Reshape(turned), nodes.size() - 1);
                }
            }
        }
    }

    private void convolution(int from, ImageShape in) {
        int kernel = 1 + draw(Math.min(4, Math.min(in.height(), in.width())));
        int stride = 1 + draw(2);
        int padding = draw(kernel);
        boolean bias = draw(2) == 0;
        add(new Layer.Conv2d(in.channels(), 1 + draw(5), kernel, stride, padding, bias), from);
    }

    /** A node (or the input) of this shape: there is at least one. */
    private int sameShape(ImageShape shape) {
        List<Integer> candidates = new ArrayList<>();
        for (int i = Network.IMAGE; i < nodes.size(); i++) {
            if (shape(i).equals(shape)) {
                candidates.add(i);
            }
        }
        return candidates.get(draw(candidates.size()));
    }

    private void add(Layer layer, Integer... from) {
        List<ImageShape> read = new ArrayList<>();
        for (int index : from) {
            read.add(shape(index));
        }
        shapes.add(layer.output(read));
        nodes.add(new Network.Node("node" + nodes.size(), layer, List.of(from)));
    }

    private ImageShape shape(int index) {
        return index == Network.IMAGE ? input : shapes.get(index);
    }

    /** An integer from 0 to bound - 1. */
    private int draw(int bound) {
        return (int) Long.remainderUnsigned(Threefry.block(seed, draws++), bound);
    }
}
