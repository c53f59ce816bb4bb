package io.ebmstream.ops.gate;

/**
 * What the next version is compared with: the last one that passed.
 *
 * @param updates updates that it went through
 * @param spread standard deviation of its anchor energies; NaN where it had fewer than two
 */
public record GateReference(long updates, double spread) {}
