package io.ebmstream.ops.compute.cuda.driver;

import io.ebmstream.ops.compute.cuda.gpu.ConvolutionSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.cuda.global.cudnn;

/**
 * A convolution with the engine that cuDNN computes it by: the first one that its heuristics name,
 * that {@link EngineRules} allow and that takes it. Holds all descriptors that it was made of.
 */
final class ConvolutionPlan implements AutoCloseable {
    /** Most engine configurations that are looked at of one kind of heuristics. */
    private static final int CHOICES = 64;

    private static final int NOTES = cudnn.CUDNN_NUMERICAL_NOTE_TYPE_COUNT;
    private static final int KNOBS = 64;

    private final ConvolutionGraph graph;
    private final Descriptor configuration;
    private final Descriptor plan;
    private final long workspace;
    private final String engine;

    private ConvolutionPlan(
            ConvolutionGraph graph, Descriptor configuration, Descriptor plan, String engine) {
        this.graph = graph;
        this.configuration = configuration;
        this.plan = plan;
        this.engine = engine;
        this.workspace = plan.longValue(cudnn.CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE);
    }

    /** A plan, or none if no allowed engine takes the convolution. */
    static Optional<ConvolutionPlan> find(ConvolutionSpec spec, CudnnTarget target) {
        Optional<ConvolutionPlan> plan = find(spec, target, cudnn.CUDNN_HEUR_MODE_A);
        return plan.isPresent() ? plan : find(spec, target, cudnn.CUDNN_HEUR_MODE_FALLBACK);
    }

    /** A plan by an engine that is meant to be fast: the last resorts are left out. */
    static Optional<ConvolutionPlan> findFast(ConvolutionSpec spec, CudnnTarget target) {
        return find(spec, target, cudnn.CUDNN_HEUR_MODE_A);
    }

    private static Optional<ConvolutionPlan> find(
            ConvolutionSpec spec, CudnnTarget target, int mode) {
        ConvolutionGraph graph = new ConvolutionGraph(spec, target);
        Optional<ConvolutionPlan> plan = Optional.empty();
        try {
            plan = find(spec, target, graph, mode);
            return plan;
        } finally {
            if (plan.isEmpty()) {
                graph.close();
            }
        }
    }

    private static Optional<ConvolutionPlan> find(
            ConvolutionSpec spec, CudnnTarget target, ConvolutionGraph graph, int mode) {
        List<Descriptor> choices = choices(target, graph, mode);
        Descriptor kept = null;
        try {
            for (Descriptor choice : choices) {
                Optional<String> engine = engine(choice, spec);
                if (engine.isPresent()) {
                    Descriptor plan = plan(choice, target);
                    if (plan != null) {
                        kept = choice;
                        return Optional.of(new ConvolutionPlan(graph, choice, plan, engine.get()));
                    }
                }
            }
            return Optional.empty();
        } finally {
            for (Descriptor choice : choices) {
                if (choice != kept) {
                    choice.close();
                }
            }
        }
    }

    private static List<Descriptor> choices(CudnnTarget target, ConvolutionGraph graph, int mode) {
        try (Descriptor heuristics =
                new Descriptor(
                        cudnn.CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR, "a choice among engines")) {
            heuristics
                    .descriptors(cudnn.CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph.graph())
                    .number(cudnn.CUDNN_ATTR_ENGINEHEUR_MODE, cudnn.CUDNN_TYPE_HEUR_MODE, mode);
            target.aimHeuristics(heuristics);
            // Heuristics refuse what no engine takes.
            return heuristics.finishIfSupported()
                    ? heuristics.answers(
                            cudnn.CUDNN_ATTR_ENGINEHEUR_RESULTS,
                            cudnn.CUDNN_BACKEND_ENGINECFG_DESCRIPTOR,
                            "an engine's configuration",
                            CHOICES)
                    : List.of();
        }
    }

    /** What engine a configuration is of, for people; none if it is not allowed. */
    private static Optional<String> engine(Descriptor choice, ConvolutionSpec spec) {
        List<Descriptor> engines = List.of();
        List<Descriptor> settings = List.of();
        try {
            engines =
                    choice.answers(
                            cudnn.CUDNN_ATTR_ENGINECFG_ENGINE,
                            cudnn.CUDNN_BACKEND_ENGINE_DESCRIPTOR,
                            "an engine",
                            1);
            settings =
                    choice.answers(
                            cudnn.CUDNN_ATTR_ENGINECFG_KNOB_CHOICES,
                            cudnn.CUDNN_BACKEND_KNOB_CHOICE_DESCRIPTOR,
                            "an engine's setting",
                            KNOBS);
            List<Integer> notes =
                    engines.get(0)
                            .numbers(
                                    cudnn.CUDNN_ATTR_ENGINE_NUMERICAL_NOTE,
                                    cudnn.CUDNN_TYPE_NUMERICAL_NOTE,
                                    NOTES);
            Map<Integer, Long> knobs = new HashMap<>();
            for (Descriptor setting : settings) {
                int type =
                        setting.numbers(
                                        cudnn.CUDNN_ATTR_KNOB_CHOICE_KNOB_TYPE,
                                        cudnn.CUDNN_TYPE_KNOB_TYPE,
                                        1)
                                .get(0);
                knobs.put(type, setting.longValue(cudnn.CUDNN_ATTR_KNOB_CHOICE_KNOB_VALUE));
            }
            if (!EngineRules.allows(notes, spec.precision()) || !EngineRules.isFairToSlots(knobs)) {
                return Optional.empty();
            }
            long index = engines.get(0).longValue(cudnn.CUDNN_ATTR_ENGINE_GLOBAL_INDEX);
            return Optional.of("engine " + index + ", notes " + notes + ", knobs " + knobs);
        } finally {
            List<Descriptor> all = new ArrayList<>(engines);
            all.addAll(settings);
            all.forEach(Descriptor::close);
        }
    }

    /** A finished plan, or null if the engine does not take it after all. */
    private static Descriptor plan(Descriptor choice, CudnnTarget target) {
        Descriptor plan = new Descriptor(cudnn.CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR, "a plan");
        boolean done = false;
        try {
            target.aimPlan(plan);
            plan.descriptors(cudnn.CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, choice);
            done = plan.finishIfSupported();
            return done ? plan : null;
        } finally {
            if (!done) {
                plan.close();
            }
        }
    }

    Descriptor plan() {
        return plan;
    }

    long workspace() {
        return workspace;
    }

    /** Which engine it is, for people. */
    String engine() {
        return engine;
    }

    @Override
    public void close() {
        plan.close();
        configuration.close();
        graph.close();
    }
}
