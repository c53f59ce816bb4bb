/**
 * Bytes to images: every record becomes an image of the model's shape or a dead letter, and none
 * stops the job.
 */
package io.ebmstream.job.decode;
