package io.ebmstream.ops.gate;

/**
 * Why a version does not pass.
 *
 * @param check check that it failed
 * @param found what the check found; NaN where that is no number
 * @param bound what it allows at most; NaN where that is no number
 * @param text both in words
 */
public record GateFinding(GateCheck check, double found, double bound, String text) {}
