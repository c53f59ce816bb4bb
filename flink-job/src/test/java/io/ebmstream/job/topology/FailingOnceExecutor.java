package io.ebmstream.job.topology;

import io.ebmstream.job.TamperedExecutor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** The reference executor, whose next Langevin run fails once it is told so. */
final class FailingOnceExecutor extends TamperedExecutor {
    static final AtomicBoolean ARMED = new AtomicBoolean();
    static final AtomicInteger FAILURES = new AtomicInteger();

    FailingOnceExecutor() {
        super(
                (method, arguments) -> {
                    if (method.equals("langevin") && ARMED.compareAndSet(true, false)) {
                        FAILURES.incrementAndGet();
                        throw new IllegalStateException("the failure that the test asked for");
                    }
                });
    }
}
