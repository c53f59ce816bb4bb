/**
 * What the executor {@code cuda} needs of a GPU, as interfaces and values: memory, streams, graphs,
 * kernels by name and convolutions. Knows neither networks nor the vendor's libraries. {@code
 * compute.cuda.driver} implements it on CUDA and cuDNN; tests implement it on the CPU with the same
 * kernels.
 */
package io.ebmstream.ops.compute.cuda.gpu;
