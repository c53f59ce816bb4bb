package io.ebmstream.job.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.energy.Network;
import io.ebmstream.ops.energy.NetworkCosts;
import io.ebmstream.ops.energy.NetworkFamily;
import io.ebmstream.ops.energy.NetworkRole;
import io.ebmstream.ops.energy.Networks;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ebm describe}: a network's nodes, shapes, parameters, operations and memory. */
@Command(
        name = "describe",
        description = {
            "List the networks, or one network's nodes with shapes, parameters, operations and"
                    + " memory.",
            "Memory is counted from the graph; an executor may need somewhat less or more."
        })
final class DescribeCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final double MEGA = 1e6;
    private static final double MIB = 1 << 20;

    @Spec private CommandSpec spec;

    @Option(
            names = "--network",
            paramLabel = "NAME",
            showDefaultValue = Visibility.NEVER,
            description = "Which one, wrn-d-k among them. Without: list all.")
    private String name;

    @Option(
            names = "--size",
            paramLabel = "PIXELS",
            showDefaultValue = Visibility.NEVER,
            description = "Side of the square images that it reads or makes. The papers' without.")
    private Integer size;

    @Option(
            names = "--channels",
            paramLabel = "C",
            defaultValue = "3",
            description = "Channels of the images.")
    private int channels;

    @Option(
            names = "--width",
            paramLabel = "N",
            showDefaultValue = Visibility.NEVER,
            description = "Channels that all layers are multiples of. The papers' without.")
    private Integer width;

    @Option(
            names = "--batch",
            paramLabel = "B",
            defaultValue = "64",
            description = "Images at once, for the memory.")
    private int batch;

    @Option(
            names = "--precision",
            paramLabel = "NAME",
            defaultValue = "float32",
            description = "Number format of activations: float32, tf32 or bf16.")
    private String precision;

    @Option(names = "--json", description = "One JSON object in place of the table.")
    private boolean json;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        if (name == null) {
            list(out);
        } else if (batch < 1) {
            throw new UsageException("--batch: expected at least 1, found " + batch);
        } else {
            describe(out);
        }
        out.flush();
        return ExitCode.OK;
    }

    private void list(PrintWriter out) {
        if (json) {
            List<Map<String, Object>> all = new ArrayList<>();
            for (NetworkFamily family : Networks.all()) {
                Map<String, Object> one = new LinkedHashMap<>();
                one.put("name", family.name());
                one.put("role", family.role().label());
                one.put("default_width", family.defaultWidth());
                one.put("default_size", family.defaultSize());
                one.put("sizes", family.sizes());
                one.put("summary", family.summary());
                all.add(one);
            }
            out.println(write(all));
            return;
        }
        String row = "%-20s %-10s %5s  %-36s %s%n";
        out.printf(Locale.ROOT, row, "network", "role", "width", "images", "what");
        for (NetworkFamily family : Networks.all()) {
            out.printf(
                    Locale.ROOT,
                    row,
                    family.name(),
                    family.role().label(),
                    family.defaultWidth(),
                    family.sizes(),
                    family.summary());
        }
    }

    private void describe(PrintWriter out) {
        int bytes = bytesPerValue();
        NetworkFamily family;
        Network network;
        try {
            family = Networks.named(name);
            int side = size == null ? family.defaultSize() : size;
            ImageShape image = new ImageShape(channels, side, side);
            network = width == null ? family.build(image) : family.build(image, width);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new UsageException(e.getMessage(), e);
        }
        NetworkCosts costs = NetworkCosts.of(network);
        if (json) {
            out.println(write(json(family, network, costs, bytes)));
        } else {
            table(out, family, network, costs, bytes);
        }
    }

    private int bytesPerValue() {
        for (Precision known : Precision.values()) {
            if (known.label().equals(precision)) {
                return known.bytes();
            }
        }
        throw new UsageException("--precision: expected float32, tf32 or bf16, found " + precision);
    }

    private void table(
            PrintWriter out, NetworkFamily family, Network network, NetworkCosts costs, int bytes) {
        out.printf(
                Locale.ROOT,
                "%s (%s): %s -> %s, batch %d, %s%n",
                network.name(),
                family.role().label(),
                network.input(),
                network.output(),
                batch,
                precision);
        int widest = costs.nodes().stream().mapToInt(node -> node.name().length()).max().orElse(0);
        String row = "%-" + Math.max(widest, "node".length()) + "s  %-16s %12s %12s %12s %12s%n";
        out.printf(Locale.ROOT, row, "node", "layer", "output", "parameters", "MFLOP/image", "MiB");
        for (NetworkCosts.NodeCosts node : costs.nodes()) {
            out.printf(
                    Locale.ROOT,
                    row,
                    node.name(),
                    node.layer(),
                    node.output(),
                    String.format(Locale.ROOT, "%,d", node.parameters()),
                    decimal(node.forwardFlops() / MEGA),
                    mebibytes(node.output().size(), bytes));
        }
        out.printf(
                Locale.ROOT,
                "parameters  %,d (%,d trainable), %s MiB as float32%n",
                costs.parameters(),
                costs.trainable(),
                decimal(costs.parameters() * Precision.FLOAT32.bytes() / MIB));
        out.printf(
                Locale.ROOT,
                "operations  %s MFLOP an image forward%s%n",
                decimal(costs.forwardFlops() / MEGA),
                family.role() == NetworkRole.ENERGY
                        ? ", " + decimal(network.langevinStepFlops() / MEGA) + " a Langevin step"
                        : "");
        out.printf(
                Locale.ROOT,
                "activations %s MiB forward, %s MiB for gradients%n",
                mebibytes(costs.forwardValues(), bytes),
                mebibytes(costs.gradientValues(), bytes));
    }

    private Map<String, Object> json(
            NetworkFamily family, Network network, NetworkCosts costs, int bytes) {
        List<Map<String, Object>> nodes = new ArrayList<>();
        for (NetworkCosts.NodeCosts node : costs.nodes()) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("name", node.name());
            one.put("layer", node.layer());
            one.put("output", shape(node.output()));
            one.put("parameters", node.parameters());
            one.put("forward_flops", node.forwardFlops());
            one.put("activation_bytes", (long) batch * bytes * node.output().size());
            nodes.add(one);
        }
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("network", network.name());
        all.put("role", family.role().label());
        all.put("width", width == null ? family.defaultWidth() : width);
        all.put("input", shape(network.input()));
        all.put("output", shape(network.output()));
        all.put("batch", batch);
        all.put("precision", precision);
        all.put("parameters", costs.parameters());
        all.put("trainable_parameters", costs.trainable());
        all.put("forward_flops", costs.forwardFlops());
        if (family.role() == NetworkRole.ENERGY) {
            all.put("langevin_step_flops", network.langevinStepFlops());
        }
        all.put("forward_activation_bytes", batch * bytes * costs.forwardValues());
        all.put("gradient_activation_bytes", batch * bytes * costs.gradientValues());
        all.put("nodes", nodes);
        return all;
    }

    private static List<Integer> shape(ImageShape shape) {
        return List.of(shape.channels(), shape.height(), shape.width());
    }

    private String mebibytes(long valuesPerImage, int bytes) {
        return decimal(valuesPerImage * (double) batch * bytes / MIB);
    }

    private static String decimal(double value) {
        return String.format(Locale.ROOT, "%,.2f", value);
    }

    private static String write(Object value) {
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a description cannot be written as JSON", e);
        }
    }
}
