package io.ebmstream.job.learn;

import io.ebmstream.ops.gate.GateReference;

/**
 * What a promotion gate knows, as it lasts.
 *
 * @param refusals versions refused in a row
 * @param last what the next version is compared with; null before the first
 */
public record GateSaved(int refusals, GateReference last) {}
