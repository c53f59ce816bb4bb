package io.ebmstream.job.purify;

import io.ebmstream.job.decode.ImageEvent;
import io.ebmstream.ops.snapshot.ModelVersion;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableSet;
import java.util.Objects;

/**
 * Which versions images were told to be purified by (lockstep), by the shard that told them: from
 * one shard none below its last comes any more. Not thread-safe.
 *
 * <p>Shards follow one another closely, but a purifier may hear from one of them seldom, or never.
 * So that it does not keep versions for that one for ever, it keeps at most {@link #KEPT}.
 */
final class ToldVersions {
    /** Versions kept for shards that were not heard from. */
    static final int KEPT = 16;

    private final ModelVersion[] told;

    /**
     * @param shards shards that images come from, at least 1
     */
    ToldVersions(int shards) {
        told = new ModelVersion[shards];
    }

    /**
     * Takes note of an image's version.
     *
     * @return whether its shard had told an older one, or none
     */
    boolean tell(ImageEvent image) {
        int shard = image.partition() % told.length;
        ModelVersion version = image.version();
        if (version == null || told[shard] != null && version.compareTo(told[shard]) <= 0) {
            return false;
        }
        told[shard] = version;
        return true;
    }

    /**
     * The lowest version that may still be told; null where that is not known.
     *
     * @param here versions whose weights are here
     */
    ModelVersion lowest(NavigableSet<ModelVersion> here) {
        List<ModelVersion> heard = Arrays.stream(told).filter(Objects::nonNull).sorted().toList();
        if (heard.isEmpty()) {
            return null;
        }
        ModelVersion highest = heard.get(heard.size() - 1);
        ModelVersion kept =
                here.headSet(highest, true).descendingSet().stream()
                        .skip(KEPT - 1L)
                        .findFirst()
                        .orElse(null);
        if (heard.size() < told.length) {
            return kept;
        }
        ModelVersion lowest = heard.get(0);
        return kept == null || kept.compareTo(lowest) < 0 ? lowest : kept;
    }
}
