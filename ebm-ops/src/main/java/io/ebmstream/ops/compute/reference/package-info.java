/**
 * The executor that is obviously right: plain loops in double precision, one image at a time (all
 * of a batch while it trains). The oracle of every other executor's tests; too slow for work. Used
 * through {@link io.ebmstream.ops.compute.Executors}.
 */
package io.ebmstream.ops.compute.reference;
