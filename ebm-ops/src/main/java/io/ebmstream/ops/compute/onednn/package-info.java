/**
 * Planned execution on CPUs with oneDNN: primitives, layouts and native memory are chosen and built
 * once per network and precision; a run only executes them. Needs {@code compute}, {@code energy},
 * {@code sampler} and the oneDNN binding.
 */
package io.ebmstream.ops.compute.onednn;
