package io.ebmstream.ops.compute.onednn;

import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.compute.Mode;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.energy.Network;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.PointerScope;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The plans of one compiled network, built when they are first asked for, and their weights. In
 * inference mode there are two for each purpose, of a block and of one image, and all share their
 * weights; in training mode there are those of the last few numbers of images, each with its own.
 * Not thread-safe.
 */
final class Plans implements AutoCloseable {
    /**
     * Images that pass a layer together. Few, so that light networks' activations stay in the
     * cache; more than one, so that a layer's weights serve several images while they are there,
     * and calls count less. Wide networks gain from the latter: sngan32 runs up to a fifth faster
     * in blocks than image by image, sngan128 and light32 of 128 pixels likewise.
     */
    static final int BLOCK = 8;

    /** Plans that training mode keeps: with more numbers of images in turn they are built again. */
    private static final int KEPT = 4;

    private record Key(Purpose purpose, int images) {}

    private record Entry(Plan plan, NetworkWeights weights, PointerScope scope) {}

    private final Network network;
    private final Mode mode;
    private final Graph graph;
    private final float[] parameters;
    private final List<PointerScope> scopes = new ArrayList<>();
    private final Map<Key, Entry> plans = new LinkedHashMap<>(16, 0.75f, true);
    private final Descriptors descriptors;
    private final int blockSize;
    private Layout layout;
    private stream stream;
    private NetworkWeights shared;
    private Plan last;

    /** Whether the weights were made from other parameters than the vector's. */
    private boolean stale;

    private boolean isBuilt;

    /**
     * Builds the plans of {@link #common} at once.
     *
     * @param wantedBlock images of a block, or 0 for what suits the network
     * @param wantedLayout layout of the activations, or null for the best one here
     */
    Plans(
            Network network,
            int batch,
            Precision precision,
            Mode mode,
            int wantedBlock,
            Layout wantedLayout) {
        this.network = network;
        this.mode = mode;
        this.graph = Lowering.of(network, mode);
        this.parameters = new float[network.parameterCount()];
        this.descriptors =
                new Descriptors(
                        precision == Precision.FLOAT32
                                ? memory.data_type.f32
                                : memory.data_type.bf16);
        int wanted = wantedBlock == 0 ? BLOCK : wantedBlock;
        this.blockSize = batch < wanted ? 1 : wanted;
        try {
            PointerScope scope = open();
            try {
                stream = new stream(OneDnn.engine());
                layout = wantedLayout == null ? LayoutChoice.of(graph, descriptors) : wantedLayout;
            } finally {
                scope.close();
            }
            if (mode == Mode.INFERENCE) {
                shared = new NetworkWeights(graph, parameters, stream);
                of(common(), 1);
                of(common(), blockSize);
            }
            isBuilt = true;
        } finally {
            if (!isBuilt) {
                close();
            }
        }
    }

    Graph graph() {
        return graph;
    }

    /** The parameter vector; to be changed before {@link #reload}. */
    float[] parameters() {
        return parameters;
    }

    /** Most images that a plan runs at once in inference mode. */
    int blockSize() {
        return blockSize;
    }

    /** What outputs are taken from: for energies the plan that gives their gradients, too. */
    Purpose common() {
        return network.isEnergy() && mode == Mode.INFERENCE
                ? Purpose.ENERGY_GRADIENT
                : Purpose.OUTPUT;
    }

    /** The plan for the next images of a call: all of them in training mode. */
    Plan of(Purpose purpose, int left) {
        if (mode == Mode.TRAINING) {
            last = plan(purpose, left);
        } else {
            last = plan(purpose, left >= blockSize ? blockSize : 1);
            if (stale && isBuilt) {
                reload();
            }
        }
        return last;
    }

    /** The different plans that a call on n images runs. */
    List<Plan> all(Purpose purpose, int n) {
        Plan first = of(purpose, n);
        int rest = n % first.images();
        return rest == 0 ? List.of(first) : List.of(first, of(purpose, rest));
    }

    /** Makes all weights anew from the parameters. */
    void reload() {
        stale = false;
        if (shared != null) {
            shared.reload();
        } else {
            plans.values().forEach(entry -> entry.weights().reload());
        }
    }

    /**
     * Moves running statistics toward those of the last run.
     *
     * @throws IllegalStateException before a run
     */
    void updateRunningStatistics(INDArray vector) {
        if (last == null) {
            throw new IllegalStateException(
                    "expected a call of forward or gradient before updateRunningStatistics, found"
                            + " none");
        }
        float[] moved = new float[parameters.length];
        FloatArrays.read(vector, 0, moved, 0, moved.length);
        last.moveStatistics(moved);
        FloatArrays.write(moved, 0, vector, 0, moved.length);
    }

    @Override
    public void close() {
        scopes.forEach(PointerScope::close);
        scopes.clear();
        plans.clear();
    }

    private Plan plan(Purpose purpose, int images) {
        Key key = new Key(purpose, images);
        Entry known = plans.get(key);
        if (known == null) {
            if (mode == Mode.TRAINING) {
                makeRoom();
            }
            known = build(key);
            if (images > 1 && mode == Mode.INFERENCE) {
                Plan single = plan(purpose, 1);
                stale = true;
                if (!SameBits.hold(known.plan(), single, network, shared)) {
                    known = plans.get(new Key(purpose, 1));
                }
            }
            plans.put(key, known);
        }
        return known.plan();
    }

    /** What a failed attempt allocated stays until all is closed: shared weights may know it. */
    private Entry build(Key key) {
        PointerScope scope = open();
        try {
            NetworkWeights weights =
                    shared == null ? new NetworkWeights(graph, parameters, stream) : shared;
            Plan plan =
                    new Plan(
                            key.images(),
                            graph,
                            mode,
                            key.purpose(),
                            weights,
                            descriptors,
                            layout,
                            stream);
            return new Entry(plan, weights, scope);
        } finally {
            scope.close();
        }
    }

    private void makeRoom() {
        if (plans.size() >= KEPT) {
            Iterator<Entry> eldest = plans.values().iterator();
            Entry entry = eldest.next();
            eldest.remove();
            scopes.remove(entry.scope());
            entry.scope().close();
        }
    }

    /** A scope for what is allocated until it is closed; closed once more, it frees that. */
    private PointerScope open() {
        PointerScope scope = new PointerScope();
        scope.extend();
        scopes.add(scope);
        return scope;
    }
}
