/**
 * Readings of how likely a model finds a stream's images, by their energies, and the detection of
 * changes in them. Knows no executor, network or stream: energies come in as numbers.
 */
package io.ebmstream.ops.density;
