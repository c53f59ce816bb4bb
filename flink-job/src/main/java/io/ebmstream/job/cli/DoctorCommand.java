package io.ebmstream.job.cli;

import io.ebmstream.job.config.EbmOptions;
import io.ebmstream.job.config.JobConfig;
import io.ebmstream.job.doctor.Doctor;
import io.ebmstream.job.doctor.Finding;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ebm doctor}: whether everything is there that a job needs. */
@Command(
        name = "doctor",
        description = {
            "Look at Java, processor, GPU, memory, disk, ports and limits of this machine and, with"
                    + " --bootstrap or --config, at Kafka and the job's topics. Each line that is"
                    + " not ok says what to do.",
            "Ends with 1 if a job could not run. Nothing is changed."
        })
final class DoctorCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Option(
            names = "--bootstrap",
            paramLabel = "HOST:PORT",
            showDefaultValue = Visibility.NEVER,
            description = "Look at Kafka there, too; several brokers with commas.")
    private String bootstrap;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            showDefaultValue = Visibility.NEVER,
            description =
                    "Look at the Kafka cluster, topics and limits of this job. Without: the"
                            + " defaults' topics.")
    private Path file;

    @Mixin private OverrideOptions overrides;

    @Option(
            names = "--json",
            description = "One JSON object: healthy, and checks with name, level, found, advice.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException {
        Map<String, String> values = new LinkedHashMap<>(overrides.values());
        if (bootstrap != null) {
            values.put(EbmOptions.KAFKA_BOOTSTRAP.key(), bootstrap);
        }
        JobConfig config = file == null ? JobConfig.of(values) : JobConfig.load(file, values);
        List<Finding> findings = new ArrayList<>(Doctor.machine());
        if (bootstrap != null || file != null) {
            findings.addAll(Doctor.broker(config));
        }
        boolean healthy = Doctor.healthy(findings);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(JsonText.of(tree(findings, healthy)));
        } else {
            findings.forEach(finding -> print(out, finding));
            out.println(
                    healthy ? "a job can run here" : "a job cannot run here: see the lines above");
        }
        out.flush();
        return healthy ? ExitCode.OK : ExitCode.FAILED;
    }

    private void print(PrintWriter out, Finding finding) {
        String style =
                switch (finding.level()) {
                    case OK -> "green";
                    case WARN -> "yellow";
                    case FAIL -> "red";
                };
        Ansi ansi = spec.commandLine().getColorScheme().ansi();
        String level = String.format(Locale.ROOT, "%-4s", finding.level());
        out.printf(
                Locale.ROOT,
                "%s  %-26s %s%n",
                ansi.string("@|" + style + " " + level + "|@"),
                finding.name(),
                finding.found());
        if (!finding.advice().isEmpty()) {
            out.println("      -> " + finding.advice());
        }
    }

    private static Map<String, Object> tree(List<Finding> findings, boolean healthy) {
        List<Map<String, String>> checks = new ArrayList<>();
        for (Finding finding : findings) {
            Map<String, String> check = new LinkedHashMap<>();
            check.put("name", finding.name());
            check.put("level", finding.level().toString());
            check.put("found", finding.found());
            check.put("advice", finding.advice());
            checks.add(check);
        }
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("healthy", healthy);
        tree.put("checks", checks);
        return tree;
    }
}
