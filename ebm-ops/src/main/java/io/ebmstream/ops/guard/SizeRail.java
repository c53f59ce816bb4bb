package io.ebmstream.ops.guard;

import io.ebmstream.ops.state.StateReader;
import io.ebmstream.ops.state.StateWriter;
import java.util.List;
import java.util.Locale;

/**
 * Watches rho and the size of energies. rho outside its bounds for long is warned of, far above
 * them it is a lost model. Energies may drift, since their zero is free, and double from near it;
 * they are lost when they outgrow by a factor all that was before, while rho is high. Not
 * thread-safe.
 */
final class SizeRail {
    /** Energies are compared by medians of so many updates, this many blocks apart. */
    private static final int BLOCK = 25;

    private static final int APART = 100 / BLOCK;

    /** Own bounds lie above what the first phase showed by these factors. */
    private static final double HIGH = 1.5;

    private static final double LOST = 3;

    private static final double USUAL = 0.95;

    private final GuardConfig config;
    private final UpdateWindow first;
    private final UpdateWindow block = new UpdateWindow(BLOCK);
    private final UpdateWindow blocks = new UpdateWindow(APART);
    private double low;
    private double high;
    private double lost;
    private int still;
    private int restless;
    private int beyond;
    private int inBlock;
    private double ceiling;

    SizeRail(GuardConfig config) {
        this.config = config;
        first = new UpdateWindow(config.warmup() / 2);
        low = config.rhoLow();
        high = config.rhoHigh();
        lost = config.rhoLost();
    }

    boolean calm() {
        return restless == 0 && beyond == 0;
    }

    void observe(GuardObservation seen, boolean armed, List<GuardAction> to) {
        if (!armed) {
            first.add(seen.rho());
            widen();
        }
        observeRho(seen.rho(), armed, to);
        observeEnergy(seen, armed, to);
    }

    private void widen() {
        if (config.ownBounds()) {
            double usual = first.quantile(USUAL);
            high = Math.max(config.rhoHigh(), HIGH * usual);
            lost = Math.max(config.rhoLost(), LOST * usual);
            low = Math.min(config.rhoLow(), first.median() / LOST);
        }
    }

    private void observeRho(double rho, boolean armed, List<GuardAction> to) {
        if (!armed) {
            return;
        }
        still = rho < low ? still + 1 : 0;
        restless = rho > high ? restless + 1 : 0;
        beyond = rho > lost ? beyond + 1 : 0;
        if (beyond == config.lostRun()) {
            to.add(
                    new GuardAction(
                            GuardRemedy.ROLL_BACK,
                            GuardSign.DISPLACEMENT,
                            says("rho above %.2f for %d updates, now %.2f", lost, beyond, rho)));
        } else if (still == config.rhoRun()) {
            to.add(
                    new GuardAction(
                            GuardRemedy.WARN,
                            GuardSign.DISPLACEMENT,
                            says("rho below %.3f for %d updates, now %.3f", low, still, rho)));
        } else if (restless == config.rhoRun()) {
            to.add(
                    new GuardAction(
                            GuardRemedy.WARN,
                            GuardSign.DISPLACEMENT,
                            says("rho above %.2f for %d updates, now %.2f", high, restless, rho)));
        }
    }

    private void observeEnergy(GuardObservation seen, boolean armed, List<GuardAction> to) {
        block.add(seen.energy());
        inBlock++;
        if (inBlock < BLOCK) {
            return;
        }
        inBlock = 0;
        double now = block.median();
        if (blocks.size() == APART) {
            ceiling = Math.max(ceiling, blocks.last(APART - 1));
        }
        blocks.add(now);
        if (armed && ceiling > 0 && now > config.growth() * ceiling && seen.rho() > 0.5 * high) {
            to.add(
                    new GuardAction(
                            GuardRemedy.ROLL_BACK,
                            GuardSign.ENERGY_GROWTH,
                            says(
                                    "mean |U|/T about %.0f, more than %.1f times the %.0f of 100"
                                            + " updates ago and before, with rho %.2f",
                                    now, config.growth(), ceiling, seen.rho())));
        }
    }

    private static String says(String text, Object... values) {
        return String.format(Locale.ROOT, text, values);
    }

    void write(StateWriter writer) {
        first.write(writer);
        block.write(writer);
        blocks.write(writer);
        writer.putDouble(low)
                .putDouble(high)
                .putDouble(lost)
                .putInt(still)
                .putInt(restless)
                .putInt(beyond)
                .putInt(inBlock)
                .putDouble(ceiling);
    }

    void read(StateReader reader) {
        first.read(reader);
        block.read(reader);
        blocks.read(reader);
        low = reader.nextDouble();
        high = reader.nextDouble();
        lost = reader.nextDouble();
        still = reader.nextInt();
        restless = reader.nextInt();
        beyond = reader.nextInt();
        inBlock = reader.nextInt();
        ceiling = reader.nextDouble();
    }
}
