package io.ebmstream.job.replay;

import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.schemas.avro.PurifiedImage;

/**
 * A purified image as it was written.
 *
 * @param partition partition of the purified images' topic
 * @param offset its offset there
 * @param image the record
 * @param device what computed it, as its header says; null where it has none
 */
public record Recorded(int partition, long offset, PurifiedImage image, String device) {

    /** Version that it was computed with. */
    ModelVersion version() {
        return new ModelVersion(
                image.getModelVersion().getEpoch(), image.getModelVersion().getCounter());
    }

    /** Where its input lies. */
    InputPlace source() {
        return new InputPlace(image.getSourcePartition(), image.getSourceOffset());
    }
}
