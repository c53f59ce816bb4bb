/** The model as values: what is published, with its provenance. Knows no wire format. */
package io.ebmstream.ops.snapshot;
