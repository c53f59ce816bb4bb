/**
 * Users' own classifiers in the ONNX format, run by onnxruntime on the CPU. Implements {@code
 * classifier}'s interface; the command line and the streaming job open them.
 */
package io.ebmstream.ops.onnx;
