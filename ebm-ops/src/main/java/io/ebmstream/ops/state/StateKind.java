package io.ebmstream.ops.state;

/** What a piece of state holds. Codes are part of the format: never reuse one. */
public enum StateKind {
    /** Weights, optimizer moments, moving average and counters of a learner. */
    LEARNER_CORE(1),
    /** A range of persistent chains. */
    BANK_CHUNK(2),
    /** A range of the replay buffer's images. */
    REPLAY_CHUNK(3),
    /** Distribution of a stream's energies under one model version. */
    ENERGY_MONITOR(4),
    /** A stream's change detector of the first release, of single readings. */
    DRIFT_DETECTOR(5),
    /** What was changed in a learner's configuration while it ran. */
    LEARNER_ADJUSTMENTS(6),
    /** Weights of a generator, and its optimizer's moments where it learns. */
    GENERATOR(7),
    /** Weights of a prior network. */
    PRIOR(8),
    /** A stream's change detector, of blocks of readings. */
    CHANGE_DETECTOR(9),
    /** Guard rails. */
    GUARD(20),
    /** What guard rails remember of recent updates. */
    GUARD_MEMORY(21),
    /** Which states of a learner are kept to roll back to. */
    GUARD_POINTS(22),
    /** Chains that run at fixed weights. */
    CHAIN_RUN(40),
    /** Samples of a generator on their way to be refined. */
    REFINEMENT(41),
    /** A record of the streaming job, by name: its bytes are of Flink's serializer. */
    JOB_RECORD(60),
    /** A range of the bytes of a large piece. */
    PIECE_BLOCK(61);

    private final short code;

    StateKind(int code) {
        this.code = (short) code;
    }

    short code() {
        return code;
    }
}
