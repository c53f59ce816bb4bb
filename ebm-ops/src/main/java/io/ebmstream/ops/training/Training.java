package io.ebmstream.ops.training;

import io.ebmstream.ops.bank.PersistentBank;
import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.guard.GuardAction;
import io.ebmstream.ops.guard.GuardedLearner;
import io.ebmstream.ops.image.Image;
import io.ebmstream.ops.image.ImageDataset;
import io.ebmstream.ops.image.ImageGrid;
import io.ebmstream.ops.learner.LearnerConfig;
import io.ebmstream.ops.learner.LearnerWeights;
import io.ebmstream.ops.learner.MaximumLikelihoodLearner;
import io.ebmstream.ops.learner.ReplayBuffer;
import io.ebmstream.ops.learner.UpdateInfo;
import io.ebmstream.ops.plot.ChartImage;
import io.ebmstream.ops.state.Sha256;
import io.ebmstream.ops.weights.ModelFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains a model on a fixed set of images, with the learner that the streaming job has. All images
 * are offered once, in their order, so that the replay buffer is the set itself; then updates
 * follow one another. The course is a function of the plan, the images, the executor and the
 * precision.
 *
 * <p>In its folder: {@value #CHECKPOINT} (the learner's state; a run that ended in whatever way
 * goes on from it with the same bits), {@value #COURSE} (a row for every update), {@value #EVENTS}
 * (what guard rails did), {@code model.safetensors} ({@link ModelFile}, averaged weights), {@value
 * #CHARTS}, {@code samples/} (chains as pictures). They are renewed at every checkpoint, each in
 * one piece.
 *
 * <p>Not thread-safe. Close it.
 */
public final class Training implements AutoCloseable {
    public static final String CHECKPOINT = "checkpoint.bin";
    public static final String COURSE = "training.csv";
    public static final String EVENTS = "events.csv";
    public static final String CHARTS = "diagnostics.png";
    public static final String SAMPLES = "samples";

    private static final Logger LOG = LoggerFactory.getLogger(Training.class);

    private static final int PICTURED = 64;
    private static final int SCALE = 2;

    /** Slices of work between two looks at whether to stop. */
    private static final long SLICE_NANOS = 200_000_000;

    private final TrainingPlan plan;
    private final Settings settings;
    private final ImageDataset data;
    private final Path folder;
    private final GuardedLearner guarded;
    private final MaximumLikelihoodLearner learner;
    private final Course course;
    private final TrainingEvents events;
    private final String executor;
    private long saved;

    private Training(
            TrainingPlan plan,
            Settings settings,
            ImageDataset data,
            Path folder,
            GuardedLearner guarded,
            Course course,
            TrainingEvents events,
            String executor) {
        this.plan = plan;
        this.settings = settings;
        this.data = data;
        this.folder = folder;
        this.guarded = guarded;
        this.learner = guarded.learner();
        this.course = course;
        this.events = events;
        this.executor = executor;
        this.saved = learner.updates();
    }

    /** Whether a folder holds a run that can be gone on with. */
    public static boolean hasCheckpoint(Path folder) {
        return Files.exists(folder.resolve(CHECKPOINT));
    }

    /**
     * Begins a run.
     *
     * @param folder made if it is missing
     * @throws IllegalArgumentException if replay buffer or warm-up are not as large as the data
     *     set, images are of another shape, or weights do not fit
     */
    public static Training begin(
            TrainingPlan plan,
            Executor executor,
            Precision precision,
            ImageDataset data,
            LearnerWeights weights,
            Path folder)
            throws IOException {
        Settings settings = settings(plan, executor, precision, data);
        Files.createDirectories(folder.resolve(SAMPLES));
        GuardedLearner learner =
                new GuardedLearner(
                        fill(plan, executor, precision, data, weights), plan.guard(), executor);
        try {
            return new Training(
                    plan,
                    settings,
                    data,
                    folder,
                    learner,
                    Course.open(folder.resolve(COURSE), 0),
                    TrainingEvents.open(folder.resolve(EVENTS), 0),
                    label(executor, precision));
        } catch (IOException | RuntimeException e) {
            learner.close();
            throw e;
        }
    }

    /**
     * Goes on with a run from its last checkpoint, with the same bits.
     *
     * @throws IllegalArgumentException if the settings are others than the run began with
     * @throws IOException if there is no whole checkpoint
     */
    public static Training resume(
            TrainingPlan plan,
            Executor executor,
            Precision precision,
            ImageDataset data,
            Path folder)
            throws IOException {
        Checkpoint checkpoint = Checkpoint.read(folder.resolve(CHECKPOINT));
        Settings settings = settings(plan, executor, precision, data);
        settings.requireSame(checkpoint.settings());
        MaximumLikelihoodLearner filled =
                fill(plan, executor, precision, data, LearnerWeights.zeros(plan.config()));
        Map<String, byte[]> pieces = new LinkedHashMap<>(checkpoint.pieces());
        for (String piece : filled.state().pieces()) {
            if (isImages(piece)) {
                pieces.put(piece, filled.state().piece(piece));
            }
        }
        GuardedLearner learner = GuardedLearner.restore(filled, plan.guard(), executor, pieces);
        try {
            long rows = learner.guard().attempts();
            return new Training(
                    plan,
                    settings,
                    data,
                    folder,
                    learner,
                    Course.open(folder.resolve(COURSE), rows),
                    TrainingEvents.open(folder.resolve(EVENTS), rows),
                    label(executor, precision));
        } catch (IOException | RuntimeException e) {
            learner.close();
            throw e;
        }
    }

    private static MaximumLikelihoodLearner fill(
            TrainingPlan plan,
            Executor executor,
            Precision precision,
            ImageDataset data,
            LearnerWeights weights) {
        LearnerConfig config = plan.config();
        int n = data.size();
        if (config.replayCapacity() != n || config.warmupImages() != n) {
            throw new IllegalArgumentException(
                    "expected a replay buffer and a warm-up of "
                            + n
                            + " images, all of "
                            + data.name()
                            + ", found "
                            + config.replayCapacity()
                            + " and "
                            + config.warmupImages());
        }
        if (!config.network().input().equals(data.shape())) {
            throw new IllegalArgumentException(
                    "expected images of "
                            + config.network().input()
                            + " for the network, found "
                            + data.shape()
                            + "; choose another network or padding");
        }
        MaximumLikelihoodLearner learner =
                new MaximumLikelihoodLearner(config, executor, precision, weights);
        for (int i = 0; i < n; i++) {
            learner.offer(data.image(i).pixels());
        }
        return learner;
    }

    private static Settings settings(
            TrainingPlan plan, Executor executor, Precision precision, ImageDataset data) {
        Map<String, String> others = new LinkedHashMap<>();
        others.put("part", Integer.toString(plan.part()));
        others.put("preset", plan.preset());
        new TreeMap<>(plan.fixed())
                .forEach((role, part) -> others.put(role + "_weights", hash(part)));
        others.put("initial_weights", plan.weightsName());
        others.put("executor", label(executor, precision));
        others.put("images", data.size() + " of " + data.shape() + ", sha256 " + hash(data));
        return Settings.of(plan.config(), others);
    }

    private static String label(Executor executor, Precision precision) {
        return executor.name() + "/" + precision.label();
    }

    private static String hash(ImageDataset data) {
        Sha256 digest = new Sha256();
        for (int i = 0; i < data.size(); i++) {
            digest.add(data.image(i).pixels());
        }
        return digest.hex();
    }

    private static String hash(ModelFile.Part part) {
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * part.weights().length);
        bytes.asFloatBuffer().put(part.weights());
        return part.spec().network() + ", sha256 " + Sha256.hex(bytes.array());
    }

    /**
     * The chains of a run's bank, as its last checkpoint has them. Close it.
     *
     * @throws IOException if there is no whole checkpoint, or the run had no bank
     */
    public static PersistentBank readBank(Path folder, ImageShape shape) throws IOException {
        Checkpoint checkpoint = Checkpoint.read(folder.resolve(CHECKPOINT));
        int size = Integer.parseInt(checkpoint.settings().values().get("bankSize"));
        PersistentBank bank = new PersistentBank(size, shape);
        try {
            checkpoint
                    .pieces()
                    .forEach(
                            (piece, bytes) -> {
                                if (bank.knows(piece)) {
                                    bank.restore(piece, bytes);
                                }
                            });
            if (bank.started() == 0) {
                throw new IOException(
                        "expected chains in the bank of "
                                + folder
                                + ", found none; start elsewhere");
            }
            return bank;
        } catch (IOException | RuntimeException e) {
            bank.close();
            throw e;
        }
    }

    private static boolean isImages(String piece) {
        return piece.startsWith(ReplayBuffer.NAME + "/");
    }

    /** Completed updates. */
    public long updates() {
        return learner.updates();
    }

    /**
     * Trains until so many updates are complete, and writes a checkpoint then; also if it is told
     * to stop before.
     *
     * @param updates completed updates to end after, those of earlier runs counted
     * @param each follows every update
     * @param stop looked at several times a second
     */
    public void run(long updates, Consumer<UpdateInfo> each, BooleanSupplier stop)
            throws IOException {
        while (learner.updates() < updates && !guarded.frozen() && !stop.getAsBoolean()) {
            if (!guarded.updating()) {
                guarded.beginUpdate();
            }
            if (!guarded.advance(SLICE_NANOS)) {
                continue;
            }
            UpdateInfo info = guarded.lastUpdate();
            course.add(info);
            for (GuardAction action : guarded.actions()) {
                LOG.warn("Update {}: {}", info.update(), action);
                events.add(guarded.guard().attempts(), info.update(), action);
            }
            each.accept(info);
            if (guarded.rolledBack()
                    || info.applied() && info.update() % plan.checkpointEvery() == 0) {
                save();
            }
        }
        if (learner.updates() > saved || !hasCheckpoint(folder)) {
            save();
        }
    }

    /** Whether guard rails have stopped learning for good. */
    public boolean frozen() {
        return guarded.frozen();
    }

    /** Roll-backs so far. */
    public int rollBacks() {
        return guarded.guard().rollBacks();
    }

    /** Writes checkpoint, model and pictures. The checkpoint comes first: it is what counts. */
    private void save() throws IOException {
        Map<String, byte[]> pieces = new LinkedHashMap<>();
        for (String piece : guarded.state().pieces()) {
            if (!isImages(piece)) {
                pieces.put(piece, guarded.state().piece(piece));
            }
        }
        new Checkpoint(settings, pieces).write(folder.resolve(CHECKPOINT));
        saved = learner.updates();
        model().write(folder);
        byte[][] chains = learner.copyChains(PICTURED);
        if (chains.length > 0) {
            List<Image> images = new ArrayList<>();
            for (byte[] pixels : chains) {
                images.add(new Image(data.shape(), pixels));
            }
            String name = String.format(Locale.ROOT, "%06d.png", learner.updates());
            ImageGrid.square(SCALE, images).write(folder.resolve(SAMPLES).resolve(name));
        }
        drawCharts();
    }

    private void drawCharts() throws IOException {
        double[] d = course.energyDifferences();
        if (d.length < 2) {
            return;
        }
        String title = data.name() + ", " + learner.updates() + " updates";
        try {
            ChartImage.write(
                    folder.resolve(CHARTS),
                    CourseCharts.of(title, d, course.gradientMagnitudes(), course.rhos()));
        } catch (IllegalStateException e) {
            // a machine without a font must not lose a training run
            LOG.warn("No charts: {}", e.getMessage());
        }
    }

    /** The model as it stands: averaged weights, and what made them. */
    public ModelFile model() {
        LearnerConfig config = plan.config();
        Map<String, ModelFile.Part> others = new HashMap<>(plan.fixed());
        if (plan.generator() != null) {
            others.put(
                    ModelFile.GENERATOR,
                    new ModelFile.Part(plan.generator(), learner.generator().weights()));
        }
        Map<String, String> notes = new HashMap<>();
        notes.put("images", settings.values().get("images"));
        notes.put("data_noise", Double.toString(config.dataNoise()));
        notes.put("seed", Long.toString(config.seed()));
        notes.put("initial_weights", plan.weightsName());
        notes.put("executor", executor);
        if (config.prior() != null) {
            notes.put(ModelFile.PRIOR_TEMPERATURE, Double.toString(config.prior().temperature()));
        }
        return new ModelFile(
                new ModelFile.Part(plan.network(), learner.averagedParameters()),
                others,
                config.langevin(),
                config.steps().countAt(learner.updates()),
                plan.preset(),
                learner.updates() == 0 ? plan.start() : plan.start().next(),
                learner.updates(),
                notes);
    }

    /** Frees native memory; writes nothing. */
    @Override
    public void close() throws IOException {
        guarded.close();
        course.close();
        events.close();
    }
}
