package io.ebmstream.ops.study;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.energy.Initializer;
import io.ebmstream.ops.image.ImageDataset;
import io.ebmstream.ops.learner.LearnerConfig;
import io.ebmstream.ops.learner.MaximumLikelihoodLearner;
import io.ebmstream.ops.learner.UpdateInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A training run in one precision and what it left.
 *
 * @param settings what was trained, as text: a run of other settings is not taken for this one
 * @param weights averaged weights at the end
 * @param updates how every update went
 * @param chains all persistent chains at the end, u8 planar
 */
record TrainingRun(
        String settings, float[] weights, List<UpdateInfo> updates, List<byte[]> chains) {
    private static final ObjectMapper JSON = new ObjectMapper();

    TrainingRun {
        updates = List.copyOf(updates);
        chains = List.copyOf(chains);
    }

    /**
     * Trains, or reads what an earlier call with the same settings wrote.
     *
     * @param trainingImages images 0 to trainingImages - 1 are offered in turn
     * @param file where the run is kept
     * @param each takes every update
     */
    static TrainingRun of(
            LearnerConfig config,
            int updates,
            Executor executor,
            Precision precision,
            ImageDataset data,
            int trainingImages,
            Path file,
            Consumer<UpdateInfo> each)
            throws IOException {
        String settings =
                String.join(
                        " ",
                        config.toString(),
                        "updates " + updates,
                        executor.name(),
                        precision.label(),
                        data.name(),
                        "images " + trainingImages);
        if (Files.exists(file)) {
            TrainingRun kept = JSON.readValue(file.toFile(), TrainingRun.class);
            if (kept.settings().equals(settings)) {
                return kept;
            }
        }
        TrainingRun run =
                train(settings, config, updates, executor, precision, data, trainingImages, each);
        Path whole = Files.createTempFile(file.getParent(), "run", ".tmp");
        JSON.writeValue(whole.toFile(), run);
        Files.move(whole, file, StandardCopyOption.REPLACE_EXISTING);
        return run;
    }

    private static TrainingRun train(
            String settings,
            LearnerConfig config,
            int count,
            Executor executor,
            Precision precision,
            ImageDataset data,
            int trainingImages,
            Consumer<UpdateInfo> each) {
        List<UpdateInfo> course = new ArrayList<>();
        float[] initial = Initializer.weights(config.network(), config.seed());
        try (MaximumLikelihoodLearner learner =
                new MaximumLikelihoodLearner(config, executor, precision, initial)) {
            for (long i = 0; course.size() < count; i++) {
                if (learner.offer(data.image((int) (i % trainingImages)).pixels())) {
                    learner.advance(Long.MAX_VALUE);
                    course.add(learner.lastUpdate());
                    each.accept(learner.lastUpdate());
                }
            }
            return new TrainingRun(
                    settings,
                    learner.averagedParameters(),
                    course,
                    List.of(learner.copyChains(config.bankSize())));
        }
    }
}
