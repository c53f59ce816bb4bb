package io.ebmstream.ops.compute.cuda;

/**
 * What a way back gives.
 *
 * @param input the gradient by the input
 * @param parameters the gradient by the parameters
 */
record Purpose(boolean input, boolean parameters) {}
