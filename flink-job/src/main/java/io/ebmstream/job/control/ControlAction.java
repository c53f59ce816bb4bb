package io.ebmstream.job.control;

import io.ebmstream.schemas.avro.ControlCommand;
import io.ebmstream.schemas.avro.ControlKind;
import io.ebmstream.schemas.avro.ModelVersion;
import java.util.Arrays;
import java.util.Locale;

/** What a job can be asked for, as {@code ebm control} and the board name it. */
public enum ControlAction {
    PAUSE(ControlKind.PAUSE, Takes.NOTHING),
    RESUME(ControlKind.RESUME, Takes.NOTHING),
    FREEZE(ControlKind.FREEZE, Takes.NOTHING),
    PUBLISH(ControlKind.PUBLISH, Takes.NOTHING),
    PIN(ControlKind.PIN, Takes.VERSION),
    UNPIN(ControlKind.UNPIN, Takes.NOTHING),
    ROLL_BACK(ControlKind.ROLL_BACK, Takes.VERSION),
    STEPS(ControlKind.SET_STEPS, Takes.STEPS);

    /** What an action needs to be told. */
    private enum Takes {
        NOTHING("nothing after it"),
        VERSION("a version after it, for example 0.12"),
        STEPS("a number of steps after it");

        private final String words;

        Takes(String words) {
            this.words = words;
        }
    }

    private final ControlKind kind;
    private final Takes takes;

    ControlAction(ControlKind kind, Takes takes) {
        this.kind = kind;
        this.takes = takes;
    }

    /**
     * The action of a name such as {@code roll-back}.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static ControlAction of(String name) {
        return Arrays.stream(values())
                .filter(action -> action.toString().equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "expected one of "
                                                + Arrays.toString(values())
                                                + ", found "
                                                + name));
    }

    /**
     * The command that asks a job for it.
     *
     * @param id identity of the command, 1 to {@value ControlDecoder#MAX_NAME} characters
     * @param model name of the job's model, as long
     * @param value version ({@code pin}, {@code roll-back}) or number ({@code steps}); null for the
     *     others
     * @param reason why, at most {@value ControlDecoder#MAX_REASON} characters
     * @param issuedAt milliseconds since 1970-01-01 UTC
     * @throws IllegalArgumentException if a value is out of range or not what the action takes; the
     *     message begins with the name of the value
     */
    public ControlCommand command(
            String id, String model, String value, String reason, long issuedAt) {
        checkLength("id", id, 1, ControlDecoder.MAX_NAME);
        checkLength("model", model, 1, ControlDecoder.MAX_NAME);
        checkLength("reason", reason, 0, ControlDecoder.MAX_REASON);
        if ((takes == Takes.NOTHING) != (value == null)) {
            throw new IllegalArgumentException(
                    this
                            + ": expected "
                            + takes.words
                            + ", found "
                            + (value == null ? "nothing" : value));
        }
        return ControlCommand.newBuilder()
                .setCommandId(id)
                .setModel(model)
                .setKind(kind)
                .setTargetVersion(takes == Takes.VERSION ? version(value) : null)
                .setSteps(takes == Takes.STEPS ? steps(value) : null)
                .setReason(reason)
                .setIssuedAt(issuedAt)
                .build();
    }

    private ModelVersion version(String value) {
        if (!value.matches("\\d{1,18}\\.\\d{1,18}")) {
            throw new IllegalArgumentException(
                    this + ": expected a version such as 0.12, found " + value);
        }
        int dot = value.indexOf('.');
        return new ModelVersion(
                Long.parseLong(value.substring(0, dot)), Long.parseLong(value.substring(dot + 1)));
    }

    private static int steps(String value) {
        if (!value.matches("\\d{1,9}")) {
            throw new IllegalArgumentException(
                    "steps: expected a number of at least 0, found " + value);
        }
        return Integer.parseInt(value);
    }

    private static void checkLength(String name, String text, int least, int most) {
        if (text.length() < least || text.length() > most) {
            throw new IllegalArgumentException(
                    name
                            + ": expected "
                            + least
                            + " to "
                            + most
                            + " characters, found "
                            + text.length());
        }
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
