package io.ebmstream.job.cli;

import io.ebmstream.job.broker.JobTopics;
import io.ebmstream.job.broker.TopicCheck;
import io.ebmstream.job.broker.TransactionCheck;
import io.ebmstream.job.config.JobConfig;
import io.ebmstream.job.topology.EbmTopology;
import io.ebmstream.job.topology.FlinkDefaults;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ebm run}: the job against a Kafka cluster. */
@Command(
        name = "run",
        description =
                "Run the job against a Kafka cluster, until Ctrl-C: in this JVM, or on the cluster"
                        + " that 'flink run' hands it to.")
final class RunCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "YAML file of options; see 'ebm config'. Without: the defaults.")
    private Path file;

    @Mixin private OverrideOptions overrides;
    @Mixin private SnapshotOption snapshot;

    @Option(
            names = "--create-topics",
            description =
                    "Create topics that are missing, one copy of each; for trying out. Elsewhere"
                            + " whoever runs Kafka sets partitions and replication.")
    private boolean createTopics;

    @Option(names = "--check", description = "Read the configuration, say what it is, and end.")
    private boolean check;

    @Option(names = "--json", description = "With --check: one JSON object in place of the line.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        if (json && !check) {
            throw new UsageException("expected --check with --json, found --json alone");
        }
        Map<String, String> values = snapshot.addTo(overrides.values());
        JobConfig config = file == null ? JobConfig.of(values) : JobConfig.load(file, values);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(JsonText.of(tree(config)));
            out.flush();
            return ExitCode.OK;
        }
        out.printf(
                "job %s: model %s (%s), images %s from topic %s at %s%n",
                config.runtime().jobName(),
                config.model().name(),
                config.model().build(),
                config.model().shape(),
                config.topics().images(),
                config.kafka().bootstrap());
        out.flush();
        if (check) {
            return ExitCode.OK;
        }
        TopicCheck.ensure(
                        config.kafka().properties(),
                        JobTopics.of(config, config.runtime().parallelism(), (short) 1),
                        createTopics)
                .forEach(name -> out.println("created topic " + name));
        TransactionCheck.ensure(config.kafka());
        out.println("running; Ctrl-C ends it");
        out.flush();
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(FlinkDefaults.of(config));
        EbmTopology.build(env, config);
        env.execute(config.runtime().jobName());
        return ExitCode.OK;
    }

    private static Map<String, Object> tree(JobConfig config) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("job", config.runtime().jobName());
        tree.put("model", config.model().name());
        tree.put("network", config.model().build().toString());
        tree.put("shape", config.model().shape().toString());
        tree.put("images", config.topics().images());
        tree.put("bootstrap", config.kafka().bootstrap());
        tree.put("parallelism", config.runtime().parallelism());
        return tree;
    }
}
