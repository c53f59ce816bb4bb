package io.ebmstream.ops.compute.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_execute;

import java.util.List;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.dnnl.dnnl_stream;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.stream;

/** A primitive with its arguments bound: running it allocates nothing on the Java heap. */
final class Operation {

    /** One argument: oneDNN's index of it and its memory. */
    record Argument(int index, memory memory) {}

    private final String name;
    private final primitive owner;
    private final dnnl_primitive handle;
    private final dnnl_stream queue;
    private final dnnl_exec_arg_t arguments;
    private final int count;

    Operation(String name, primitive primitive, stream stream, Argument... bound) {
        this.name = name;
        this.owner = primitive;
        this.handle = primitive.get();
        this.queue = stream.get();
        this.count = bound.length;
        this.arguments = new dnnl_exec_arg_t(count);
        for (int i = 0; i < count; i++) {
            arguments.getPointer(i).arg(bound[i].index()).memory(bound[i].memory().get());
        }
    }

    /** Runs to the end: a CPU stream is synchronous. */
    void run() {
        OneDnn.check(dnnl_primitive_execute(handle, queue, count, arguments), name);
    }

    static void runAll(List<Operation> operations) {
        for (int i = 0; i < operations.size(); i++) {
            operations.get(i).run();
        }
    }

    @Override
    public String toString() {
        return name + " " + owner.get_kind();
    }
}
