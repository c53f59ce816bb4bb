package io.ebmstream.ops.compute;

import io.ebmstream.ops.energy.Network;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Compiled networks of one owner by (network, batch, precision, mode). Building one takes some
 * tenths of a second and native memory, so an owner that needs several, or one again, asks here.
 * Never holds more than a given number: before one more is built, the one that was asked for
 * longest ago is closed.
 *
 * <p>The plans stay the cache's: do not close them, and do not use one after as many others were
 * asked for as the cache holds. A plan keeps the weights that it was given last; a new one has
 * none.
 *
 * <p>Not thread-safe: one for each thread that computes. Close it to free all plans.
 */
public final class PlanCache implements AutoCloseable {

    private record Key(Network network, int batch, Precision precision, Mode mode) {}

    private final Executor executor;
    private final int capacity;
    private final Map<Key, CompiledNetwork> plans = new LinkedHashMap<>(16, 0.75f, true);
    private boolean closed;

    /**
     * @param executor builds the plans
     * @param capacity most plans at a time, at least 1
     * @throws IllegalArgumentException if the capacity is below 1
     */
    public PlanCache(Executor executor, int capacity) {
        if (capacity < 1) {
            throw new IllegalArgumentException(
                    "expected a capacity of at least 1 plan, found " + capacity);
        }
        this.executor = executor;
        this.capacity = capacity;
    }

    /** {@link #plan(Network, int, Precision, Mode)} for {@link Mode#INFERENCE}. */
    public CompiledNetwork plan(Network network, int batch, Precision precision) {
        return plan(network, batch, precision, Mode.INFERENCE);
    }

    /**
     * The plan for this, built if there is none.
     *
     * @param network the network
     * @param batch most images in one call, at least 1
     * @param precision one that the executor has here
     * @param mode statistics of batch normalisation
     * @throws UnsupportedOperationException if the executor cannot run it
     * @throws IllegalStateException if the cache is closed
     */
    public CompiledNetwork plan(Network network, int batch, Precision precision, Mode mode) {
        if (closed) {
            throw new IllegalStateException("the plan cache is closed");
        }
        Key key = new Key(network, batch, precision, mode);
        CompiledNetwork plan = plans.get(key);
        if (plan == null) {
            while (plans.size() >= capacity) {
                Iterator<CompiledNetwork> oldest = plans.values().iterator();
                oldest.next().close();
                oldest.remove();
            }
            plan = executor.compile(network, batch, precision, mode);
            plans.put(key, plan);
        }
        return plan;
    }

    /** Number of plans that it holds now. */
    public int size() {
        return plans.size();
    }

    /** Frees all plans. Closing twice is harmless. */
    @Override
    public void close() {
        closed = true;
        plans.values().forEach(CompiledNetwork::close);
        plans.clear();
    }
}
