package io.ebmstream.job.config;

import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Light32;
import io.ebmstream.ops.energy.Network;
import java.io.Serializable;

/**
 * The model: which network on which images.
 *
 * @param name name of the model in snapshots and records
 * @param network layer graph, {@code light32}
 * @param n channels of the network's first layer
 * @param channels channels of an image
 * @param height rows of an image
 * @param width columns of an image
 */
public record ModelSettings(String name, String network, int n, int channels, int height, int width)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Shape of an image, [c, h, w]. */
    public ImageShape shape() {
        return new ImageShape(channels, height, width);
    }

    /**
     * The layer graph.
     *
     * @throws IllegalArgumentException if it cannot take images of this shape
     */
    public Network build() {
        return Light32.of(shape(), n);
    }
}
