/** Readings of how likely the model finds a stream's images, and alarms when that changes. */
package io.ebmstream.job.density;
