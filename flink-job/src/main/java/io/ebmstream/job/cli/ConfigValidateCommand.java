package io.ebmstream.job.cli;

import io.ebmstream.job.config.ConfigException;
import io.ebmstream.job.config.JobConfig;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ebm config validate}: whether a job could start with a file. */
@Command(
        name = "validate",
        description = {
            "Check a configuration file as 'ebm run' would, without Kafka or a network's files.",
            "Ends with 2 and every mistake, one line each, if there are any."
        })
final class ConfigValidateCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private OverrideOptions overrides;

    @Parameters(paramLabel = "FILE", description = "YAML file of options.")
    private Path file;

    @Option(
            names = "--json",
            description = "One JSON object: valid, and violations, one text for each mistake.")
    private boolean json;

    @Override
    public Integer call() {
        JobConfig config = null;
        List<String> violations = List.of();
        try {
            config = JobConfig.load(file, overrides.values());
        } catch (ConfigException e) {
            if (!json) {
                throw e;
            }
            violations = e.violations();
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("file", file.toString());
            result.put("valid", violations.isEmpty());
            result.put("violations", violations);
            out.println(JsonText.of(result));
        } else {
            out.printf(
                    "%s is valid: job %s, model %s (%s), images %s from topic %s at %s%n",
                    file,
                    config.runtime().jobName(),
                    config.model().name(),
                    config.model().build(),
                    config.model().shape(),
                    config.topics().images(),
                    config.kafka().bootstrap());
        }
        out.flush();
        return violations.isEmpty() ? ExitCode.OK : ExitCode.USAGE;
    }
}
