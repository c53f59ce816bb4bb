package io.ebmstream.ops.guard;

import io.ebmstream.ops.state.StateReader;
import io.ebmstream.ops.state.StateWriter;
import java.util.List;
import java.util.Locale;

/**
 * Watches d. Far from 0 on one side for a run of updates, it calls for easing, or for more noise on
 * data where it falls steadily; what did not help in its time calls for a roll-back. Not
 * thread-safe.
 */
final class DifferenceRail {
    private final GuardConfig config;
    private int far;
    private int side;
    private double scale;
    private int trial;
    private boolean eased;
    private double level;

    DifferenceRail(GuardConfig config) {
        this.config = config;
    }

    /** Nothing is far and nothing is being tried. */
    boolean calm() {
        return far == 0 && trial == 0;
    }

    /**
     * @param differences d of the last updates, this one's the last
     * @param armed whether to act
     * @param noise whether data noise can still be raised
     */
    void observe(UpdateWindow differences, boolean armed, boolean noise, List<GuardAction> to) {
        double d = differences.last(0);
        if (far == 0) {
            // of the time before a run: it must not widen its own bound
            scale = differences.deviation();
        }
        if (!armed || scale == 0) {
            return;
        }
        boolean beyond = Math.abs(d) > config.deviations() * scale;
        int sign = d > 0 ? 1 : -1;
        if (!beyond) {
            far = 0;
        } else {
            far = sign == side ? far + 1 : 1;
            side = sign;
        }
        if (trial > 0) {
            trial--;
            if (trial == 0) {
                judge(differences, noise, to);
            }
        } else if (far >= config.run()) {
            begin(differences, noise, to);
        }
    }

    private void begin(UpdateWindow differences, boolean noise, List<GuardAction> to) {
        level = Math.abs(differences.mean(0, config.run()));
        trial = config.boost();
        if (falling(differences) && noise) {
            soften(to);
        } else {
            eased = true;
            to.add(
                    new GuardAction(
                            GuardRemedy.EASE,
                            GuardSign.DIFFERENCE,
                            says(
                                    "d beyond %.0f for %d updates, about %.0f; half the rate and twice"
                                            + " the steps for %d updates",
                                    side * config.deviations() * scale,
                                    far,
                                    side * level,
                                    config.boost())));
        }
    }

    private void judge(UpdateWindow differences, boolean noise, List<GuardAction> to) {
        double now = Math.abs(differences.mean(0, config.run()));
        boolean growing = far >= config.run() && now > level;
        if (eased) {
            eased = false;
            to.add(
                    new GuardAction(
                            GuardRemedy.RESUME,
                            GuardSign.DIFFERENCE,
                            says(
                                    "the time of easing is over, d about %.0f",
                                    differences.mean(0, config.run()))));
        }
        if (growing && falling(differences) && noise) {
            level = now;
            trial = config.boost();
            soften(to);
        } else if (growing) {
            to.add(
                    new GuardAction(
                            GuardRemedy.ROLL_BACK,
                            GuardSign.DIFFERENCE,
                            says(
                                    "d still growing %d updates later, from about %.0f to %.0f",
                                    config.boost(), side * level, side * now)));
        }
    }

    private void soften(List<GuardAction> to) {
        to.add(
                new GuardAction(
                        GuardRemedy.SOFTEN,
                        GuardSign.COLLAPSE,
                        says(
                                "d below %.0f for %d updates and falling; more noise on data, lower"
                                        + " rate",
                                -config.deviations() * scale, far)));
    }

    /** Whether the second half of the run lies lower than the first by more than chance. */
    private boolean falling(UpdateWindow differences) {
        int half = config.run() / 2;
        return side < 0 && differences.mean(0, half) < differences.mean(half, half) - scale;
    }

    private static String says(String text, Object... values) {
        return String.format(Locale.ROOT, text, values);
    }

    void write(StateWriter writer) {
        writer.putInt(far)
                .putInt(side)
                .putDouble(scale)
                .putInt(trial)
                .putInt(eased ? 1 : 0)
                .putDouble(level);
    }

    void read(StateReader reader) {
        far = reader.nextInt();
        side = reader.nextInt();
        scale = reader.nextDouble();
        trial = reader.nextInt();
        eased = reader.nextInt() == 1;
        level = reader.nextDouble();
    }
}
