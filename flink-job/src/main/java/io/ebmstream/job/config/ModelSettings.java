package io.ebmstream.job.config;

import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.energy.NetworkFamily;
import io.ebmstream.ops.energy.Networks;
import io.ebmstream.ops.weights.ModelFile;
import io.ebmstream.ops.weights.NetworkSpec;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The model: which network on which images.
 *
 * @param name name of the model in snapshots and records
 * @param network name of an energy network in {@link Networks}
 * @param n the network's width, or 0 for its own
 * @param channels channels of an image
 * @param height rows of an image
 * @param width columns of an image
 * @param initialSnapshot path of the model that a new job begins with, or empty
 */
public record ModelSettings(
        String name,
        String network,
        int n,
        int channels,
        int height,
        int width,
        String initialSnapshot)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Shape of an image, [c, h, w]. */
    public ImageShape shape() {
        return new ImageShape(channels, height, width);
    }

    /**
     * The model that a new job begins with, if it begins with one.
     *
     * @throws IllegalStateException if it cannot be read, or is of another network
     */
    public Optional<InitialModel> initialModel() {
        if (initialSnapshot.isEmpty()) {
            return Optional.empty();
        }
        try {
            ModelFile model = ModelFile.read(Path.of(initialSnapshot));
            if (!model.energy().network().equals(build())) {
                NetworkSpec found = model.energy().spec();
                throw new IllegalStateException(
                        EbmOptions.MODEL_INITIAL_SNAPSHOT.key()
                                + ": expected a model of "
                                + build()
                                + ", found "
                                + model.energy().network()
                                + "; set "
                                + EbmOptions.MODEL_NETWORK.key()
                                + " to "
                                + found.network()
                                + ", "
                                + EbmOptions.MODEL_WIDTH.key()
                                + " to "
                                + found.width()
                                + " and images to "
                                + found.image());
            }
            return Optional.of(new InitialModel(model));
        } catch (IOException e) {
            throw new IllegalStateException(
                    EbmOptions.MODEL_INITIAL_SNAPSHOT.key() + ": " + e.getMessage(), e);
        }
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
