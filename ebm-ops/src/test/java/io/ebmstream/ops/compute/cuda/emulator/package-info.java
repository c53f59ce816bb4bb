/**
 * A GPU on the CPU: the kernels of {@code compute.cuda.kernels}, compiled by g++ with a small
 * header in place of CUDA, and convolutions as plain loops. What runs on it is the code that a GPU
 * runs; it looks for what a GPU would forgive: overruns, memory that is no longer there, wrong
 * arguments.
 */
package io.ebmstream.ops.compute.cuda.emulator;
