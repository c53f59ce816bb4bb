package io.ebmstream.job.lockstep;

import io.ebmstream.job.decode.ImageEvent;

/**
 * A place in a partition, with its image.
 *
 * @param partition partition of the images' topic, 0 or more
 * @param number records of the partition that the job read before it, 0 or more
 * @param image null where the record is no image: a dead letter's place
 */
public record Numbered(int partition, long number, ImageEvent image) {}
