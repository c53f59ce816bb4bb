package io.ebmstream.job.cli;

import io.ebmstream.job.config.EbmOptions;
import io.ebmstream.job.config.Setting;
import io.ebmstream.ops.weights.ModelFile;
import io.ebmstream.ops.weights.NetworkSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;

/** {@code --initial-snapshot}, for commands that start a job. */
final class SnapshotOption {
    @Option(
            names = "--initial-snapshot",
            paramLabel = "PATH",
            showDefaultValue = Visibility.NEVER,
            description =
                    "Begin with a trained model (ebm train, ebm weights) instead of random weights;"
                            + " sets its networks, too.")
    private Path path;

    /**
     * Options of the job with those of the snapshot, which give way to what is set already.
     *
     * @throws UsageException if there is no model
     */
    Map<String, String> addTo(Map<String, String> values) {
        if (path == null) {
            return values;
        }
        try {
            ModelFile model = ModelFile.read(path);
            NetworkSpec found = model.energy().spec();
            Map<String, String> all = new LinkedHashMap<>();
            all.put(EbmOptions.MODEL_NETWORK.key(), found.network());
            all.put(EbmOptions.MODEL_WIDTH.key(), Integer.toString(found.width()));
            all.put(EbmOptions.IMAGE_CHANNELS.key(), Integer.toString(found.image().channels()));
            all.put(EbmOptions.IMAGE_HEIGHT.key(), Integer.toString(found.image().height()));
            all.put(EbmOptions.IMAGE_WIDTH.key(), Integer.toString(found.image().width()));
            width(model, ModelFile.GENERATOR, EbmOptions.LEARNER_GENERATOR_WIDTH, all);
            width(model, ModelFile.PRIOR, EbmOptions.LEARNER_PRIOR_WIDTH, all);
            all.putAll(values);
            all.put(EbmOptions.MODEL_INITIAL_SNAPSHOT.key(), path.toAbsolutePath().toString());
            return all;
        } catch (IOException e) {
            throw new UsageException("--initial-snapshot: " + e.getMessage(), e);
        }
    }

    /** Of no effect in a job that has no network of this role. */
    private static void width(
            ModelFile model, String role, Setting<?> setting, Map<String, String> all) {
        if (model.others().containsKey(role)) {
            all.put(setting.key(), Integer.toString(model.other(role).spec().width()));
        }
    }
}
