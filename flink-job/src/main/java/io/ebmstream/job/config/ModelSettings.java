package io.ebmstream.job.config;

import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.energy.NetworkFamily;
import io.ebmstream.ops.energy.Networks;
import java.io.Serializable;

/**
 * The model: which network on which images.
 *
 * @param name name of the model in snapshots and records
 * @param network name of an energy network in {@link Networks}
 * @param n the network's width, or 0 for its own
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
        NetworkFamily family = Networks.energyNamed(network);
        return n == 0 ? family.build(shape()) : family.build(shape(), n);
    }
}
