package io.ebmstream.job.chaos;

import io.ebmstream.schemas.WireFormat;
import io.ebmstream.schemas.avro.PurifiedImage;
import io.ebmstream.schemas.avro.SnapshotManifest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * What a run has committed: every purified image by its id, every snapshot by its version, the
 * number of updates and dead letters. A reader's thread feeds it, others ask: thread-safe.
 */
final class Outputs {
    private final Map<String, byte[]> purified = new TreeMap<>();
    private final Map<String, SnapshotManifest> snapshots = new TreeMap<>();
    private final List<String> doubled = new ArrayList<>();
    private long deadLetters;
    private long updates;

    synchronized void purified(ConsumerRecord<byte[], byte[]> record) throws IOException {
        PurifiedImage image = WireFormat.PURIFIED.decode(record.value());
        if (purified.put(image.getImageId(), record.value()) != null) {
            doubled.add(image.getImageId());
        }
    }

    synchronized void snapshot(ConsumerRecord<byte[], byte[]> record) throws IOException {
        SnapshotManifest manifest = WireFormat.SNAPSHOT_MANIFEST.decode(record.value());
        String version =
                manifest.getVersion().getEpoch() + "." + manifest.getVersion().getCounter();
        if (snapshots.put(version, manifest) != null) {
            doubled.add("snapshot " + version);
        }
    }

    synchronized void deadLetter() {
        deadLetters++;
    }

    synchronized void update() {
        updates++;
    }

    synchronized long purifiedCount() {
        return purified.size();
    }

    synchronized long updateCount() {
        return updates;
    }

    synchronized long snapshotCount() {
        return snapshots.size();
    }

    /** Purified records by image id, as they lie in the topic. */
    synchronized Map<String, byte[]> records() {
        return new TreeMap<>(purified);
    }

    /** What is wrong with these outputs by themselves. */
    synchronized List<String> violations(long images, long updatesDue) {
        List<String> wrong = new ArrayList<>();
        doubled.forEach(id -> wrong.add("came out more than once: " + id));
        for (long i = 0; i < images; i++) {
            if (!purified.containsKey(ChaosFeed.id(i))) {
                wrong.add("did not come out: " + ChaosFeed.id(i));
            }
        }
        if (purified.size() > images) {
            wrong.add("expected " + images + " images, found " + purified.size());
        }
        if (deadLetters > 0) {
            wrong.add("expected no dead letters, found " + deadLetters);
        }
        if (updates != updatesDue) {
            wrong.add("expected " + updatesDue + " updates, found " + updates);
        }
        return wrong;
    }

    /** In what these differ from the outputs of a run that nobody disturbed. */
    List<String> differences(Outputs undisturbed) {
        List<String> wrong = new ArrayList<>();
        Map<String, byte[]> expected = undisturbed.records();
        records()
                .forEach(
                        (id, bytes) -> {
                            if (!Arrays.equals(bytes, expected.get(id))) {
                                wrong.add("image " + id + ": other bytes than undisturbed");
                            }
                        });
        Map<String, SnapshotManifest> found = manifests();
        Map<String, SnapshotManifest> models = undisturbed.manifests();
        if (!found.keySet().equals(models.keySet())) {
            wrong.add("expected the versions " + models.keySet() + ", found " + found.keySet());
        }
        found.forEach(
                (version, manifest) -> {
                    SnapshotManifest other = models.get(version);
                    if (other != null && !manifest.equals(other)) {
                        wrong.add(
                                "snapshot "
                                        + version
                                        + (manifest.getSha256().equals(other.getSha256())
                                                ? ": another manifest than undisturbed"
                                                : ": other weights than undisturbed"));
                    }
                });
        return wrong;
    }

    private synchronized Map<String, SnapshotManifest> manifests() {
        return new TreeMap<>(snapshots);
    }
}
