/**
 * Where negative chains live and start: the bank of persistent chains, its rejuvenation and its
 * state. Uses {@code sampler}'s counter-based randomness; knows no executor and no learner.
 */
package io.ebmstream.ops.bank;
