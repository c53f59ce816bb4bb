/**
 * Images as values: codecs for bytes from outside, data sets, the generator of shapes, corruptions,
 * quality measures and PNG grids. May use {@code energy}'s {@link
 * io.ebmstream.ops.energy.ImageShape} and {@code sampler}'s noise; knows no network or executor.
 *
 * <p>Bytes and files are read here without trust: every failure is an {@link
 * io.ebmstream.ops.image.ImageFormatException}, and limits hold before memory is taken.
 */
package io.ebmstream.ops.image;
