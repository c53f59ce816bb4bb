package io.ebmstream.job.kafka;

import io.ebmstream.schemas.avro.ModelVersion;

/** Model versions as Avro records. */
public final class AvroVersions {
    private AvroVersions() {}

    /** The record of a version; null for null. */
    public static ModelVersion of(io.ebmstream.ops.snapshot.ModelVersion version) {
        return version == null ? null : new ModelVersion(version.epoch(), version.counter());
    }

    /**
     * The version of a record; null for null.
     *
     * @throws IllegalArgumentException if a number is negative
     */
    public static io.ebmstream.ops.snapshot.ModelVersion from(ModelVersion version) {
        return version == null
                ? null
                : new io.ebmstream.ops.snapshot.ModelVersion(
                        version.getEpoch(), version.getCounter());
    }
}
