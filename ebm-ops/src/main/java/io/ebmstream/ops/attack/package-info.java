/**
 * Attacks on classifiers and on purified classifiers, for evaluation only: they measure what a
 * defense is worth. Uses {@code classifier} and {@code defense}; nothing that serves uses it.
 */
package io.ebmstream.ops.attack;
