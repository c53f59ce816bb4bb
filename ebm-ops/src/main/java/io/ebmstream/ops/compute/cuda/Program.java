package io.ebmstream.ops.compute.cuda;

import io.ebmstream.ops.compute.cuda.gpu.GpuGraph;
import io.ebmstream.ops.compute.cuda.gpu.GpuStream;
import java.util.List;

/**
 * Commands in order, recorded as a graph before they are of use. A program over and over is a graph
 * of its own. Belongs to one stream; not thread-safe.
 */
final class Program implements AutoCloseable {
    /** Repetitions in a graph: enough that the launch of a graph costs little beside them. */
    static final int REPEATED = 8;

    /** One launch with everything that it needs. */
    @FunctionalInterface
    interface Command {
        void queue(GpuStream stream);
    }

    private final List<Command> commands;
    private GpuGraph once;
    private GpuGraph repeated;

    Program(List<Command> commands) {
        this.commands = List.copyOf(commands);
    }

    /**
     * Runs all commands once, on whatever the tensors hold, and records them: libraries load the
     * code of a kernel when it first runs, which is no good within a recording.
     */
    Program warmedUp(GpuStream stream) {
        commands.forEach(command -> command.queue(stream));
        stream.synchronize();
        once = record(stream, 1);
        return this;
    }

    /** Queues all commands. */
    void run(GpuStream stream) {
        stream.launch(once);
    }

    /** Queues all commands so many times. */
    void run(GpuStream stream, int times) {
        if (times >= REPEATED && repeated == null) {
            repeated = record(stream, REPEATED);
        }
        for (int i = 0; i < times / REPEATED; i++) {
            stream.launch(repeated);
        }
        for (int i = 0; i < times % REPEATED; i++) {
            run(stream);
        }
    }

    private GpuGraph record(GpuStream stream, int times) {
        return stream.capture(
                () -> {
                    for (int i = 0; i < times; i++) {
                        commands.forEach(command -> command.queue(stream));
                    }
                });
    }

    @Override
    public void close() {
        for (GpuGraph graph : new GpuGraph[] {once, repeated}) {
            if (graph != null) {
                graph.close();
            }
        }
        once = null;
        repeated = null;
    }
}
