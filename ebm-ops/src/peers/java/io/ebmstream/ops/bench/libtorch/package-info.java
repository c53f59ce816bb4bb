/**
 * Libtorch, run eagerly with autograd, as a peer of the executors in benchmarks. Compiled only
 * under the Maven profile {@code peers}. May use {@code bench}, {@code compute}'s values and {@code
 * energy}.
 */
package io.ebmstream.ops.bench.libtorch;
