package io.ebmstream.ops.guard;

import io.ebmstream.ops.state.StateReader;
import io.ebmstream.ops.state.StateWriter;
import java.util.List;
import java.util.Locale;

/**
 * Watches d swing: an autocorrelation at lag 1 far below 0 says that the model moves faster than
 * its chains follow, which a lower rate cures. After it acted it waits for a whole new window. Not
 * thread-safe.
 */
final class OscillationRail {
    private final GuardConfig config;
    private int since;

    OscillationRail(GuardConfig config) {
        this.config = config;
    }

    void observe(UpdateWindow differences, boolean armed, List<GuardAction> to) {
        if (config.oscillation() == GuardConfig.NO_OSCILLATION) {
            return;
        }
        since++;
        if (!armed || since < config.window()) {
            return;
        }
        double correlation = differences.autocorrelation();
        if (correlation < config.oscillation()) {
            since = 0;
            to.add(
                    new GuardAction(
                            GuardRemedy.SLOW,
                            GuardSign.OSCILLATION,
                            String.format(
                                    Locale.ROOT,
                                    "autocorrelation of d at lag 1 is %.2f over %d updates; rate"
                                            + " times %.2f",
                                    correlation,
                                    differences.size(),
                                    config.slowdown())));
        }
    }

    void write(StateWriter writer) {
        writer.putInt(since);
    }

    void read(StateReader reader) {
        since = reader.nextInt();
    }
}
