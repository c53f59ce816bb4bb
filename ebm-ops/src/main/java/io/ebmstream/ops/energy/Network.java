package io.ebmstream.ops.energy;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a network is: an immutable graph of layers from an input [c, h, w] to an output [c, h, w].
 * An energy network's output is a single number; a generator's an image; a classifier's its logits.
 * How it is executed is a matter of {@code compute}.
 *
 * <p>Nodes stand in topological order; the last one is the output. A node reads the results of
 * earlier nodes, or the input itself, whose index is -1; a result may be read by several nodes.
 *
 * <p>Thread-safe: a value.
 */
public final class Network {
    /** Index of the network's input among the inputs of a node. */
    public static final int IMAGE = -1;

    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * One layer in the graph.
     *
     * @param name unique within the network; the prefix of its parameters' names
     * @param layer the operation
     * @param inputs indices of the nodes it reads, each smaller than its own
     */
    public record Node(String name, Layer layer, List<Integer> inputs) {
        public Node {
            inputs = List.copyOf(inputs);
        }
    }

    /**
     * Where one tensor lies in the flat parameter vector.
     *
     * @param name {@code node.weight}, {@code node.bias}, ..
     * @param shape as in {@link Layer}
     * @param offset index of its first value in the vector
     * @param fanIn number of inputs of one output, for initialisers
     * @param kind what it is
     */
    public record Parameter(
            String name, List<Integer> shape, int offset, int fanIn, ParameterKind kind) {
        public Parameter {
            shape = List.copyOf(shape);
        }

        /** Number of values. */
        public int size() {
            int size = 1;
            for (int i = 0; i < shape.size(); i++) {
                size = Math.multiplyExact(size, shape.get(i));
            }
            return size;
        }
    }

    private final String name;
    private final ImageShape input;
    private final List<Node> nodes;
    private final List<ImageShape> shapes;
    private final List<Parameter> parameters;
    private final int parameterCount;

    /**
     * @throws IllegalArgumentException if there is no node, two have one name, or shapes do not fit
     */
    @JsonCreator
    public Network(
            @JsonProperty("name") String name,
            @JsonProperty("input") ImageShape input,
            @JsonProperty("nodes") List<Node> nodes) {
        this.name = name;
        this.input = input;
        this.nodes = List.copyOf(nodes);
        List<ImageShape> inferred = new ArrayList<>();
        List<Parameter> laidOut = new ArrayList<>();
        Set<String> names = new HashSet<>();
        int offset = 0;
        for (Node node : this.nodes) {
            if (!names.add(node.name())) {
                throw new IllegalArgumentException(
                        "network "
                                + name
                                + ": expected one node named "
                                + node.name()
                                + ", found two");
            }
            inferred.add(infer(node, inferred));
            for (Layer.Tensor tensor : node.layer().tensors()) {
                Parameter parameter =
                        new Parameter(
                                node.name() + "." + tensor.name(),
                                tensor.shape(),
                                offset,
                                tensor.fanIn(),
                                tensor.kind());
                laidOut.add(parameter);
                offset = Math.addExact(offset, parameter.size());
            }
        }
        if (inferred.isEmpty()) {
            throw new IllegalArgumentException(
                    "expected at least one node for network " + name + ", found none");
        }
        this.shapes = List.copyOf(inferred);
        this.parameters = List.copyOf(laidOut);
        this.parameterCount = offset;
    }

    private ImageShape infer(Node node, List<ImageShape> before) {
        List<ImageShape> read = new ArrayList<>();
        for (int from : node.inputs()) {
            if (from < IMAGE || from >= before.size()) {
                throw new IllegalArgumentException(
                        "network "
                                + name
                                + ": expected input indices from -1 to "
                                + (before.size() - 1)
                                + " for node "
                                + node.name()
                                + ", found "
                                + from);
            }
            read.add(from == IMAGE ? input : before.get(from));
        }
        try {
            return node.layer().output(read);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "network " + name + ", node " + node.name() + ": " + e.getMessage(), e);
        }
    }

    @JsonProperty
    public String name() {
        return name;
    }

    /** Shape of one input. */
    @JsonProperty
    public ImageShape input() {
        return input;
    }

    @JsonProperty
    public List<Node> nodes() {
        return nodes;
    }

    /** Shape of each node's result, in the order of {@link #nodes()}. */
    public List<ImageShape> shapes() {
        return shapes;
    }

    /** Shape of one output: the last node's. */
    public ImageShape output() {
        return shapes.get(shapes.size() - 1);
    }

    /** Whether the output is a single number, as an energy is. */
    @JsonIgnore
    public boolean isEnergy() {
        return output().size() == 1;
    }

    /**
     * Layout of the flat parameter vector: everything that a model's state holds, batch
     * normalisation's running statistics among it.
     */
    public List<Parameter> parameters() {
        return parameters;
    }

    /**
     * Index in the parameter vector at which a tensor of a node begins.
     *
     * @param node index among {@link #nodes()}
     * @throws IllegalArgumentException if the node has no such tensor
     */
    public int offset(int node, ParameterKind kind) {
        String wanted = nodes.get(node).name() + "." + kind.label();
        return parameters.stream()
                .filter(parameter -> parameter.name().equals(wanted))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "expected a parameter " + wanted + " in " + this))
                .offset();
    }

    /** Length of the flat parameter vector. */
    public int parameterCount() {
        return parameterCount;
    }

    /** Shapes of what node {@code index} reads. */
    public List<ImageShape> inputShapes(int index) {
        return nodes.get(index).inputs().stream()
                .map(from -> from == IMAGE ? input : shapes.get(from))
                .toList();
    }

    /**
     * Floating point operations of one forward pass over one input: two for each multiply-add of
     * convolutions and dense layers; what touches every value only a few times is not counted.
     */
    public long forwardFlops() {
        long multiplyAdds = 0;
        for (int i = 0; i < nodes.size(); i++) {
            multiplyAdds += nodes.get(i).layer().multiplyAdds(shapes.get(i));
        }
        return 2 * multiplyAdds;
    }

    /**
     * Floating point operations of one Langevin step on one image: the forward pass and the
     * gradient by the image, twice the forward pass. Nominal: an executor may need fewer, because
     * it does not run the last layer, or computes a convolution and the pool behind it in one.
     */
    public long langevinStepFlops() {
        return 2 * forwardFlops();
    }

    /**
     * The network as JSON, readable by {@link #fromJson}. Stable: equal networks give equal text.
     */
    public String toJson() {
        try {
            return JSON.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("network " + name + " cannot be written as JSON", e);
        }
    }

    /**
     * @throws IllegalArgumentException if the text is not a network's
     */
    public static Network fromJson(String json) {
        try {
            return JSON.readValue(json, Network.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "expected a network as JSON, found: " + e.getOriginalMessage(), e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Network n
                && name.equals(n.name)
                && input.equals(n.input)
                && nodes.equals(n.nodes);
    }

    @Override
    public int hashCode() {
        return nodes.hashCode();
    }

    @Override
    public String toString() {
        return name + " " + input + " (" + parameterCount + " parameters)";
    }
}
