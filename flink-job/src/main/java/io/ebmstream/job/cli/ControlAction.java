package io.ebmstream.job.cli;

import io.ebmstream.schemas.avro.ControlKind;
import java.util.Locale;

/** What {@code ebm control} can ask for. */
enum ControlAction {
    PAUSE(ControlKind.PAUSE, Takes.NOTHING),
    RESUME(ControlKind.RESUME, Takes.NOTHING),
    FREEZE(ControlKind.FREEZE, Takes.NOTHING),
    PUBLISH(ControlKind.PUBLISH, Takes.NOTHING),
    PIN(ControlKind.PIN, Takes.VERSION),
    UNPIN(ControlKind.UNPIN, Takes.NOTHING),
    ROLL_BACK(ControlKind.ROLL_BACK, Takes.VERSION),
    STEPS(ControlKind.SET_STEPS, Takes.STEPS);

    /** What an action needs to be told. */
    enum Takes {
        NOTHING,
        VERSION,
        STEPS
    }

    private final ControlKind kind;
    private final Takes takes;

    ControlAction(ControlKind kind, Takes takes) {
        this.kind = kind;
        this.takes = takes;
    }

    ControlKind kind() {
        return kind;
    }

    Takes takes() {
        return takes;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
