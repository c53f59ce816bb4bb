package io.ebmstream.ops.compute;

/** Which statistics batch normalisation uses. Networks without it are the same in both. */
public enum Mode {
    /** The running statistics of the parameter vector: inputs do not depend on one another. */
    INFERENCE,
    /** Those of the inputs of one call, which is one batch: results depend on all of them. */
    TRAINING
}
