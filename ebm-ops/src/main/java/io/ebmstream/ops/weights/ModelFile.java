package io.ebmstream.ops.weights;

import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.ops.state.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A trained model as one safetensors file: what training writes and every command reads. The
 * energy's tensors have the names of {@link NetworkTensors}, so that other tools can read the file
 * as it is; those of further networks have their role before the name ({@code
 * generator.linear.weight}). The header's metadata says which networks they are, how the model
 * samples and where it comes from.
 *
 * <p>A model's folder holds it under the name {@link #NAME}; {@link #read} takes the folder or the
 * file. A value; the arrays of weights are not copied and must not be changed. Thread-safe.
 *
 * @param energy the energy U(x), with the averaged weights
 * @param others further networks by role: {@link #GENERATOR}, {@link #PRIOR}, {@link #ENCODER}
 * @param langevin dynamics of the chains that the energy was trained with; its temperature is the
 *     unit of energies
 * @param steps K, Langevin steps of a chain in one update
 * @param preset name of the training preset, or "" for none
 * @param version version of the model
 * @param updates updates that the weights went through
 * @param notes what else is worth knowing, by name: data set, seed, executor
 */
public record ModelFile(
        Part energy,
        Map<String, Part> others,
        LangevinConfig langevin,
        int steps,
        String preset,
        ModelVersion version,
        long updates,
        Map<String, String> notes) {
    /** Name of the file in a model's folder. */
    public static final String NAME = "model.safetensors";

    /** Role of a network from latents to images. */
    public static final String GENERATOR = "generator";

    /** Role of a second energy with fixed weights, U0. */
    public static final String PRIOR = "prior";

    /** Role of a network from images to latents. */
    public static final String ENCODER = "encoder";

    /** Role of the energy, whose tensors have no prefix. */
    public static final String ENERGY = "energy";

    /** Note with T0, the temperature of the prior. */
    public static final String PRIOR_TEMPERATURE = "prior_temperature";

    private static final String FORMAT_KEY = "format";
    private static final String FORMAT = "ebm-stream model 1";
    static final String NOTE = "note.";

    public ModelFile {
        others = Map.copyOf(others);
        notes = Map.copyOf(notes);
        if (others.containsKey(ENERGY)) {
            throw new IllegalArgumentException(
                    "expected roles of networks beside the energy, found " + ENERGY);
        }
    }

    /**
     * A network and its weights.
     *
     * @param weights laid out by the network
     */
    public record Part(NetworkSpec spec, float[] weights) {
        /**
         * @throws IllegalArgumentException if the number of weights is not the network's
         */
        public Part {
            int count = spec.build().parameterCount();
            if (weights.length != count) {
                throw new IllegalArgumentException(
                        "expected " + count + " weights for " + spec + ", found " + weights.length);
            }
        }

        /** The network's graph. */
        public Network network() {
            return spec.build();
        }
    }

    /**
     * A network beside the energy.
     *
     * @throws IllegalArgumentException if the model has none of this role
     */
    public Part other(String role) {
        Part part = others.get(role);
        if (part == null) {
            throw new IllegalArgumentException(
                    "expected a model that has a network as "
                            + role
                            + ", found "
                            + new TreeMap<>(others).keySet());
        }
        return part;
    }

    /**
     * T0, which the prior's energy is divided by; the energy's own temperature where no note says.
     *
     * @throws IllegalArgumentException if the note is no number
     */
    public double priorTemperature() {
        String note = notes.get(PRIOR_TEMPERATURE);
        return note == null ? langevin.temperature() : Double.parseDouble(note);
    }

    /** The model with one more network, or with another of its role. */
    public ModelFile with(String role, Part part) {
        Map<String, Part> more = new HashMap<>(others);
        more.put(role, part);
        return new ModelFile(energy, more, langevin, steps, preset, version, updates, notes);
    }

    /**
     * Reads a model.
     *
     * @param path the file, or a folder that holds {@link #NAME}
     * @throws IOException if there is none, or it is not a model of this format
     */
    public static ModelFile read(Path path) throws IOException {
        Path file = Files.isDirectory(path) ? path.resolve(NAME) : path;
        if (!Files.isRegularFile(file)) {
            throw new IOException(
                    "expected a model file, or a folder with " + NAME + ", found none at " + path);
        }
        try {
            return of(SafeTensors.fromBytes(Files.readAllBytes(file)));
        } catch (IOException | IllegalArgumentException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    /**
     * A model from a safetensors file's content.
     *
     * @throws IllegalArgumentException if it is not a model of this format
     */
    public static ModelFile of(SafeTensors file) {
        Map<String, String> metadata = file.metadata();
        if (!FORMAT.equals(metadata.get(FORMAT_KEY))) {
            throw new IllegalArgumentException(
                    "expected a model with metadata "
                            + FORMAT_KEY
                            + " = \""
                            + FORMAT
                            + "\", found "
                            + (metadata.containsKey(FORMAT_KEY)
                                    ? "\"" + metadata.get(FORMAT_KEY) + "\""
                                    : "none")
                            + "; plain weights become a model by 'ebm weights import'");
        }
        Map<String, Part> parts = NetworkParts.read(file, ENERGY);
        Part energy = parts.remove(ENERGY);
        if (energy == null) {
            throw new IllegalArgumentException("expected an energy network, found none");
        }
        Map<String, String> notes = new HashMap<>();
        metadata.forEach(
                (key, value) -> {
                    if (key.startsWith(NOTE)) {
                        notes.put(key.substring(NOTE.length()), value);
                    }
                });
        String[] version = NetworkParts.text(metadata, "version").split("\\.", 2);
        return new ModelFile(
                energy,
                parts,
                new LangevinConfig(
                        number(metadata, "step_size"),
                        number(metadata, "temperature"),
                        number(metadata, "tau"),
                        number(metadata, "max_langevin_norm")),
                Integer.parseInt(NetworkParts.text(metadata, "steps")),
                NetworkParts.text(metadata, "preset"),
                new ModelVersion(
                        Long.parseLong(version[0]),
                        Long.parseLong(version.length > 1 ? version[1] : "0")),
                Long.parseLong(NetworkParts.text(metadata, "updates")),
                notes);
    }

    private static double number(Map<String, String> metadata, String key) {
        return Double.parseDouble(NetworkParts.text(metadata, key));
    }

    /** SHA-256 of the file's bytes in lower-case hexadecimal digits: the model's identity. */
    public String hash() {
        return Sha256.hex(toSafeTensors().toBytes());
    }

    /** The model as a safetensors file's content. */
    public SafeTensors toSafeTensors() {
        Map<String, String> metadata = new HashMap<>();
        metadata.put(FORMAT_KEY, FORMAT);
        metadata.put("step_size", Double.toString(langevin.stepSize()));
        metadata.put("temperature", Double.toString(langevin.temperature()));
        metadata.put("tau", Double.toString(langevin.tau()));
        metadata.put("max_langevin_norm", Double.toString(langevin.maxLangevinNorm()));
        metadata.put("steps", Integer.toString(steps));
        metadata.put("preset", preset);
        metadata.put("version", version.toString());
        metadata.put("updates", Long.toString(updates));
        notes.forEach((key, value) -> metadata.put(NOTE + key, value));
        List<SafeTensors.Tensor> tensors = new ArrayList<>();
        NetworkParts.add(ENERGY, "", energy, metadata, tensors);
        new TreeMap<>(others)
                .forEach(
                        (role, part) ->
                                NetworkParts.add(role, role + ".", part, metadata, tensors));
        return new SafeTensors(metadata, tensors);
    }

    /**
     * Writes the model in one piece: whoever reads the file finds the old or the new one.
     *
     * @param path the file; or a folder, or a name without the ending .safetensors, which then
     *     becomes a folder with the file {@link #NAME}
     * @return the file
     */
    public Path write(Path path) throws IOException {
        boolean isFile =
                !Files.isDirectory(path) && path.getFileName().toString().endsWith(".safetensors");
        Path file = (isFile ? path : path.resolve(NAME)).toAbsolutePath();
        Files.createDirectories(file.getParent());
        return NetworkParts.write(toSafeTensors(), file);
    }
}
