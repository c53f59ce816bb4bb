package io.ebmstream.ops.density;

/**
 * A change in a stream's energies.
 *
 * @param up whether energies rose (images became less likely)
 * @param statistic the cumulative sum that crossed the threshold, in standard deviations
 * @param length readings since the sum last was 0: about how long the change has lasted
 */
public record DriftAlarm(boolean up, double statistic, long length) {}
