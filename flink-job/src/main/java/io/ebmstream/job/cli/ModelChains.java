package io.ebmstream.job.cli;

import io.ebmstream.ops.bank.PersistentBank;
import io.ebmstream.ops.compute.Executors;
import io.ebmstream.ops.compute.ParallelExecutor;
import io.ebmstream.ops.compute.WorkerPool;
import io.ebmstream.ops.diagnostics.BankAges;
import io.ebmstream.ops.diagnostics.ChainPrior;
import io.ebmstream.ops.diagnostics.ChainRun;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.image.Pixels;
import io.ebmstream.ops.sampler.LangevinConfig;
import io.ebmstream.ops.sampler.UniformNoise;
import io.ebmstream.ops.training.Training;
import io.ebmstream.ops.weights.ModelFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Chains of a model for commands that run some: from data, noise or the training run's bank. Owns
 * the threads that compute: close it.
 */
final class ModelChains implements AutoCloseable {
    /** Where chains may begin. */
    enum Start {
        DATA,
        NOISE,
        BANK
    }

    private static final long NOISE_SEED = 11;

    private final ModelFile model;
    private final Path folder;
    private final Executors.Choice choice;
    private final WorkerPool pool;
    private final int workers;

    /**
     * @param folder the model's, for its bank
     * @param workers threads that compute, at least 1
     */
    ModelChains(ModelFile model, Path folder, Executors.Choice choice, int workers) {
        if (workers < 1) {
            throw new UsageException("--workers: expected at least 1, found " + workers);
        }
        this.model = model;
        this.folder = folder;
        this.choice = choice;
        this.workers = workers;
        this.pool = new WorkerPool(workers, "chains");
    }

    /**
     * Chains that have taken no step.
     *
     * @param data images to begin at, as many as chains, for {@link Start#DATA}
     */
    ChainRun begin(Start start, int count, List<byte[]> data, LangevinConfig langevin, long seed)
            throws IOException {
        return run(starts(start, count, data), langevin, seed);
    }

    ChainRun run(List<float[]> starts, LangevinConfig langevin, long seed) {
        return new ChainRun(
                model.energy().network(),
                ParallelExecutor.of(choice.executor(), pool, ChainRun.PART),
                choice.precision(),
                ChainRun.PART * workers,
                model.energy().weights(),
                prior(langevin),
                langevin,
                starts,
                seed);
    }

    /** The prior, as much hotter as the energy is; null for none. */
    private ChainPrior prior(LangevinConfig langevin) {
        if (!model.others().containsKey(ModelFile.PRIOR)) {
            return null;
        }
        ModelFile.Part part = model.other(ModelFile.PRIOR);
        double hotter = langevin.temperature() / model.langevin().temperature();
        return new ChainPrior(part.network(), part.weights(), hotter * model.priorTemperature());
    }

    private List<float[]> starts(Start start, int count, List<byte[]> data) throws IOException {
        return switch (start) {
            case DATA -> data.subList(0, count).stream().map(ModelChains::pixels).toList();
            case NOISE -> noise(count);
            case BANK -> bank(count);
        };
    }

    static float[] pixels(byte[] image) {
        float[] pixels = new float[image.length];
        Pixels.toFloat(image, 0, pixels, 0, pixels.length);
        return pixels;
    }

    private List<float[]> noise(int count) {
        ImageShape shape = model.energy().spec().image();
        UniformNoise noise = new UniformNoise();
        List<float[]> images = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            float[] image = new float[shape.size()];
            noise.fill(NOISE_SEED, i, 0, image, 0, image.length);
            images.add(image);
        }
        return images;
    }

    /** The bank's first chains: its places have no order. */
    private List<float[]> bank(int count) throws IOException {
        ImageShape shape = model.energy().spec().image();
        try (PersistentBank bank = Training.readBank(folder, shape)) {
            List<float[]> images = new ArrayList<>();
            for (int slot = 0; slot < bank.capacity() && images.size() < count; slot++) {
                if (bank.isStarted(slot)) {
                    float[] image = new float[shape.size()];
                    bank.read(slot, image, 0);
                    images.add(image);
                }
            }
            if (images.size() < count) {
                throw new UsageException(
                        "expected "
                                + count
                                + " chains in the bank of "
                                + folder
                                + ", found "
                                + images.size());
            }
            return images;
        }
    }

    /** Ages of the training run's bank, or null if the folder has no checkpoint. */
    BankAges ages() throws IOException {
        if (!Training.hasCheckpoint(folder)) {
            return null;
        }
        try (PersistentBank bank = Training.readBank(folder, model.energy().spec().image())) {
            return BankAges.of(bank);
        }
    }

    @Override
    public void close() {
        pool.close();
    }
}
