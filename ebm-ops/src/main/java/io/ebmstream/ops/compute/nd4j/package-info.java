/**
 * The executor made of ND4J operations: matrix products, strided copies and elementwise operations
 * on preallocated arrays. The portable path, for where oneDNN's own plans do not load. Used through
 * {@link io.ebmstream.ops.compute.Executors}.
 */
package io.ebmstream.ops.compute.nd4j;
