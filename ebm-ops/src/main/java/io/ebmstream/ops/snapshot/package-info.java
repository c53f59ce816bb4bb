/** Identity of published models. Knows no wire format. */
package io.ebmstream.ops.snapshot;
