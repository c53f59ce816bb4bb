package io.ebmstream.ops.energy;

/**
 * The light network of the defense paper (Hill, Mitchell, Zhu 2021, arXiv 2005.13525): conv3x3/1 c
 * to n, then conv4x4/2 stages that double the channels and halve the image until it is 4x4 (3x3 for
 * 28 pixels), each followed by a leaky ReLU of slope 0.05, then a valid convolution of the rest to
 * 1.
 */
public final class Light32 {
    /** Slope of the leaky ReLU for negative inputs. */
    public static final double LEAK = 0.05;

    /** The paper's width. */
    public static final int DEFAULT_WIDTH = 32;

    private Light32() {}

    /**
     * @param input image shape; height and width equal, 16, 28, 32, 64 or 128
     * @param n channels of the first layer, at least 1 (32 in the paper, 16 for small gray images)
     * @throws IllegalArgumentException if the image has another size
     */
    public static Network of(ImageShape input, int n) {
        int stages =
                switch (input.height()) {
                    case 16 -> 2;
                    case 28, 32 -> 3;
                    case 64 -> 4;
                    case 128 -> 5;
                    default -> 0;
                };
        if (stages == 0 || input.width() != input.height()) {
            throw new IllegalArgumentException(
                    "expected a square image of 16, 28, 32, 64 or 128 pixels for light32, found "
                            + input
                            + "; pad or scale the images");
        }
        GraphBuilder graph = new GraphBuilder(input);
        int x = graph.conv3("conv0", Network.IMAGE, n);
        x = graph.leakyRelu("act0", x, LEAK);
        for (int stage = 1; stage <= stages; stage++) {
            x = graph.conv("conv" + stage, x, n << stage, 4, 2, 1, true);
            x = graph.leakyRelu("act" + stage, x, LEAK);
        }
        graph.conv("head", x, 1, graph.shape(x).height(), 1, 0, true);
        return graph.build("light32");
    }
}
