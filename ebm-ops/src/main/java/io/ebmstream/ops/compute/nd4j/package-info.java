/**
 * The executor made of ND4J operations, channels last, on preallocated arrays: {@code conv2d} and
 * its kin, elementwise operations, matrix products and copies. Runs wherever ND4J runs, on a GPU if
 * that is ND4J's backend. Used through {@link io.ebmstream.ops.compute.Executors}.
 */
package io.ebmstream.ops.compute.nd4j;
