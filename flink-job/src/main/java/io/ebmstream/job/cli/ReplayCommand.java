package io.ebmstream.job.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ebmstream.job.broker.TopicCheck;
import io.ebmstream.job.config.EbmOptions;
import io.ebmstream.job.config.JobConfig;
import io.ebmstream.job.replay.Recorded;
import io.ebmstream.job.replay.ReplayRun;
import io.ebmstream.job.replay.Replayed;
import io.ebmstream.job.replay.Verdict;
import io.ebmstream.ops.weights.ModelFile;
import io.ebmstream.schemas.avro.PurifiedImage;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.NewTopic;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ebm replay}: purified images computed again and compared. */
@Command(
        name = "replay",
        description = {
            "Compute purified images again, from their inputs and the versions of the model that"
                    + " they name, and compare every field bit for bit.",
            "Takes the configuration of the job that wrote them. Only committed records are read."
                    + " The exit code is 0 if all are equal, else 1."
        })
final class ReplayCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Lines of the table for records that are not equal. */
    private static final int SHOWN = 20;

    @Spec private CommandSpec spec;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "YAML file of the job's options. Without: the defaults.")
    private Path file;

    @Mixin private OverrideOptions overrides;

    @Option(
            names = "--bootstrap",
            paramLabel = "HOST:PORT",
            showDefaultValue = Visibility.NEVER,
            description = "Kafka brokers, in place of the configuration's.")
    private String bootstrap;

    @Option(
            names = "--snapshot",
            paramLabel = "PATH",
            showDefaultValue = Visibility.NEVER,
            description =
                    "A version of the model on disk (ebm weights fetch), which then need not be in"
                            + " the snapshot topic.")
    private Path snapshot;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "0",
            description = "End after so many records; 0 is at the end of the topic.")
    private long limit;

    @Option(
            names = "--id",
            paramLabel = "ID",
            showDefaultValue = Visibility.NEVER,
            description = "Only the image with this id. May be repeated.")
    private List<String> ids = new ArrayList<>();

    @Option(
            names = "--partition",
            paramLabel = "P",
            showDefaultValue = Visibility.NEVER,
            description = "Only records of this partition of the purified images' topic.")
    private Integer partition;

    @Option(
            names = "--offset",
            paramLabel = "N",
            showDefaultValue = Visibility.NEVER,
            description = "Only the record at this offset of its partition.")
    private Long offset;

    @Option(names = "--json", description = "One JSON object a record in place of the table.")
    private boolean json;

    private final Map<Verdict, Long> counts = new EnumMap<>(Verdict.class);
    private final List<Replayed> shown = new ArrayList<>();

    @Override
    public Integer call() throws InterruptedException {
        if (limit < 0) {
            throw new UsageException("--limit: expected at least 0, found " + limit);
        }
        Map<String, String> values = new LinkedHashMap<>(overrides.values());
        if (bootstrap != null) {
            values.put(EbmOptions.KAFKA_BOOTSTRAP.key(), bootstrap);
        }
        JobConfig job = file == null ? JobConfig.of(values) : JobConfig.load(file, values);
        TopicCheck.ensure(
                job.kafka().properties(),
                List.of(
                        new NewTopic(job.topics().purified(), 1, (short) 1),
                        new NewTopic(job.topics().images(), 1, (short) 1)),
                false);
        PrintWriter out = spec.commandLine().getOut();
        try (ReplayRun run = new ReplayRun(job, model())) {
            if (!json) {
                out.printf(
                        "replaying %s at %s on %s%n",
                        job.topics().purified(), job.kafka().bootstrap(), run.device());
            }
            if (run.run(this::wanted, limit, replayed -> take(replayed, out)) == 0) {
                throw new IllegalStateException(
                        "expected records that meet the options, found none; are they committed?");
            }
        }
        if (!json) {
            table(out);
        }
        out.flush();
        return counts.keySet().stream().allMatch(v -> v == Verdict.EQUAL)
                ? ExitCode.OK
                : ExitCode.FAILED;
    }

    private ModelFile model() {
        return snapshot == null ? null : ModelArgument.read("--snapshot", snapshot);
    }

    private boolean wanted(Recorded record) {
        return (partition == null || record.partition() == partition)
                && (offset == null || record.offset() == offset)
                && (ids.isEmpty() || ids.contains(record.image().getImageId()));
    }

    private void take(Replayed replayed, PrintWriter out) {
        counts.merge(replayed.verdict(), 1L, Long::sum);
        if (json) {
            out.println(line(replayed));
            out.flush();
        } else if (replayed.verdict() != Verdict.EQUAL && shown.size() < SHOWN) {
            shown.add(replayed);
        }
    }

    private static String name(Verdict verdict) {
        return verdict.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static String version(Replayed replayed) {
        PurifiedImage image = replayed.record().image();
        return image.getModelVersion().getEpoch() + "." + image.getModelVersion().getCounter();
    }

    private static String line(Replayed replayed) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("partition", replayed.record().partition());
        fields.put("offset", replayed.record().offset());
        fields.put("image_id", replayed.record().image().getImageId());
        fields.put("stream_id", replayed.record().image().getStreamId());
        fields.put("model_version", version(replayed));
        fields.put("verdict", name(replayed.verdict()));
        fields.put("detail", replayed.detail());
        try {
            return JSON.writeValueAsString(fields);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("numbers and text are always JSON", e);
        }
    }

    private void table(PrintWriter out) {
        for (Replayed replayed : shown) {
            out.printf(
                    "%s: image %s (partition %d, offset %d, version %s): %s%n",
                    name(replayed.verdict()),
                    replayed.record().image().getImageId(),
                    replayed.record().partition(),
                    replayed.record().offset(),
                    version(replayed),
                    replayed.detail());
        }
        long others = -shown.size();
        for (Verdict verdict : Verdict.values()) {
            others += verdict == Verdict.EQUAL ? 0 : counts.getOrDefault(verdict, 0L);
        }
        if (others > 0) {
            out.printf("and %,d more%n", others);
        }
        for (Verdict verdict : Verdict.values()) {
            out.printf(
                    Locale.ROOT, "%-16s %,10d%n", name(verdict), counts.getOrDefault(verdict, 0L));
        }
    }
}
