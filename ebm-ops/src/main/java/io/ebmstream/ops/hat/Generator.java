package io.ebmstream.ops.hat;

import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.state.Sha256;
import io.ebmstream.ops.weights.ModelFile;
import io.ebmstream.ops.weights.NetworkParts;
import io.ebmstream.ops.weights.SafeTensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A generator with its weights, from latents z to images.
 *
 * @param network G
 * @param weights laid out by the network; not copied
 */
public record Generator(Network network, float[] weights) {
    /**
     * @throws IllegalArgumentException if the weights are not the network's
     */
    public Generator {
        if (weights.length != network.parameterCount()) {
            throw new IllegalArgumentException(
                    "expected "
                            + network.parameterCount()
                            + " weights for "
                            + network
                            + ", found "
                            + weights.length);
        }
    }

    /**
     * Reads a generator from a file that holds one beside other networks: a model's, or an
     * autoencoder's, whose decoder it is then.
     *
     * @param path the file; or a folder with {@link ModelFile#NAME} or {@link AutoencoderFile#NAME}
     * @throws IOException if there is none, or it holds no generator
     */
    public static Generator read(Path path) throws IOException {
        ModelFile.Part part = readPart(path);
        return new Generator(part.network(), part.weights());
    }

    /**
     * The same with the name of its network.
     *
     * @throws IOException as {@link #read}
     */
    public static ModelFile.Part readPart(Path path) throws IOException {
        Path file = path;
        if (Files.isDirectory(path)) {
            Path model = path.resolve(ModelFile.NAME);
            file = Files.exists(model) ? model : path.resolve(AutoencoderFile.NAME);
        }
        if (!Files.isRegularFile(file)) {
            throw new IOException(
                    "expected a generator's file, or a folder with "
                            + ModelFile.NAME
                            + " or "
                            + AutoencoderFile.NAME
                            + ", found none at "
                            + path);
        }
        ModelFile.Part part;
        try {
            part =
                    NetworkParts.read(
                                    SafeTensors.fromBytes(Files.readAllBytes(file)),
                                    ModelFile.ENERGY)
                            .get(ModelFile.GENERATOR);
        } catch (IOException | IllegalArgumentException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
        if (part == null) {
            throw new IOException(
                    "expected a generator in "
                            + file
                            + ", found none; train one with preset shortrun, or an autoencoder");
        }
        return part;
    }

    /** Number of values of z. */
    public int latentSize() {
        return network.input().size();
    }

    /**
     * SHA-256 of network and weights in lower-case hexadecimal digits: part of the provenance of
     * what it made.
     */
    public String digest() {
        ByteBuffer bytes = ByteBuffer.allocate(4 * weights.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(weights);
        return new Sha256().add(network.toJson()).add(bytes.array()).hex();
    }
}
