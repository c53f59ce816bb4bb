package io.ebmstream.job.replay;

import io.ebmstream.job.config.JobConfig;
import io.ebmstream.job.decode.ImageDecoder;
import io.ebmstream.job.decode.ImageEvent;
import io.ebmstream.job.kafka.KafkaRecordDeserializer;
import io.ebmstream.job.purify.Purified;
import io.ebmstream.job.purify.PurifiedEncoder;
import io.ebmstream.job.purify.PurifierSetup;
import io.ebmstream.job.purify.Recomputation;
import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.snapshot.ModelVersion;
import io.ebmstream.schemas.avro.PurifiedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Computes purified images again, from their inputs and the version of the model that they name,
 * and compares every field of the record.
 *
 * <p>A record that says which device computed it is computed on that device or not at all; one of
 * an earlier release, which does not say, on the one that the configuration gives.
 *
 * <p>Not thread-safe. Owns its plans, not what it reads from: close it.
 */
public final class Replayer implements AutoCloseable {
    /** Architecture with instruction set, executor, precision. */
    private static final Pattern DEVICE = Pattern.compile("\\S+ ([^/ ]+)/([^/ ]+)");

    private final JobConfig job;
    private final CommittedTopic inputs;
    private final VersionSource versions;
    private final ImageDecoder decoder;
    private final Map<String, Recomputation> devices = new TreeMap<>();
    private final String ownDevice;

    /**
     * @param job configuration of the job that wrote the records
     * @param inputs the images' topic
     * @param versions weights
     */
    public Replayer(JobConfig job, CommittedTopic inputs, VersionSource versions) {
        this.job = job;
        this.inputs = inputs;
        this.versions = versions;
        decoder =
                new ImageDecoder(
                        job.model().shape(),
                        job.limits().toLimits(),
                        job.hat().latentSize(job.model().shape()),
                        () -> {});
        Recomputation own = recomputation(job.compute().executor(), job.compute().precision());
        ownDevice = own.device();
        devices.put(ownDevice, own);
    }

    private Recomputation recomputation(String executor, String precision) {
        Executors.Choice choice = Executors.resolve(executor, precision);
        return new Recomputation(PurifierSetup.of(job, context -> choice), choice);
    }

    /** What computes where a record does not say. */
    public String device() {
        return ownDevice;
    }

    /**
     * Replays records.
     *
     * @param records not too many: all their inputs are held in memory
     * @return their verdicts, in no particular order
     */
    public List<Replayed> replay(List<Recorded> records) {
        List<Replayed> all = new ArrayList<>();
        Map<InputPlace, ConsumerRecord<byte[], byte[]>> found =
                inputs.at(records.stream().map(Recorded::source).toList());
        Map<Group, List<Task>> tasks = new LinkedHashMap<>();
        for (Recorded record : records) {
            try {
                Task task = task(record, found.get(record.source()));
                Group group =
                        new Group(record.version(), record.image().getStopEnergy(), task.on());
                tasks.computeIfAbsent(group, g -> new ArrayList<>()).add(task);
            } catch (IllegalArgumentException e) {
                all.add(new Replayed(record, Verdict.NOT_REPRODUCIBLE, e.getMessage()));
            }
        }
        tasks.forEach((group, list) -> all.addAll(run(group, list)));
        return all;
    }

    /** What is the same for records that are computed together. */
    private record Group(ModelVersion version, Double stopEnergy, Recomputation on) {}

    /** A record, its image as the job saw it, and what computes it. */
    private record Task(Recorded record, ImageEvent image, Recomputation on) {}

    /**
     * @throws IllegalArgumentException if it cannot be computed; the message says why
     */
    private Task task(Recorded record, ConsumerRecord<byte[], byte[]> input) {
        if (input == null) {
            throw new IllegalArgumentException(
                    "its input is not retained: expected it in "
                            + job.topics().images()
                            + " partition "
                            + record.source().partition()
                            + " at offset "
                            + record.source().offset());
        }
        ImageEvent image;
        try {
            image = decoder.decode(KafkaRecordDeserializer.of(input));
        } catch (IOException | RuntimeException e) {
            throw new IllegalArgumentException(
                    "its input is no image of this configuration: " + e.getMessage(), e);
        }
        return new Task(record, image, device(record.device()));
    }

    /** Why a record is of another sampler than this configuration's; null if it is not. */
    private static String otherSampler(Task task) {
        PurifiedImage record = task.record().image();
        String hash = task.on().samplerHash(task.image());
        if (!hash.equals(record.getSamplerHash())) {
            return "the sampler's hash differs: recorded "
                    + record.getSamplerHash()
                    + ", of this configuration "
                    + hash
                    + " on "
                    + task.on().device()
                    + "; give the configuration of the job that wrote it";
        }
        return task.on().seed(task.image()) == record.getSeed()
                ? null
                : "the seed differs: recorded "
                        + record.getSeed()
                        + ", of this configuration "
                        + task.on().seed(task.image());
    }

    private Recomputation device(String wanted) {
        if (wanted == null) {
            return devices.get(ownDevice);
        }
        Recomputation known = devices.get(wanted);
        if (known != null) {
            return known;
        }
        Matcher parts = DEVICE.matcher(wanted);
        if (!parts.matches()) {
            throw new IllegalArgumentException("its device has no known form: " + wanted);
        }
        Recomputation other;
        try {
            other = recomputation(parts.group(1), parts.group(2));
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new IllegalArgumentException(
                    "it was computed on " + wanted + ", which is not at hand: " + e.getMessage(),
                    e);
        }
        if (!other.device().equals(wanted)) {
            String here = other.device();
            other.close();
            throw new IllegalArgumentException(
                    "it was computed on " + wanted + "; the nearest here is " + here);
        }
        devices.put(wanted, other);
        return other;
    }

    private List<Replayed> run(Group group, List<Task> tasks) {
        float[] weights;
        try {
            weights = versions.weights(group.version());
        } catch (IllegalArgumentException e) {
            return tasks.stream()
                    .map(t -> new Replayed(t.record(), Verdict.NOT_REPRODUCIBLE, e.getMessage()))
                    .toList();
        }
        group.on().setModel(group.version(), weights, group.stopEnergy());
        Map<Integer, List<Task>> bySteps = new TreeMap<>();
        for (Task task : tasks) {
            PurifiedImage record = task.record().image();
            int k = group.on().stepsOf(record.getSamplerHash(), record.getSteps());
            bySteps.computeIfAbsent(k, key -> new ArrayList<>()).add(task);
        }
        List<Replayed> all = new ArrayList<>();
        bySteps.forEach(
                (k, list) -> {
                    group.on().setSteps(k);
                    all.addAll(run(group.on(), list));
                });
        return all;
    }

    /** Tasks of one version and one number of steps. */
    private List<Replayed> run(Recomputation on, List<Task> tasks) {
        List<Replayed> all = new ArrayList<>();
        List<Task> same = new ArrayList<>();
        for (Task task : tasks) {
            String reason = otherSampler(task);
            if (reason == null) {
                same.add(task);
            } else {
                all.add(new Replayed(task.record(), Verdict.NOT_REPRODUCIBLE, reason));
            }
        }
        if (!same.isEmpty()) {
            List<Purified> computed = on.of(same.stream().map(Task::image).toList());
            for (int i = 0; i < same.size(); i++) {
                all.add(compare(same.get(i).record(), computed.get(i)));
            }
        }
        return all;
    }

    private Replayed compare(Recorded record, Purified computed) {
        if (computed == null) {
            return new Replayed(record, Verdict.DIFFERENT, "its chain does not stay finite here");
        }
        List<String> differences =
                RecordDiff.of(record.image(), PurifiedEncoder.record(job.model().name(), computed));
        return differences.isEmpty()
                ? new Replayed(record, Verdict.EQUAL, "")
                : new Replayed(record, Verdict.DIFFERENT, String.join("; ", differences));
    }

    @Override
    public void close() {
        devices.values().forEach(Recomputation::close);
    }
}
