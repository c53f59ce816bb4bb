package io.ebmstream.ops.energy;

/**
 * The generators of the papers, those of SNGAN (Miyato, Kataoka, Koyama, Yoshida 2018, arXiv
 * 1802.05957) with bilinear upsampling: from z [128, 1, 1] to an image in [-1, 1].
 *
 * <pre>
 * dense to 4x4xn
 * block  norm, ReLU, up 2, conv3x3, norm, ReLU, conv3x3     + up 2, conv1x1
 * head   norm, ReLU, conv3x3 to the image's channels, tanh
 * </pre>
 *
 * norm is batch normalisation. With n the width:
 *
 * <pre>
 * sngan32-generator    three blocks of n                         n = 256 in the papers
 * sngan64-generator    n/2, n/4, n/8, n/16                       n = 1024
 * sngan128-generator   n, n/2, n/4, n/8, n/16                    n = 1024
 * </pre>
 *
 * The generator factor of hat synthesis ({@code gen_factor}, 2.0 there) multiplies all channels,
 * that is n.
 */
public final class SnganGenerator {
    /** Length of z in the papers. */
    public static final int DEFAULT_LATENT = 128;

    /** The papers' width of sngan32-generator. */
    public static final int DEFAULT_WIDTH_32 = 256;

    /** The papers' width of sngan64-generator and sngan128-generator. */
    public static final int DEFAULT_WIDTH_64 = 1024;

    private SnganGenerator() {}

    /**
     * sngan32-generator.
     *
     * @param output [c, 32, 32]
     * @param latent length of z, at least 1
     * @param n channels of every block, at least 1
     * @throws IllegalArgumentException if the image has another size
     */
    public static Network of32(ImageShape output, int latent, int n) {
        return build("sngan32-generator", output, 32, latent, n, n, n, n);
    }

    /**
     * sngan64-generator.
     *
     * @param output [c, 64, 64]
     * @param latent length of z, at least 1
     * @param n channels of the first map, a multiple of 16
     * @throws IllegalArgumentException if the image has another size
     */
    public static Network of64(ImageShape output, int latent, int n) {
        checkWidth("sngan64-generator", n);
        return build("sngan64-generator", output, 64, latent, n, n / 2, n / 4, n / 8, n / 16);
    }

    /**
     * sngan128-generator.
     *
     * @param output square image of a multiple of 32 pixels (128 in the papers, where the first map
     *     is 4x4; at 224 it is 7x7)
     * @param latent length of z, at least 1
     * @param n channels of the first map, a multiple of 16
     * @throws IllegalArgumentException if the image has another size
     */
    public static Network of128(ImageShape output, int latent, int n) {
        checkWidth("sngan128-generator", n);
        if (output.height() % 32 != 0) {
            throw new IllegalArgumentException(
                    "expected an image of a multiple of 32 pixels for sngan128-generator, found "
                            + output);
        }
        return build(
                "sngan128-generator",
                output,
                output.height(),
                latent,
                n,
                n,
                n / 2,
                n / 4,
                n / 8,
                n / 16);
    }

    /**
     * A width times the generator factor, rounded.
     *
     * @param factor above 0; 1 is the plain network
     * @throws IllegalArgumentException if the factor is not positive
     */
    public static int scaledWidth(int n, double factor) {
        if (!(factor > 0)) {
            throw new IllegalArgumentException(
                    "expected a generator factor above 0, found " + factor);
        }
        return Math.toIntExact(Math.round(n * factor));
    }

    private static Network build(
            String name, ImageShape output, int pixels, int latent, int n, int... blocks) {
        if (output.height() != pixels || output.width() != pixels) {
            throw new IllegalArgumentException(
                    "expected an image of "
                            + pixels
                            + "x"
                            + pixels
                            + " pixels for "
                            + name
                            + ", found "
                            + output);
        }
        GraphBuilder graph = new GraphBuilder(new ImageShape(latent, 1, 1));
        int start = pixels >> blocks.length;
        int x = graph.add("dense", new Layer.Dense(latent, n * start * start, true), Network.IMAGE);
        x = graph.add("map", new Layer.Reshape(new ImageShape(n, start, start)), x);
        for (int i = 0; i < blocks.length; i++) {
            x = block(graph, "block" + i, x, blocks[i]);
        }
        x = graph.normRelu("head", x);
        x = graph.conv3("head.conv", x, output.channels());
        graph.add("head.tanh", new Layer.Tanh(), x);
        return graph.build(name);
    }

    private static int block(GraphBuilder graph, String name, int from, int out) {
        int x = graph.normRelu(name + ".0", from);
        x = graph.upsample(name + ".up", x);
        x = graph.conv3(name + ".conv0", x, out);
        x = graph.normRelu(name + ".1", x);
        x = graph.conv3(name + ".conv1", x, out);
        int shortcut = graph.upsample(name + ".shortcut.up", from);
        shortcut = graph.conv1(name + ".shortcut.conv", shortcut, out);
        return graph.sum(name + ".sum", x, shortcut);
    }

    private static void checkWidth(String name, int n) {
        if (n < 16 || n % 16 != 0) {
            throw new IllegalArgumentException(
                    "expected a width in multiples of 16 for " + name + ", found " + n);
        }
    }
}
