/**
 * Speed of executors on this machine, beside a large matrix product as the practical limit. May use
 * everything in {@code compute}, {@code energy} and {@code sampler}.
 */
package io.ebmstream.ops.bench;
