package io.ebmstream.ops.hat;

import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Layer;
import io.ebmstream.ops.energy.Light32;
import io.ebmstream.ops.energy.Network;
import java.util.List;

/** Small networks for the tests of hat energies. */
public final class HatNetworks {
    public static final ImageShape IMAGE = new ImageShape(1, 16, 16);
    public static final Network ENERGY = Light32.of(IMAGE, 2);

    /** G(z) = tanh(A z + b), from 3 latents. */
    public static final Network GENERATOR = generator(3, IMAGE, true);

    private HatNetworks() {}

    static Network generator(int latents, ImageShape image, boolean tanh) {
        List<Network.Node> linear =
                List.of(
                        new Network.Node(
                                "dense",
                                new Layer.Dense(latents, image.size(), true),
                                List.of(Network.IMAGE)),
                        new Network.Node("image", new Layer.Reshape(image), List.of(0)));
        return new Network(
                "small-generator",
                new ImageShape(latents, 1, 1),
                tanh
                        ? List.of(
                                linear.get(0),
                                linear.get(1),
                                new Network.Node("tanh", new Layer.Tanh(), List.of(1)))
                        : linear);
    }

    /** U(x) = |x - c| of a single pixel, for weights (1, -1, -c, c, 1, 1, 0). */
    static Network distance() {
        return new Network(
                "distance",
                new ImageShape(1, 1, 1),
                List.of(
                        new Network.Node(
                                "sides", new Layer.Conv2d(1, 2, 1, 1, 0), List.of(Network.IMAGE)),
                        new Network.Node("positive", new Layer.LeakyRelu(0), List.of(0)),
                        new Network.Node("sum", new Layer.Conv2d(2, 1, 1, 1, 0), List.of(1))));
    }
}
