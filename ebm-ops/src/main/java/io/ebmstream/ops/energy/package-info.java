/**
 * What a network is: immutable layer graphs, their shapes and parameter layout, initial weights.
 * May use nothing of the other packages but {@code sampler}'s noise; everything else may use it.
 */
package io.ebmstream.ops.energy;
