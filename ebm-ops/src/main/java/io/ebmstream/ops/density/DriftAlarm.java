package io.ebmstream.ops.density;

/**
 * A change in a stream's energies.
 *
 * @param up whether energies rose (images became less likely)
 * @param start time of the window's first reading: about when the change began
 * @param length readings in the window, from then to the alarm
 * @param statistic the cumulative sum that crossed the threshold, in standard deviations of a
 *     block's mean
 * @param threshold what it crossed
 * @param pValue probability that as many readings without a change reach the statistic, 0 to 1
 */
public record DriftAlarm(
        boolean up, long start, long length, double statistic, double threshold, double pValue) {}
