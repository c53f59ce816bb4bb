package io.ebmstream.ops.density;

/**
 * One energy among those of its window: the same stream under the same model version.
 *
 * @param energy U(x)/T; low = likely; comparable within one model version only
 * @param rank share of the window's energies at or below this one, in (0, 1], estimated
 * @param zScore (energy - mean) / standard deviation of the window before this energy; 0 while it
 *     holds fewer than {@link EnergyMonitor#MIN_COUNT}
 * @param count energies in the window with this one
 */
public record EnergyReading(double energy, double rank, double zScore, long count) {}
