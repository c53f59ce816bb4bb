package io.ebmstream.ops.hat;

import io.ebmstream.ops.weights.ModelFile;
import io.ebmstream.ops.weights.NetworkParts;
import io.ebmstream.ops.weights.SafeTensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A trained autoencoder as a safetensors file: tensors {@code encoder.*} and {@code generator.*},
 * the decoder's, under PyTorch's names; the networks in the metadata. A value.
 *
 * @param encoder E
 * @param decoder D, the generator of hat retrofit
 * @param notes what else is worth knowing, by name
 */
public record AutoencoderFile(
        ModelFile.Part encoder, ModelFile.Part decoder, Map<String, String> notes) {
    /** Name of the file in a folder. */
    public static final String NAME = "autoencoder.safetensors";

    public AutoencoderFile {
        notes = Map.copyOf(notes);
    }

    /**
     * Writes it in one piece.
     *
     * @return the file
     */
    public Path write(Path file) throws IOException {
        Map<String, String> metadata = new HashMap<>();
        metadata.put("format", "ebm-stream autoencoder 1");
        notes.forEach((key, value) -> metadata.put("note." + key, value));
        List<SafeTensors.Tensor> tensors = new ArrayList<>();
        NetworkParts.add(ModelFile.ENCODER, ModelFile.ENCODER + ".", encoder, metadata, tensors);
        NetworkParts.add(
                ModelFile.GENERATOR, ModelFile.GENERATOR + ".", decoder, metadata, tensors);
        return NetworkParts.write(new SafeTensors(metadata, tensors), file);
    }
}
