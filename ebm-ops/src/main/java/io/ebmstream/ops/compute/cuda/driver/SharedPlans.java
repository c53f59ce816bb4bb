package io.ebmstream.ops.compute.cuda.driver;

import io.ebmstream.ops.compute.cuda.gpu.ConvolutionSpec;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Plans by what they compute, each made once: cuDNN compiles kernels for it, which takes a second
 * or two. A plan that nobody uses stays, until there are too many. Not thread-safe.
 *
 * @param <P> a plan
 */
final class SharedPlans<P extends AutoCloseable> implements AutoCloseable {
    /** Plans that are kept; more if more are in use. */
    static final int KEPT = 512;

    private final Map<ConvolutionSpec, Shared<P>> plans = new LinkedHashMap<>(16, 0.75f, true);

    private static final class Shared<P> {
        private final P plan;
        private int users;

        Shared(P plan) {
            this.plan = plan;
        }
    }

    /** Whether there is a plan, which is kept for those who {@link #take} it. */
    boolean has(ConvolutionSpec spec, Function<ConvolutionSpec, Optional<P>> find) {
        return shared(spec, find).isPresent();
    }

    /** A plan, which the caller gives back; none if there is no way. */
    Optional<P> take(ConvolutionSpec spec, Function<ConvolutionSpec, Optional<P>> find) {
        Optional<Shared<P>> shared = shared(spec, find);
        shared.ifPresent(s -> s.users++);
        return shared.map(s -> s.plan);
    }

    /** Gives a plan back. */
    void give(ConvolutionSpec spec) {
        plans.get(spec).users--;
        evict();
    }

    private Optional<Shared<P>> shared(
            ConvolutionSpec spec, Function<ConvolutionSpec, Optional<P>> find) {
        Shared<P> shared = plans.get(spec);
        if (shared == null) {
            Optional<P> plan = find.apply(spec);
            if (plan.isEmpty()) {
                return Optional.empty();
            }
            evict();
            shared = new Shared<>(plan.get());
            plans.put(spec, shared);
        }
        return Optional.of(shared);
    }

    private void evict() {
        Iterator<Shared<P>> oldest = plans.values().iterator();
        while (plans.size() >= KEPT && oldest.hasNext()) {
            Shared<P> shared = oldest.next();
            if (shared.users == 0) {
                oldest.remove();
                close(shared.plan);
            }
        }
    }

    private static void close(AutoCloseable plan) {
        try {
            plan.close();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        plans.values().forEach(shared -> close(shared.plan));
        plans.clear();
    }
}
