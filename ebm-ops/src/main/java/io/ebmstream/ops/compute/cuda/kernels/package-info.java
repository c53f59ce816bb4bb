/**
 * The sources, in CUDA C++, of what the executor {@code cuda} computes itself: all but
 * convolutions. They are resources of this package; {@link
 * io.ebmstream.ops.compute.cuda.kernels.KernelSources} hands them out as modules to be compiled at
 * run time, for the device that is there. Plain text: knows no compiler and no device.
 */
package io.ebmstream.ops.compute.cuda.kernels;
