package io.ebmstream.ops.energy;

/**
 * A deterministic convolutional autoencoder with latents [1, 16, 16]; its decoder is the fixed
 * generator of hat retrofit. The hat paper (arXiv 2210.16486) fixes the latents' shape, not the
 * layers. These are of the usual published style: strided 4x4 convolutions down (Radford, Metz,
 * Chintala 2016, arXiv 1511.06434), bilinear upsampling and 3x3 convolutions up, which leaves no
 * checkerboard (Odena, Dumoulin, Olah 2016), leaky ReLU of slope 0.2 between. Without
 * normalisation, so that training and use compute the same.
 *
 * <p>For an image of 16 * 2^k pixels and width n, with m = n 2^k:
 *
 * <pre>
 * encoder   conv3x3 c to n; k times conv4x4/2, channels doubled; conv3x3 m to m; conv3x3 m to 1
 * decoder   conv3x3 1 to m; conv3x3 m to m; k times up 2, conv3x3, channels halved;
 *           conv3x3 n to c; tanh
 * </pre>
 */
public final class Autoencoder {
    /** Shape of the latents. */
    public static final ImageShape LATENTS = new ImageShape(1, 16, 16);

    /** Slope of the leaky ReLU for negative inputs. */
    public static final double LEAK = 0.2;

    /** Width without further notice. */
    public static final int DEFAULT_WIDTH = 64;

    private Autoencoder() {}

    /**
     * From images [c, h, w] to latents.
     *
     * @param image square, 32, 64 or 128 pixels
     * @param n channels of the first layer, at least 1
     * @throws IllegalArgumentException if the image has another size
     */
    public static Network encoder(ImageShape image, int n) {
        int halvings = halvings("autoencoder-encoder", image);
        GraphBuilder graph = new GraphBuilder(image);
        int x = graph.conv3("conv0", Network.IMAGE, n);
        x = graph.leakyRelu("act0", x, LEAK);
        for (int i = 1; i <= halvings; i++) {
            x = graph.conv("down" + i, x, n << i, 4, 2, 1, true);
            x = graph.leakyRelu("act" + i, x, LEAK);
        }
        x = graph.conv3("conv1", x, n << halvings);
        x = graph.leakyRelu("act", x, LEAK);
        graph.conv3("latents", x, LATENTS.channels());
        return graph.build("autoencoder-encoder");
    }

    /**
     * From latents to images [c, h, w] in [-1, 1].
     *
     * @param image square, 32, 64 or 128 pixels
     * @param n channels of the last layer but one, at least 1
     * @throws IllegalArgumentException if the image has another size
     */
    public static Network decoder(ImageShape image, int n) {
        int doublings = halvings("autoencoder-decoder", image);
        GraphBuilder graph = new GraphBuilder(LATENTS);
        int x = graph.conv3("conv0", Network.IMAGE, n << doublings);
        x = graph.leakyRelu("act0", x, LEAK);
        x = graph.conv3("conv1", x, n << doublings);
        x = graph.leakyRelu("act1", x, LEAK);
        for (int i = 1; i <= doublings; i++) {
            x = graph.upsample("up" + i, x);
            x = graph.conv3("up" + i + ".conv", x, n << doublings - i);
            x = graph.leakyRelu("up" + i + ".act", x, LEAK);
        }
        x = graph.conv3("image", x, image.channels());
        graph.add("tanh", new Layer.Tanh(), x);
        return graph.build("autoencoder-decoder");
    }

    private static int halvings(String name, ImageShape image) {
        int halvings =
                switch (image.height()) {
                    case 32 -> 1;
                    case 64 -> 2;
                    case 128 -> 3;
                    default -> 0;
                };
        if (halvings == 0 || image.width() != image.height()) {
            throw new IllegalArgumentException(
                    "expected a square image of 32, 64 or 128 pixels for "
                            + name
                            + ", found "
                            + image
                            + "; pad or scale the images");
        }
        return halvings;
    }
}
