/**
 * The papers' settings by name: tables of values, and how a learner's configuration is made of one.
 * Uses {@code learner} and what stands below it, and {@code hat} for its chains; computes nothing.
 */
package io.ebmstream.ops.preset;
