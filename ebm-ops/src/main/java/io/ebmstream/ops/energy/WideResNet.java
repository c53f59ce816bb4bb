package io.ebmstream.ops.energy;

/**
 * Wide residual classifier WRN-d-k (Zagoruyko, Komodakis 2016, arXiv 1605.07146), d = 6 n + 4, in
 * the order of the authors' code:
 *
 * <pre>
 * conv3x3 to w
 * three groups of n blocks with w k, 2 w k, 4 w k channels; the second and third halve the image
 * block  norm, ReLU, conv3x3/s, norm, ReLU, conv3x3     + the input
 *        where channels or size change: + conv1x1/s of the input after norm and ReLU
 * norm, ReLU, global average pool, dense to the classes' logits
 * </pre>
 *
 * norm is batch normalisation; convolutions have no bias; w = 16 in the paper. WRN-28-10 is the
 * defense paper's classifier.
 */
public final class WideResNet {
    /** The paper's channels of the first layer. */
    public static final int DEFAULT_WIDTH = 16;

    private WideResNet() {}

    /**
     * @param image square, a multiple of 4 pixels
     * @param depth d, 6 n + 4 with n of at least 1
     * @param widening k, at least 1
     * @param classes number of logits, at least 2
     * @param w channels of the first layer, at least 1
     * @throws IllegalArgumentException if the image or depth do not fit, or a number is too small
     */
    public static Network of(ImageShape image, int depth, int widening, int classes, int w) {
        String name = "wrn-" + depth + "-" + widening;
        Shapes.checkSquare(name, image, 4);
        if (depth < 10 || depth % 6 != 4 || widening < 1 || classes < 2) {
            throw new IllegalArgumentException(
                    "expected a depth of 10, 16, 22, 28, .., a widening of at least 1 and at least"
                            + " 2 classes, found depth "
                            + depth
                            + ", widening "
                            + widening
                            + " and "
                            + classes
                            + " classes");
        }
        GraphBuilder graph = new GraphBuilder(image);
        int x = graph.conv("conv", Network.IMAGE, w, 3, 1, 1, false);
        for (int group = 0; group < 3; group++) {
            for (int block = 0; block < (depth - 4) / 6; block++) {
                int stride = group > 0 && block == 0 ? 2 : 1;
                int out = Math.multiplyExact(w * widening, 1 << group);
                x = block(graph, "group" + group + ".block" + block, x, out, stride);
            }
        }
        x = graph.normRelu("head", x);
        graph.pooledHead("head", x, classes, true);
        return graph.build(name);
    }

    private static int block(GraphBuilder graph, String name, int from, int out, int stride) {
        int active = graph.normRelu(name + ".0", from);
        int x = graph.conv(name + ".conv0", active, out, 3, stride, 1, false);
        x = graph.normRelu(name + ".1", x);
        x = graph.conv(name + ".conv1", x, out, 3, 1, 1, false);
        int shortcut = from;
        if (stride != 1 || graph.shape(from).channels() != out) {
            shortcut = graph.conv(name + ".shortcut", active, out, 1, stride, 0, false);
        }
        return graph.sum(name + ".sum", x, shortcut);
    }
}
