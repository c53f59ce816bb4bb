/**
 * Libtorch, run eagerly with autograd, as a peer of the executors in benchmarks. May use {@code
 * ebm-ops}; nothing uses it but {@link java.util.ServiceLoader}.
 */
package io.ebmstream.peers.libtorch;
