package io.ebmstream.job.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ebmstream.ops.learner.LearnerConfig;
import io.ebmstream.ops.preset.Preset;
import io.ebmstream.ops.preset.Presets;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ebm presets}: the papers' settings by name. */
@Command(
        name = "presets",
        description = {
            "List the papers' settings by name; 'presets show NAME' has all values of one.",
            "Training takes one by --preset, a job by ebm.learner.preset; both may set values"
                    + " themselves."
        },
        subcommands = PresetsCommand.Show.class)
final class PresetsCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Spec private CommandSpec spec;

    @Option(names = "--json", description = "A JSON array of objects in place of the table.")
    private boolean json;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(write(Presets.all().stream().map(Preset::values).toList()));
        } else {
            table(out);
        }
        out.flush();
        return ExitCode.OK;
    }

    private static void table(PrintWriter out) {
        String row = "%-20s %-9s %-16s %6s %5s %8s %8s  %s%n";
        out.printf(Locale.ROOT, row, "preset", "network", "start", "bank", "K", "eps", "T", "what");
        for (Preset preset : Presets.all()) {
            boolean lifeCycle = preset.chains() == LearnerConfig.LIFE_CYCLE;
            out.printf(
                    Locale.ROOT,
                    row,
                    preset.name(),
                    preset.energy(),
                    lifeCycle ? preset.start().label() : "hat",
                    lifeCycle && preset.start().persistent() ? preset.bank() : "-",
                    preset.steps().countAt(0),
                    number(preset.langevin().stepSize()),
                    number(preset.langevin().temperature()),
                    preset.summary());
        }
    }

    private static String number(double value) {
        return String.valueOf(value).replace(".0E", "e").replace('E', 'e');
    }

    private static String write(Object value) {
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a preset cannot be written as JSON", e);
        }
    }

    /** {@code ebm presets show}: all values of a preset. */
    @Command(name = "show", description = "All values of a preset.")
    static final class Show implements Callable<Integer> {
        private static final List<String> NOTES =
                List.of(
                        "Step size, tau, noise: pixel units of [-1, 1]. 0 leaves tau, clipping, SGD"
                                + " and the average out.");

        @Spec private CommandSpec spec;

        @Parameters(paramLabel = "NAME", description = "Which one; 'ebm presets' lists them.")
        private String name;

        @Option(names = "--json", description = "One JSON object in place of the lines.")
        private boolean json;

        @Override
        public Integer call() {
            PrintWriter out = spec.commandLine().getOut();
            Map<String, Object> values = preset().values();
            if (json) {
                out.println(write(values));
            } else {
                values.forEach((key, value) -> out.printf("%-24s %s%n", key, text(value)));
                NOTES.forEach(out::println);
            }
            out.flush();
            return ExitCode.OK;
        }

        private Preset preset() {
            try {
                return Presets.named(name);
            } catch (IllegalArgumentException e) {
                throw new UsageException(e.getMessage(), e);
            }
        }

        private static Object text(Object value) {
            if (value instanceof Double number) {
                return number == Math.rint(number) ? "" + number.longValue() : number(number);
            }
            return value;
        }
    }
}
