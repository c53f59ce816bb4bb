package io.ebmstream.schemas;

import java.util.List;

/** Default names of the Kafka topics. Every name can be changed in the job's configuration. */
public final class Topics {
    /** Images in: {@code ImageRecord}, key: stream id. */
    public static final String IMAGES = "ebm.images";

    /** Purified images out: {@code PurifiedImage}, key: stream id. */
    public static final String PURIFIED = "ebm.purified";

    /** Density readings out: {@code DensityReading}, key: stream id. */
    public static final String DENSITY = "ebm.density";

    /** Alarms out: {@code Alarm}, key: stream id, or model name where there is no stream. */
    public static final String ALARMS = "ebm.alarms";

    /** Snapshot manifests out, compacted: {@code SnapshotManifest}, key: model/epoch/counter. */
    public static final String SNAPSHOTS = "ebm.snapshots";

    /** Snapshot bytes out: {@code SnapshotChunk}, key: model/epoch/counter/index. */
    public static final String SNAPSHOT_CHUNKS = "ebm.snapshots.chunks";

    /** Orders to the job in: {@code ControlCommand}, key: model name. */
    public static final String CONTROL = "ebm.control";

    /** What became of orders and versions out: {@code ControlEvent}, key: model name. */
    public static final String EVENTS = "ebm.events";

    /** Records of {@link #IMAGES} that could not be used: original key and bytes, see Headers. */
    public static final String IMAGES_DLQ = "ebm.images.dlq";

    /** One {@code LearnerDiagnostics} per learner update, key: model name. */
    public static final String DIAGNOSTICS = "ebm.diagnostics";

    private static final List<String> ALL =
            List.of(
                    IMAGES,
                    PURIFIED,
                    DENSITY,
                    ALARMS,
                    SNAPSHOTS,
                    SNAPSHOT_CHUNKS,
                    CONTROL,
                    EVENTS,
                    IMAGES_DLQ,
                    DIAGNOSTICS);

    private Topics() {}

    /** Every topic above, for whoever creates them. */
    public static List<String> all() {
        return ALL;
    }
}
