/**
 * Readings of how likely a model finds a stream's images, by their energies: ranks and calibration
 * across versions, detection of changes, and log Z. Readings and detection know no network: their
 * energies come in as numbers. {@code NetworkEnergy} alone computes some.
 */
package io.ebmstream.ops.density;
