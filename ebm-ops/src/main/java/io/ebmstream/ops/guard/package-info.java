/**
 * Guard rails of learning: what each update shows is observed, and what is out of bounds is
 * answered, from a warning to a roll-back. The state machine knows plain numbers only; {@code
 * GuardedLearner} puts it around a learner. Used by the streaming job and by offline training.
 */
package io.ebmstream.ops.guard;
