/**
 * Classifiers of images: what gives logits, how a network is trained to, and how its accuracy is
 * stated. Uses {@code compute}, {@code energy}, {@code image} and {@code weights}; knows no
 * learner, no purification and no streams. Purified classification, attacks and the streaming job
 * use it.
 */
package io.ebmstream.ops.classifier;
