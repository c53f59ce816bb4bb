package io.ebmstream.ops.weights;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Several networks in one safetensors file, by role. For each role the metadata have {@code
 * role.network}, {@code role.width} and {@code role.image}; the names of its tensors begin with the
 * role and a dot, those of a main role with nothing.
 *
 * <p>Stateless, thread-safe.
 */
public final class NetworkParts {
    private static final String NETWORK = ".network";

    private NetworkParts() {}

    /**
     * The networks of a file by role.
     *
     * @param main role whose tensors have no prefix, or "" where all have one
     * @throws IllegalArgumentException if the metadata or the tensors are not those of networks of
     *     the catalogue
     */
    public static Map<String, ModelFile.Part> read(SafeTensors file, String main) {
        Map<String, String> metadata = file.metadata();
        List<String> roles =
                metadata.keySet().stream()
                        .filter(key -> key.endsWith(NETWORK) && !key.startsWith(ModelFile.NOTE))
                        .map(key -> key.substring(0, key.length() - NETWORK.length()))
                        .toList();
        Map<String, List<SafeTensors.Tensor>> tensors = new HashMap<>();
        for (SafeTensors.Tensor tensor : file.tensors()) {
            String role = main;
            String name = tensor.name();
            for (String other : roles) {
                if (!other.equals(main) && name.startsWith(other + ".")) {
                    role = other;
                    name = name.substring(other.length() + 1);
                    break;
                }
            }
            tensors.computeIfAbsent(role, key -> new ArrayList<>())
                    .add(new SafeTensors.Tensor(name, tensor.shape(), tensor.values()));
        }
        Map<String, ModelFile.Part> parts = new HashMap<>();
        for (String role : roles) {
            NetworkSpec spec =
                    new NetworkSpec(
                            text(metadata, role + NETWORK),
                            Integer.parseInt(text(metadata, role + ".width")),
                            NetworkSpec.parseShape(text(metadata, role + ".image")));
            parts.put(
                    role,
                    new ModelFile.Part(
                            spec,
                            NetworkTensors.join(
                                    spec.build(), tensors.getOrDefault(role, List.of()))));
        }
        return parts;
    }

    /**
     * Adds a network to a file's content.
     *
     * @param prefix of its tensors' names: the role and a dot, or "" for the main role
     * @param metadata added to
     * @param tensors added to
     */
    public static void add(
            String role,
            String prefix,
            ModelFile.Part part,
            Map<String, String> metadata,
            List<SafeTensors.Tensor> tensors) {
        metadata.put(role + NETWORK, part.spec().network());
        metadata.put(role + ".width", Integer.toString(part.spec().width()));
        metadata.put(role + ".image", part.spec().image().toString());
        for (SafeTensors.Tensor t : NetworkTensors.split(part.network(), part.weights())) {
            tensors.add(new SafeTensors.Tensor(prefix + t.name(), t.shape(), t.values()));
        }
    }

    /**
     * Writes a file in one piece: whoever reads it finds the old or the new one.
     *
     * @return the file
     */
    public static Path write(SafeTensors content, Path file) throws IOException {
        Path whole = file.resolveSibling(file.getFileName() + ".tmp");
        Files.write(whole, content.toBytes());
        return Files.move(
                whole, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    static String text(Map<String, String> metadata, String key) {
        String value = metadata.get(key);
        if (value == null) {
            throw new IllegalArgumentException(
                    "expected metadata "
                            + key
                            + ", found only "
                            + new TreeMap<>(metadata).keySet());
        }
        return value;
    }
}
