package io.ebmstream.ops.learner;

import io.ebmstream.ops.bank.Draws;
import io.ebmstream.ops.bank.PersistentBank;
import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.sampler.GaussianNoise;
import io.ebmstream.ops.sampler.UniformNoise;
import io.ebmstream.ops.state.NamedState;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A batch of the life cycle's chains, out of a bank or fresh: drawn, started from noise, data or a
 * generator, moved. With a generator, each chain keeps the latents that it started from: the bank
 * is one of pairs. Two groups of a learner have random numbers of their own. Not thread-safe.
 */
final class ChainGroup implements AutoCloseable {
    /** Purposes of random numbers, counted down from a group's first one. */
    private static final int BANK = 0;

    private static final int CHAINS = -1;
    private static final int NOISE_START = -2;
    private static final int DATA_START = -3;
    private static final int LATENTS = -5;

    private final LearnerConfig config;
    private final ReplayBuffer data;
    private final LearnedGenerator generator;
    private final long purpose;
    private final PersistentBank bank;
    private final PersistentBank latentBank;
    private final ChainParts chains;
    private final GaussianNoise gaussian = new GaussianNoise();
    private final UniformNoise uniform = new UniformNoise();
    private final float[] image;
    private final int[] slots;
    private final boolean[] restarted;

    /** Latents of the batch, and a part of them with its images, for a generator. */
    private final float[] latents;

    private final float[] z;
    private final INDArray generatorInput;
    private final INDArray generatorOutput;

    private ChainRound round;
    private int generated;

    /**
     * @param generator gives starts, or null; stays the caller's
     * @param name of the bank's pieces of state
     * @param capacity of the bank, 0 for fresh chains
     * @param purpose first purpose of random numbers; this one and the next five below are its own
     */
    ChainGroup(
            LearnerConfig config,
            ReplayBuffer data,
            LearnedGenerator generator,
            String name,
            int capacity,
            long purpose) {
        this.config = config;
        this.data = data;
        this.generator = generator;
        this.purpose = purpose;
        ImageShape shape = config.network().input();
        int batch = config.batch();
        bank = capacity == 0 ? null : new PersistentBank(name, capacity, shape);
        chains = new ChainParts(shape, batch, config.part());
        image = new float[shape.size()];
        slots = new int[batch];
        restarted = new boolean[batch];
        if (generator == null) {
            latentBank = null;
            latents = null;
            z = null;
            generatorInput = null;
            generatorOutput = null;
        } else {
            ImageShape latent = config.generator().network().input();
            latentBank =
                    bank == null ? null : new PersistentBank(name + "-latents", capacity, latent);
            latents = new float[batch * latent.size()];
            z = new float[latent.size()];
            int n = Math.min(config.part(), batch);
            generatorInput = zeros(n, latent);
            generatorOutput = zeros(n, shape);
        }
    }

    static INDArray zeros(int n, ImageShape shape) {
        return Nd4j.zeros(DataType.FLOAT, n, shape.channels(), shape.height(), shape.width());
    }

    /** Draws chains; those that a generator starts are started by {@link #start}. */
    void begin(ChainRound next, IntPredicate restarts) {
        round = next;
        generated = 0;
        int batch = config.batch();
        int[] drawn = bank == null ? null : bank.draw(seed(BANK), round.number(), batch);
        for (int i = 0; i < batch; i++) {
            if (bank == null) {
                slots[i] = i;
                restarted[i] = true;
                chains.chain(i, round.number() * batch + i, 0);
            } else {
                slots[i] = drawn[i];
                restarted[i] = restarts.test(drawn[i]);
                chains.chain(i, drawn[i], bank.steps(drawn[i]));
            }
            if (restarted[i]) {
                drawStart(i);
            } else {
                bank.read(slots[i], image, 0);
                chains.put(i, image);
                if (generator != null) {
                    latentBank.read(slots[i], latents, i * z.length);
                }
            }
        }
        chains.begin();
    }

    private void drawStart(int i) {
        if (config.start().fromGenerator()) {
            gaussian.fill(seed(LATENTS), i, round.number(), latents, i * z.length, z.length);
        } else if (config.start().fromData()) {
            data.read(Draws.index(key(DATA_START), i, data.size()), image, 0);
            chains.put(i, image);
        } else {
            uniform.fill(seed(NOISE_START), i, round.number(), image, 0, image.length);
            chains.put(i, image);
        }
    }

    /** Generates some of the chains that a generator starts; true when there are no more. */
    boolean start() {
        if (generator == null) {
            return true;
        }
        int n = (int) generatorInput.size(0);
        int first = generated;
        int filled = 0;
        int i = first;
        for (; i < config.batch() && filled < n; i++) {
            if (restarted[i]) {
                long to = (long) filled * z.length;
                FloatArrays.write(latents, i * z.length, generatorInput, to, z.length);
                filled++;
            }
        }
        if (filled > 0) {
            generator.generate(generatorInput, generatorOutput);
            int from = 0;
            for (int j = first; j < i; j++) {
                if (restarted[j]) {
                    long at = (long) from * image.length;
                    FloatArrays.read(generatorOutput, at, image, 0, image.length);
                    chains.put(j, image);
                    from++;
                }
            }
        }
        generated = i;
        return generated == config.batch();
    }

    /** Moves the chains for a while; true when they have had all steps. */
    boolean move(ChainDynamics dynamics, int steps, long nanos) {
        return chains.advance(dynamics, seed(CHAINS), steps, nanos);
    }

    ChainParts chains() {
        return chains;
    }

    /** Latents of the batch, one after the other, or null without a generator. */
    float[] latents() {
        return latents;
    }

    /** The bank, or null. */
    PersistentBank bank() {
        return bank;
    }

    int slot(int i) {
        return slots[i];
    }

    boolean restarted(int i) {
        return restarted[i];
    }

    /** Seed of the bank's restarts. */
    long bankSeed() {
        return seed(BANK);
    }

    /**
     * Keeps chain i of the batch in its slot.
     *
     * @param steps that it took
     * @param age its updates, this one counted
     */
    void keep(int i, int steps, int age) {
        chains.get(i, image);
        bank.put(slots[i], image, 0, steps, age);
        if (generator != null && restarted[i]) {
            latentBank.put(slots[i], latents, i * z.length, 0, 0);
        }
    }

    /** Takes chain i of another group's batch, and its latents, for the slot of this one's. */
    void replace(int i, ChainGroup other, int age) {
        other.chains.get(i, image);
        bank.put(slots[i], image, 0, 0, age);
        if (generator != null) {
            latentBank.put(slots[i], other.latents, i * z.length, 0, 0);
        }
    }

    /** Whether every pixel of the batch is finite. */
    boolean finite() {
        boolean finite = true;
        for (int i = 0; i < config.batch() && finite; i++) {
            chains.get(i, image);
            finite = FloatArrays.within(image, image.length, Float.MAX_VALUE);
        }
        return finite;
    }

    List<NamedState> state() {
        List<NamedState> parts = new ArrayList<>();
        if (bank != null) {
            parts.add(bank);
        }
        if (latentBank != null) {
            parts.add(latentBank);
        }
        return parts;
    }

    private long seed(int offset) {
        return round.seed(purpose + offset);
    }

    private long key(int offset) {
        return round.key(purpose + offset);
    }

    @Override
    public void close() {
        chains.close();
        for (PersistentBank each : new PersistentBank[] {bank, latentBank}) {
            if (each != null) {
                each.close();
            }
        }
        for (INDArray array : new INDArray[] {generatorInput, generatorOutput}) {
            if (array != null && array.closeable()) {
                array.close();
            }
        }
    }
}
