package io.ebmstream.job.snapshot;

/**
 * A version in Kafka, in operator state: what its records' keys are made of.
 *
 * @param model name of the model
 * @param epoch of the version
 * @param counter of the version
 * @param chunks number of its chunks
 */
public record KeptSnapshot(String model, long epoch, long counter, int chunks) {}
