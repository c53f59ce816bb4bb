package io.ebmstream.ops.guard;

import io.ebmstream.ops.state.StateReader;
import io.ebmstream.ops.state.StateWriter;
import java.util.List;
import java.util.Locale;

/**
 * Watches the chains themselves: whether they leave the range of pixels, saturate, or have become
 * alike. Not thread-safe.
 */
final class ChainRail {
    /** Updates between two restarts of chains: those restarted need time to show in a batch. */
    private static final int REST = 25;

    /**
     * Saturated pixels beyond the data's share that do no harm: 0.03 in a healthy model of
     * Fashion-MNIST, 0.1 while it forms.
     */
    static final double SLACK = 0.2;

    /** Own bounds lie above what the first phase showed by this factor. */
    private static final double WIDER = 2;

    /** Diversity must come back by this much above its bound before rejuvenation settles. */
    private static final double RECOVERED = 1.5;

    private final GuardConfig config;
    private final UpdateWindow first;
    private double restart;
    private double lost;
    private double least;
    private int beyond;
    private int rest;

    ChainRail(GuardConfig config) {
        this.config = config;
        first = new UpdateWindow(config.warmup() / 2);
        restart = config.restartShare();
        lost = config.lostShare();
        least = config.diversity();
    }

    boolean calm() {
        return beyond == 0 && rest == 0;
    }

    /**
     * @param refreshed whether chains restart more often than configured
     */
    void observe(GuardObservation seen, boolean armed, boolean refreshed, List<GuardAction> to) {
        if (!armed) {
            widen(seen);
            return;
        }
        rest = Math.max(0, rest - 1);
        observeRange(seen, to);
        observeDiversity(seen, refreshed, to);
    }

    private void widen(GuardObservation seen) {
        if (config.ownBounds()) {
            first.add(seen.chainsOutOfRange());
            restart = Math.max(config.restartShare(), WIDER * first.median());
            lost = Math.max(config.lostShare(), WIDER * first.median());
            if (seen.dataDiversity() > 0) {
                double ratio = seen.chainDiversity() / seen.dataDiversity();
                least = Math.min(config.diversity(), ratio / WIDER);
            }
        }
    }

    private void observeRange(GuardObservation seen, List<GuardAction> to) {
        double share = seen.chainsOutOfRange();
        beyond = share > lost ? beyond + 1 : 0;
        if (beyond == config.lostRun()) {
            to.add(
                    new GuardAction(
                            GuardRemedy.ROLL_BACK,
                            GuardSign.OUT_OF_RANGE,
                            says(
                                    "%.0f %% of chains out of range for %d updates",
                                    100 * share, beyond)));
        } else if (share > restart && rest == 0) {
            rest = REST;
            to.add(
                    new GuardAction(
                            GuardRemedy.RESTART_CHAINS,
                            GuardSign.OUT_OF_RANGE,
                            says("%.1f %% of chains out of range; they restart", 100 * share)));
        } else if (rest == 0
                && seen.saturatedChains() > config.saturation() * seen.saturatedData()
                && seen.saturatedChains() > seen.saturatedData() + SLACK) {
            rest = REST;
            to.add(
                    new GuardAction(
                            GuardRemedy.RESTART_CHAINS,
                            GuardSign.SATURATION,
                            says(
                                    "%.1f %% of chain pixels beyond 1.1 against %.1f %% of the noised"
                                            + " data's; the most saturated chains restart",
                                    100 * seen.saturatedChains(), 100 * seen.saturatedData())));
        }
    }

    private void observeDiversity(GuardObservation seen, boolean refreshed, List<GuardAction> to) {
        if (!(seen.dataDiversity() > 0) || Double.isNaN(seen.chainDiversity())) {
            return;
        }
        double ratio = seen.chainDiversity() / seen.dataDiversity();
        if (ratio < least) {
            to.add(
                    new GuardAction(
                            GuardRemedy.REFRESH,
                            GuardSign.DIVERSITY,
                            says(
                                    "diversity of the bank %.2f of the data's, below %.2f; chains"
                                            + " restart more often",
                                    ratio, least)));
        } else if (refreshed && ratio > RECOVERED * least) {
            to.add(
                    new GuardAction(
                            GuardRemedy.SETTLE,
                            GuardSign.DIVERSITY,
                            says("diversity of the bank %.2f of the data's again", ratio)));
        }
    }

    private static String says(String text, Object... values) {
        return String.format(Locale.ROOT, text, values);
    }

    void write(StateWriter writer) {
        first.write(writer);
        writer.putDouble(restart).putDouble(lost).putDouble(least).putInt(beyond).putInt(rest);
    }

    void read(StateReader reader) {
        first.read(reader);
        restart = reader.nextDouble();
        lost = reader.nextDouble();
        least = reader.nextDouble();
        beyond = reader.nextInt();
        rest = reader.nextInt();
    }
}
