/**
 * Bytes of state: a small checked format for everything that a job keeps across failures. Used by
 * {@code bank}, {@code learner}, {@code density}; knows none of them.
 */
package io.ebmstream.ops.state;
