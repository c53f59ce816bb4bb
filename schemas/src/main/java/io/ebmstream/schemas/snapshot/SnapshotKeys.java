package io.ebmstream.schemas.snapshot;

import io.ebmstream.schemas.avro.ModelVersion;
import io.ebmstream.schemas.avro.SnapshotChunk;
import io.ebmstream.schemas.avro.SnapshotManifest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Kafka keys of manifests and chunks, in UTF-8.
 *
 * <p>The version is part of the key because the manifest topic is compacted: each version stays
 * until its key gets a tombstone, and writing a version again (after a failure, say) replaces it.
 * With the model's name alone as the key, compaction would drop every version but the last.
 */
public final class SnapshotKeys {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,128}");
    private static final Pattern MANIFEST =
            Pattern.compile("([A-Za-z0-9._-]{1,128})/(\\d{1,18})/(\\d{1,18})");

    /** A manifest's key in parts. */
    record Parsed(String model, ModelVersion version) {}

    private SnapshotKeys() {}

    /** {@code model/epoch/counter}. */
    public static byte[] of(SnapshotManifest manifest) {
        return bytes(manifest(manifest.getModel(), manifest.getVersion()));
    }

    /**
     * Keys of all records of a version, in the order in which they may go: first its manifest, so
     * that nobody looks for chunks that are gone.
     *
     * @param chunks number of its chunks
     */
    public static List<byte[]> manifestThenChunks(String model, ModelVersion version, int chunks) {
        List<byte[]> keys = new ArrayList<>();
        keys.add(bytes(manifest(model, version)));
        for (int i = 0; i < chunks; i++) {
            keys.add(bytes(chunk(model, version, i)));
        }
        return keys;
    }

    /** {@code model/epoch/counter/index}. */
    public static byte[] of(SnapshotChunk chunk) {
        return bytes(chunk(chunk.getModel(), chunk.getVersion(), chunk.getIndex()));
    }

    /** {@code model/epoch/counter}. */
    public static String manifest(String model, ModelVersion version) {
        return model + "/" + version.getEpoch() + "/" + version.getCounter();
    }

    private static String chunk(String model, ModelVersion version, int index) {
        return manifest(model, version) + "/" + index;
    }

    static boolean isName(String model) {
        return model != null && NAME.matcher(model).matches();
    }

    static Optional<Parsed> parse(byte[] key) {
        if (key == null) {
            return Optional.empty();
        }
        Matcher parts = MANIFEST.matcher(new String(key, StandardCharsets.UTF_8));
        return parts.matches()
                ? Optional.of(
                        new Parsed(
                                parts.group(1),
                                new ModelVersion(
                                        Long.valueOf(parts.group(2)),
                                        Long.valueOf(parts.group(3)))))
                : Optional.empty();
    }

    private static byte[] bytes(String key) {
        return key.getBytes(StandardCharsets.UTF_8);
    }
}
