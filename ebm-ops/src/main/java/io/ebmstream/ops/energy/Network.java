package io.ebmstream.ops.energy;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;

/**
 * What an energy network is: an immutable graph of layers from an image [c, h, w] to its energy, a
 * single number. How it is executed is a matter of {@code compute}.
 *
 * <p>Nodes stand in topological order. Node i reads the result of node {@code inputs.get(0)}; the
 * image itself has index -1. The last node's shape is 1x1x1: the energy U(x).
 *
 * <p>Thread-safe: a value.
 */
public final class Network {
    /** Index of the image among the inputs of a node. */
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
     * @param name {@code node.weight} or {@code node.bias}
     * @param shape as in {@link Layer}
     * @param offset index of its first value in the vector
     * @param fanIn number of inputs of one output, for initialisers
     */
    public record Parameter(String name, List<Integer> shape, int offset, int fanIn) {
        public Parameter {
            shape = List.copyOf(shape);
        }

        /** Number of values. */
        public int size() {
            return shape.stream().reduce(1, Math::multiplyExact);
        }
    }

    private final String name;
    private final ImageShape input;
    private final List<Node> nodes;
    private final List<ImageShape> shapes;
    private final List<Parameter> parameters;
    private final int parameterCount;

    /**
     * @throws IllegalArgumentException if shapes do not fit or the result is not a single number
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
        int offset = 0;
        for (int i = 0; i < this.nodes.size(); i++) {
            Node node = this.nodes.get(i);
            if (node.inputs().size() != 1) {
                throw new IllegalArgumentException(
                        "expected one input for node " + node.name() + ", found " + node.inputs());
            }
            int from = node.inputs().get(0);
            if (from < IMAGE || from >= i) {
                throw new IllegalArgumentException(
                        "expected an input index from -1 to "
                                + (i - 1)
                                + " for node "
                                + node.name()
                                + ", found "
                                + from);
            }
            ImageShape shape = from == IMAGE ? input : inferred.get(from);
            try {
                inferred.add(node.layer().output(shape));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "network " + name + ", node " + node.name() + ": " + e.getMessage(), e);
            }
            if (node.layer() instanceof Layer.Conv2d conv) {
                int fanIn = conv.in() * conv.kernel() * conv.kernel();
                laidOut.add(
                        new Parameter(
                                node.name() + ".weight",
                                List.of(conv.out(), conv.in(), conv.kernel(), conv.kernel()),
                                offset,
                                fanIn));
                offset = Math.addExact(offset, conv.weights());
                laidOut.add(
                        new Parameter(node.name() + ".bias", List.of(conv.out()), offset, fanIn));
                offset = Math.addExact(offset, conv.out());
            }
        }
        if (inferred.isEmpty() || inferred.get(inferred.size() - 1).size() != 1) {
            throw new IllegalArgumentException(
                    "expected network "
                            + name
                            + " to end in a single number (1x1x1), found "
                            + (inferred.isEmpty()
                                    ? "no layer"
                                    : inferred.get(inferred.size() - 1)));
        }
        this.shapes = List.copyOf(inferred);
        this.parameters = List.copyOf(laidOut);
        this.parameterCount = offset;
    }

    @JsonProperty
    public String name() {
        return name;
    }

    /** Shape of one image. */
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

    /** Layout of the flat parameter vector. */
    public List<Parameter> parameters() {
        return parameters;
    }

    /** Length of the flat parameter vector. */
    public int parameterCount() {
        return parameterCount;
    }

    /** Shape of what node {@code index} reads. */
    public ImageShape inputShape(int index) {
        int from = nodes.get(index).inputs().get(0);
        return from == IMAGE ? input : shapes.get(from);
    }

    /**
     * Floating point operations of one forward pass over one image, two for each multiply-add;
     * activations are not counted.
     */
    public long forwardFlops() {
        long flops = 0;
        for (int i = 0; i < nodes.size(); i++) {
            if (nodes.get(i).layer() instanceof Layer.Conv2d conv) {
                flops += 2L * conv.weights() * shapes.get(i).height() * shapes.get(i).width();
            }
        }
        return flops;
    }

    /**
     * Floating point operations of one Langevin step on one image: the forward pass and the
     * gradient by the image, twice the forward pass. The last layer's share is counted although a
     * planned executor need not run it: it is below 0.2 % in every network here.
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
