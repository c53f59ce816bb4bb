/**
 * Weights as files that other tools read: safetensors, both ways, with PyTorch's names, and the
 * model file that every command reads. Knows networks, the sampler's configuration and model
 * versions; nothing of executors, learners or streams.
 */
package io.ebmstream.ops.weights;
