/**
 * Networks on NVIDIA GPUs of compute capability 7.5 and above, executor {@code cuda}: a network is
 * lowered to convolutions and few kernels on tensors that stay on the device, and a Langevin run is
 * a recorded graph of them. {@code cuda.gpu} says what is needed of a GPU, {@code cuda.kernels}
 * holds the kernels, {@code cuda.driver} is the only place that knows CUDA and cuDNN.
 */
package io.ebmstream.ops.compute.cuda;
