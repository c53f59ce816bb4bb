/**
 * Bytes of state: a small checked format for everything that a job keeps across failures, and
 * SHA-256, by which files and configurations are known. Used by {@code bank}, {@code learner},
 * {@code density} and whatever has an identity; knows none of them.
 */
package io.ebmstream.ops.state;
