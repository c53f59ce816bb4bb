/**
 * The promotion gate: what a version must show on the anchor images before it is published. Checks
 * on plain numbers, and the short run that measures one of them; whoever publishes uses it.
 */
package io.ebmstream.ops.gate;
