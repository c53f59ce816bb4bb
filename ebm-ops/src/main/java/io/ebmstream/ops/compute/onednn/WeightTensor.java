package io.ebmstream.ops.compute.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_FROM;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_TO;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.stream;

/**
 * A tensor made from the parameter vector, in every order that a primitive asked for. Native memory
 * belongs to the scope that was open at construction.
 */
final class WeightTensor {
    private final String name;
    private final stream stream;
    private final memory plain;
    private final FloatBuffer values;
    private final BiConsumer<float[], float[]> composition;
    private final List<memory> formatted = new ArrayList<>();
    private final List<Operation> reorders = new ArrayList<>();

    /**
     * @param plainDesc float32 in plain order
     * @param composition writes the tensor in plain order, given the parameter vector
     */
    WeightTensor(
            String name,
            memory.desc plainDesc,
            BiConsumer<float[], float[]> composition,
            stream stream) {
        this.name = name;
        this.stream = stream;
        this.composition = composition;
        this.plain = OneDnn.allocate(plainDesc);
        this.values = OneDnn.floats(plain);
    }

    /** Number of values. */
    int size() {
        return values.capacity();
    }

    /** Memory of the given order, kept up to date by {@link #load}. */
    memory in(memory.desc desc) {
        if (plain.get_desc().equals(desc)) {
            return plain;
        }
        for (memory known : formatted) {
            if (known.get_desc().equals(desc)) {
                return known;
            }
        }
        memory added = OneDnn.allocate(desc);
        Operation reorder =
                new Operation(
                        "reorder of " + name,
                        new reorder(plain, added),
                        stream,
                        new Operation.Argument(DNNL_ARG_FROM, plain),
                        new Operation.Argument(DNNL_ARG_TO, added));
        reorder.run();
        formatted.add(added);
        reorders.add(reorder);
        return added;
    }

    /**
     * Takes a new parameter vector.
     *
     * @param scratch at least as long as the tensor
     */
    void load(float[] parameters, float[] scratch) {
        composition.accept(parameters, scratch);
        values.put(0, scratch, 0, values.capacity());
        Operation.runAll(reorders);
    }
}
