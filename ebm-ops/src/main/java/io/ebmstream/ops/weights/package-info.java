/**
 * Weights as files that other tools read: safetensors, both ways, with PyTorch's names. Knows
 * networks; nothing of executors, learners or streams.
 */
package io.ebmstream.ops.weights;
