/**
 * A GPU on CUDA 13 and cuDNN 9: the driver's own interface for memory, streams and graphs, NVRTC
 * for kernels, cuDNN's graph interface for convolutions. The only package that touches the vendor's
 * libraries, through {@code org.bytedeco.cuda}; it is not compiled with the Maven profile {@code
 * cuda}, which has an older binding. Implements {@code compute.cuda.gpu} and compiles what {@code
 * compute.cuda.kernels} holds; knows no networks.
 */
package io.ebmstream.ops.compute.cuda.driver;
