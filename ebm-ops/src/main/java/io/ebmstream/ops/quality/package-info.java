/**
 * How good images are, measured without any download: distances between sets of images on features
 * of fixed random networks. Knows {@code compute} for the features; nothing of models or streams.
 */
package io.ebmstream.ops.quality;
