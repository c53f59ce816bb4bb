package io.ebmstream.job.cli;

import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.image.Corruption;
import io.ebmstream.ops.image.Image;
import io.ebmstream.ops.image.ImageDataset;
import io.ebmstream.ops.study.DriftStudy;
import io.ebmstream.ops.study.ImageChange;
import io.ebmstream.ops.weights.ModelFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ebm study drift}: how soon changes of a feed are found, and how often falsely. */
@Command(
        name = "drift",
        description = {
            "How soon a model's energies show a change of the feed, and how often an unchanged one"
                    + " is taken for changed; against pixel mean and variance, a PCA residual,"
                    + " ADWIN and Page-Hinkley.",
            "Changes: the lower half of the classes to the upper half; noise, blur, brightness and"
                    + " occlusion. Streams are drawn from the images with replacement."
        })
final class StudyDriftCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private EnergyOptions options;
    @Mixin private JsonOption json;

    /** What can change. */
    enum Kind {
        CLASSES,
        NOISE,
        BLUR,
        BRIGHTNESS,
        OCCLUSION
    }

    @Option(
            names = "--images",
            paramLabel = "PATH",
            required = true,
            description = "Images that the model was not trained on, with labels for classes.")
    private Path images;

    @Option(
            names = "--reference",
            paramLabel = "N",
            defaultValue = "500",
            description = "First images, which only the PCA is made of.")
    private int reference;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "2500",
            description = "Most images, those of --reference among them.")
    private int limit;

    @Option(
            names = "--changes",
            paramLabel = "KIND",
            split = ",",
            defaultValue = "classes,noise,blur,brightness,occlusion",
            description = "What changes: ${COMPLETION-CANDIDATES}.")
    private List<Kind> changes;

    @Option(
            names = "--runs",
            paramLabel = "N",
            defaultValue = "50",
            description = "Streams for each change.")
    private int runs;

    @Option(
            names = "--unchanged",
            paramLabel = "N",
            showDefaultValue = Visibility.NEVER,
            description = "Streams without a change. Default: as many as --runs.")
    private Integer unchanged;

    @Option(names = "--seed", paramLabel = "S", defaultValue = "1", description = "Seed.")
    private long seed;

    @Override
    public Integer call() throws IOException {
        if (reference < 100 || limit < 2 * reference || runs < 1 || unchanged() < 1) {
            throw new UsageException(
                    "expected --reference of at least 100, --limit of at least twice that and"
                            + " --runs and --unchanged of at least 1, found "
                            + reference
                            + ", "
                            + limit
                            + ", "
                            + runs
                            + " and "
                            + unchanged());
        }
        ModelFile file = options.read();
        ImageDataset data =
                HeldOutImages.open("--images", images, limit, file.energy().spec().image());
        List<Image> all = IntStream.range(0, data.size()).mapToObj(data::image).toList();
        if (all.size() < 2 * reference) {
            throw new UsageException(
                    "--images: expected at least "
                            + 2 * reference
                            + " images, found "
                            + all.size());
        }
        List<DriftStudy.Row> rows = new ArrayList<>();
        List<DriftStudy.FalseAlarms> alarms;
        try (CompiledNetwork network = options.compile(file.energy())) {
            double temperature = file.langevin().temperature();
            List<Image> known = all.subList(0, reference);
            List<Image> feed = all.subList(reference, all.size());
            DriftStudy study = new DriftStudy(network, temperature, known, feed, runs, seed);
            for (Kind kind : changes) {
                say("change: " + kind.name().toLowerCase(Locale.ROOT));
                if (kind == Kind.CLASSES) {
                    int half = (data.classNames().isEmpty() ? 10 : data.classNames().size()) / 2;
                    rows.addAll(
                            new DriftStudy(
                                            network,
                                            temperature,
                                            labelled(known, label -> label < half),
                                            labelled(feed, label -> label < half),
                                            runs,
                                            seed)
                                    .delays(
                                            "classes 0-" + (half - 1) + " to the others",
                                            labelled(feed, label -> label >= half)));
                } else {
                    rows.addAll(study.delays(name(kind), changed(kind, feed)));
                }
            }
            say("no change");
            alarms = study.falseAlarms(unchanged());
        }
        json.print(
                spec,
                new TreeMap<>(Map.of("delays", rows, "false_alarms", alarms, "seed", seed)),
                out -> print(out, rows, alarms));
        return ExitCode.OK;
    }

    private int unchanged() {
        return unchanged == null ? runs : unchanged;
    }

    private void say(String text) {
        spec.commandLine().getErr().println(text);
        spec.commandLine().getErr().flush();
    }

    private static List<Image> labelled(List<Image> from, Function<Integer, Boolean> wanted) {
        List<Image> chosen =
                from.stream()
                        .filter(image -> image.label() >= 0 && wanted.apply(image.label()))
                        .toList();
        if (chosen.size() <= 50) {
            throw new UsageException(
                    "--images: expected labelled images of all classes, found too few; leave"
                            + " classes out of --changes");
        }
        return chosen;
    }

    private static String name(Kind kind) {
        return switch (kind) {
            case NOISE -> "noise of deviation 0.1";
            case BLUR -> "blur, 3x3 binomial";
            case BRIGHTNESS -> "brightness + 0.15";
            case OCCLUSION -> "occlusion of a tenth";
            case CLASSES -> throw new IllegalArgumentException("expected a damage");
        };
    }

    private List<Image> changed(Kind kind, List<Image> feed) {
        return IntStream.range(0, feed.size())
                .mapToObj(
                        i -> {
                            Image image = feed.get(i);
                            return switch (kind) {
                                case NOISE -> new Corruption.Noise(0.1).apply(image, seed, i);
                                case BLUR -> ImageChange.blur(image);
                                case BRIGHTNESS -> ImageChange.brighten(image, 0.15);
                                case OCCLUSION ->
                                        new Corruption.Occlusion(0.1).apply(image, seed, i);
                                case CLASSES -> image;
                            };
                        })
                .toList();
    }

    private static void print(
            PrintWriter out, List<DriftStudy.Row> rows, List<DriftStudy.FalseAlarms> alarms) {
        out.println("| change | method | median delay | 90 % | missed | false before |");
        out.println("|---|---|---|---|---|---|");
        for (DriftStudy.Row row : rows) {
            out.printf(
                    Locale.ROOT,
                    "| %s | %s | %.0f | %.0f | %d of %d | %d |%n",
                    row.change(),
                    row.method(),
                    row.median(),
                    row.p90(),
                    row.missed(),
                    row.runs(),
                    row.early());
        }
        out.println();
        out.println("| method | false alarms | unchanged images |");
        out.println("|---|---|---|");
        for (DriftStudy.FalseAlarms row : alarms) {
            out.printf(
                    Locale.ROOT, "| %s | %d | %,d |%n", row.method(), row.alarms(), row.images());
        }
    }
}
