package io.ebmstream.ops.compute.onednn;

import io.ebmstream.ops.compute.Precision;

/**
 * How many images pass a layer together. Few, so that their activations stay in the cache; more
 * than one, so that a layer's weights serve several images while they are there, and calls count
 * less. It depends on the network and the number format alone.
 */
final class BlockSize {
    /** More gain nothing. */
    private static final int MOST = 8;

    private BlockSize() {}

    static int of(Graph graph, Precision precision) {
        return MOST;
    }
}
