package io.ebmstream.ops.energy;

/**
 * The residual energy networks of the papers: the discriminators of SNGAN (Miyato, Kataoka, Koyama,
 * Yoshida 2018, arXiv 1802.05957) without normalisation, with average pools.
 *
 * <pre>
 * stem   conv3x3, ReLU, conv3x3, pool 2              + pool 2, conv1x1
 * block  ReLU, conv3x3, ReLU, conv3x3 (, pool 2)     + the input, or conv1x1 (, pool 2)
 * head   ReLU, global average pool, dense to 1 without bias
 * </pre>
 *
 * The shortcut has a convolution where channels change or where the block pools. With n the width:
 *
 * <pre>
 * sngan32   n pooled (stem), n pooled, n, n                      n = 256 in the papers
 * sngan64   n pooled (stem), 2n, 4n, 8n, 16n all pooled          n = 64
 * sngan128  as sngan64, and one more block of 16n without pool   n = 64
 * </pre>
 */
public final class Sngan {
    /** The papers' width of sngan32. */
    public static final int DEFAULT_WIDTH_32 = 256;

    /** The papers' width of sngan64 and sngan128. */
    public static final int DEFAULT_WIDTH_64 = 64;

    private Sngan() {}

    /**
     * sngan32: two of four blocks halve the image.
     *
     * @param input square image of a multiple of 4 pixels (32 in the papers)
     * @param n channels of every layer, at least 1
     * @throws IllegalArgumentException if the image has another size
     */
    public static Network of32(ImageShape input, int n) {
        Shapes.checkSquare("sngan32", input, 4);
        GraphBuilder graph = new GraphBuilder(input);
        int x = stem(graph, n);
        x = block(graph, "block1", x, n, true);
        x = block(graph, "block2", x, n, false);
        x = block(graph, "block3", x, n, false);
        return head(graph, x, "sngan32");
    }

    /**
     * sngan64: all five blocks halve the image.
     *
     * @param input square image of a multiple of 32 pixels (64 in the papers)
     * @param n channels of the first block, at least 1
     * @throws IllegalArgumentException if the image has another size
     */
    public static Network of64(ImageShape input, int n) {
        Shapes.checkSquare("sngan64", input, 32);
        GraphBuilder graph = new GraphBuilder(input);
        return head(graph, five(graph, n), "sngan64");
    }

    /**
     * sngan128: five blocks that halve the image and one that does not.
     *
     * @param input square image of a multiple of 32 pixels (128 in the papers)
     * @param n channels of the first block, at least 1
     * @throws IllegalArgumentException if the image has another size
     */
    public static Network of128(ImageShape input, int n) {
        Shapes.checkSquare("sngan128", input, 32);
        GraphBuilder graph = new GraphBuilder(input);
        int x = five(graph, n);
        x = block(graph, "block5", x, graph.shape(x).channels(), false);
        return head(graph, x, "sngan128");
    }

    /** The stem, and four blocks that double the channels and halve the image. */
    private static int five(GraphBuilder graph, int n) {
        int x = stem(graph, n);
        for (int i = 1; i <= 4; i++) {
            x = block(graph, "block" + i, x, n << i, true);
        }
        return x;
    }

    private static int stem(GraphBuilder graph, int n) {
        int x = graph.conv3("stem.conv0", Network.IMAGE, n);
        x = graph.relu("stem.relu", x);
        x = graph.conv3("stem.conv1", x, n);
        x = graph.pool("stem.pool", x, 2);
        int shortcut = graph.pool("stem.shortcut.pool", Network.IMAGE, 2);
        shortcut = graph.conv1("stem.shortcut.conv", shortcut, n);
        return graph.sum("stem.sum", x, shortcut);
    }

    private static int block(GraphBuilder graph, String name, int from, int out, boolean pool) {
        int x = graph.relu(name + ".relu0", from);
        x = graph.conv3(name + ".conv0", x, out);
        x = graph.relu(name + ".relu1", x);
        x = graph.conv3(name + ".conv1", x, out);
        int shortcut = from;
        if (pool || graph.shape(from).channels() != out) {
            shortcut = graph.conv1(name + ".shortcut.conv", from, out);
        }
        if (pool) {
            x = graph.pool(name + ".pool", x, 2);
            shortcut = graph.pool(name + ".shortcut.pool", shortcut, 2);
        }
        return graph.sum(name + ".sum", x, shortcut);
    }

    private static Network head(GraphBuilder graph, int from, String name) {
        graph.pooledHead("head", graph.relu("head.relu", from), 1, false);
        return graph.build(name);
    }
}
