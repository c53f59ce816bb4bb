package io.ebmstream.ops.classifier;

import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.energy.Networks;
import io.ebmstream.ops.energy.WideResNet;
import io.ebmstream.ops.state.Sha256;
import io.ebmstream.ops.weights.NetworkTensors;
import io.ebmstream.ops.weights.SafeTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A trained classifier as a safetensors file: the weights under PyTorch's names, and what network
 * they are for in the metadata ({@code network}, {@code width}, {@code image}, {@code classes}).
 *
 * @param network the classifier
 * @param width channels of its first layer
 * @param weights laid out by the network
 * @param metadata all texts of the file
 */
public record ClassifierFile(
        Network network, int width, float[] weights, Map<String, String> metadata) {
    private static final Pattern NAME = Pattern.compile("wrn-(\\d{1,3})-(\\d{1,2})");

    public ClassifierFile {
        metadata = Map.copyOf(metadata);
    }

    /**
     * A wide residual network by name.
     *
     * @param name {@code wrn-d-k}
     * @throws IllegalArgumentException if the name is no such name, or there is no such network
     */
    public static Network network(String name, ImageShape image, int classes, int width) {
        Matcher matcher = NAME.matcher(name);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "expected a classifier wrn-d-k (such as wrn-16-2), found " + name);
        }
        return WideResNet.of(
                image,
                Integer.parseInt(matcher.group(1)),
                Integer.parseInt(matcher.group(2)),
                classes,
                width);
    }

    /** Writes the file; it is there whole or not at all. */
    public void write(Path file) throws IOException {
        Map<String, String> texts = new TreeMap<>(metadata);
        ImageShape image = network.input();
        texts.put("network", network.name());
        texts.put("width", "" + width);
        texts.put("image", image.channels() + "x" + image.height() + "x" + image.width());
        texts.put("classes", "" + network.output().size());
        byte[] bytes = new SafeTensors(texts, tensors()).toBytes();
        Path whole = Files.createTempFile(file.toAbsolutePath().getParent(), "weights", ".tmp");
        Files.write(whole, bytes);
        Files.move(
                whole, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    private List<SafeTensors.Tensor> tensors() {
        return NetworkTensors.split(network, weights);
    }

    /** SHA-256 of the weights, as tensors by name, in lower-case hexadecimal digits. */
    public String hash() {
        return Sha256.hex(new SafeTensors(Map.of(), tensors()).toBytes());
    }

    /**
     * Reads a file.
     *
     * @throws IOException if it cannot be read, is no safetensors file, or its metadata do not say
     *     what network it is for
     * @throws IllegalArgumentException if its tensors are not that network's
     */
    public static ClassifierFile read(Path file) throws IOException {
        SafeTensors tensors = SafeTensors.fromBytes(Files.readAllBytes(file));
        Map<String, String> texts = tensors.metadata();
        String image = texts.getOrDefault("image", "");
        String[] sides = image.split("x", -1);
        if (!texts.containsKey("network") || sides.length != 3) {
            throw new IOException(
                    "expected the metadata network, width, image (CxHxW) and classes in "
                            + file
                            + ", found "
                            + new TreeMap<>(texts)
                            + "; write it with ebm train-classifier");
        }
        int width;
        Network network;
        try {
            width = Integer.parseInt(texts.getOrDefault("width", "" + WideResNet.DEFAULT_WIDTH));
            network =
                    network(
                            texts.get("network"),
                            new ImageShape(
                                    Integer.parseInt(sides[0]),
                                    Integer.parseInt(sides[1]),
                                    Integer.parseInt(sides[2])),
                            Integer.parseInt(
                                    texts.getOrDefault("classes", "" + Networks.DEFAULT_CLASSES)),
                            width);
        } catch (NumberFormatException e) {
            throw new IOException(
                    "expected whole numbers in the metadata of " + file + ", found " + texts, e);
        }
        return new ClassifierFile(
                network, width, NetworkTensors.join(network, tensors.tensors()), texts);
    }
}
