package io.ebmstream.ops.hat;

import io.ebmstream.ops.energy.Network;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

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
        return HexFormat.of()
                .formatHex(
                        Digests.sha256(
                                network.toJson().getBytes(StandardCharsets.UTF_8), bytes.array()));
    }
}
