package io.ebmstream.ops.learner;

import io.ebmstream.ops.bank.Draws;
import io.ebmstream.ops.bank.PersistentBank;
import io.ebmstream.ops.compute.CompiledNetwork;
import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.compute.PlanCache;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.image.Pixels;
import io.ebmstream.ops.sampler.GaussianNoise;
import io.ebmstream.ops.sampler.Threefry;
import io.ebmstream.ops.sampler.UniformNoise;
import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The work of one update up to its gradient, in pieces: data and chains are drawn, every part's
 * chains take K steps, then the parts' gradients are added in their order,
 *
 * <pre>grad = ( mean grad_theta U(x+ + s xi) - mean grad_theta U(x-) ) / T</pre>
 *
 * It reads the bank and the replay buffer but changes neither; what it holds is working memory, not
 * state. How the work is cut in pieces never shows in the result. Not thread-safe.
 */
final class UpdateRun implements AutoCloseable {
    /** Pixels beyond this are out of range. */
    static final float RANGE = 1.5f;

    /** Purposes of random numbers; each gets a seed of its own. */
    private static final long DATA = -1;

    private static final long DATA_NOISE = -2;
    private static final long BANK = -3;
    private static final long CHAINS = -4;
    private static final long NOISE_START = -5;
    private static final long DATA_START = -6;

    private enum Phase {
        IDLE,
        LANGEVIN,
        GRADIENT,
        ENERGIES
    }

    private final LearnerConfig config;
    private final int size;
    private final PersistentBank bank;
    private final ReplayBuffer replay;
    private final PlanCache plans;
    private final CompiledNetwork plan;
    private final CompiledNetwork energyPlan;
    private final INDArray[] positives;
    private final INDArray[] negatives;
    private final INDArray gradient;

    private final GaussianNoise gaussian = new GaussianNoise();
    private final UniformNoise uniform = new UniformNoise();
    private final float[] image;
    private final float[] noise;
    private final int[] slots;
    private final boolean[] restarted;
    private final long[][] chains;
    private final long[][] firstSteps;
    private final float[][] displacement;
    private final float[][] dataEnergies;
    private final float[][] chainEnergies;

    private Phase phase = Phase.IDLE;
    private int part;
    private int stepsDone;
    private int rejuvenated;
    private boolean filled;
    private double stepNanos;
    private long imageSteps;

    UpdateRun(
            LearnerConfig config,
            Executor executor,
            Precision precision,
            PersistentBank bank,
            ReplayBuffer replay) {
        this.config = config;
        this.bank = bank;
        this.replay = replay;
        ImageShape shape = config.network().input();
        this.size = shape.size();
        int batch = config.batch();
        int parts = (batch + config.part() - 1) / config.part();
        positives = new INDArray[parts];
        negatives = new INDArray[parts];
        chains = new long[parts][];
        firstSteps = new long[parts][];
        displacement = new float[parts][];
        dataEnergies = new float[parts][];
        chainEnergies = new float[parts][];
        for (int p = 0; p < parts; p++) {
            int n = Math.min(config.part(), batch - p * config.part());
            positives[p] = images(n, shape);
            negatives[p] = images(n, shape);
            chains[p] = new long[n];
            firstSteps[p] = new long[n];
            displacement[p] = new float[n];
            dataEnergies[p] = new float[n];
            chainEnergies[p] = new float[n];
        }
        gradient = Nd4j.zeros(DataType.FLOAT, 1, config.network().parameterCount());
        image = new float[size];
        noise = new float[size];
        slots = new int[batch];
        restarted = new boolean[batch];
        plans = new PlanCache(executor, 2);
        plan = plans.plan(config.network(), config.part(), precision);
        energyPlan = plans.plan(config.network(), config.part(), Precision.FLOAT32);
    }

    private static INDArray images(int n, ImageShape shape) {
        return Nd4j.zeros(DataType.FLOAT, n, shape.channels(), shape.height(), shape.width());
    }

    void setParameters(INDArray parameters) {
        plan.setParameters(parameters);
        if (energyPlan != plan) {
            energyPlan.setParameters(parameters);
        }
    }

    /** Weights of the float32 plan that gives energies, until the next {@link #setParameters}. */
    void setEnergyParameters(INDArray parameters) {
        energyPlan.setParameters(parameters);
    }

    /**
     * U(x)/T of images under the energy plan's weights. Overwrites the data batch, so not while
     * running.
     *
     * @param pixels u8 planar, one image after the other
     */
    double[] energies(byte[] pixels, int count) {
        double[] energies = new double[count];
        int n = (int) positives[0].size(0);
        for (int first = 0; first < count; first += n) {
            int filled = Math.min(n, count - first);
            for (int j = 0; j < filled; j++) {
                Pixels.toFloat(pixels, (first + j) * size, image, 0, size);
                put(positives, j);
            }
            energyPlan.energies(positives[0], dataEnergies[0]);
            for (int j = 0; j < filled; j++) {
                energies[first + j] = dataEnergies[0][j] / config.langevin().temperature();
            }
        }
        return energies;
    }

    /** Mean U(x-)/T of the last run's chains under the energy plan's weights. */
    double chainEnergyNow() {
        for (int p = 0; p < negatives.length; p++) {
            energyPlan.energies(negatives[p], chainEnergies[p]);
        }
        return chainEnergy();
    }

    boolean running() {
        return phase != Phase.IDLE;
    }

    /** Draws data and chains. Pure function of (seed, round, bank, replay buffer). */
    void begin(long round) {
        drawData(round);
        drawChains(round);
        gradient.assign(0);
        phase = Phase.LANGEVIN;
        part = 0;
        stepsDone = 0;
    }

    private void drawData(long round) {
        int[] drawn = Draws.distinct(key(DATA, round), replay.size(), config.batch());
        for (int i = 0; i < drawn.length; i++) {
            readData(drawn[i]);
            if (config.dataNoise() > 0) {
                gaussian.fill(seed(DATA_NOISE), i, round, noise, 0, size);
                float s = (float) config.dataNoise();
                for (int k = 0; k < size; k++) {
                    image[k] += s * noise[k];
                }
            }
            put(positives, i);
        }
    }

    private void drawChains(long round) {
        boolean persistent = config.start().persistent();
        int batch = config.batch();
        int[] drawn = persistent ? bank.draw(seed(BANK), round, batch) : null;
        rejuvenated = 0;
        for (int i = 0; i < batch; i++) {
            int p = i / config.part();
            int j = i % config.part();
            if (persistent) {
                slots[i] = drawn[i];
                restarted[i] =
                        bank.restarts(
                                seed(BANK),
                                round,
                                drawn[i],
                                config.rejuvenation(),
                                config.maxChainUpdates());
                if (restarted[i] && bank.isStarted(drawn[i])) {
                    rejuvenated++;
                }
                chains[p][j] = drawn[i];
                firstSteps[p][j] = bank.steps(drawn[i]);
            } else {
                restarted[i] = true;
                chains[p][j] = round * batch + i;
                firstSteps[p][j] = 0;
            }
            if (!restarted[i]) {
                bank.read(slots[i], image, 0);
            } else if (config.start().fromData()) {
                readData(Draws.index(key(DATA_START, round), i, replay.size()));
            } else {
                uniform.fill(seed(NOISE_START), i, round, image, 0, size);
            }
            put(negatives, i);
        }
    }

    /**
     * Does one piece of work.
     *
     * @param nanos time it may take; a piece takes at least one step of one part
     * @return true when the gradient is complete
     */
    boolean advance(long nanos) {
        switch (phase) {
            case LANGEVIN -> langevin(nanos);
            case GRADIENT -> accumulate();
            case ENERGIES -> energies();
            default -> throw new IllegalStateException("no update is in progress");
        }
        return phase == Phase.IDLE;
    }

    private void langevin(long nanos) {
        int left = config.steps() - stepsDone;
        int steps = stepNanos == 0 ? 1 : (int) Math.max(1, Math.min(left, nanos / stepNanos));
        long begin = System.nanoTime();
        plan.langevin(
                negatives[part],
                config.langevin(),
                seed(CHAINS),
                chains[part],
                firstSteps[part],
                steps,
                displacement[part]);
        double measured = (double) (System.nanoTime() - begin) / steps;
        stepNanos = stepNanos == 0 ? measured : 0.5 * (stepNanos + measured);
        for (int j = 0; j < firstSteps[part].length; j++) {
            firstSteps[part][j] += steps;
        }
        imageSteps += (long) steps * chains[part].length;
        stepsDone += steps;
        if (stepsDone == config.steps()) {
            stepsDone = 0;
            next(negatives.length, Phase.GRADIENT);
        }
    }

    /** Positive parts first, then negative ones. */
    private void accumulate() {
        float scale = (float) (1 / (config.langevin().temperature() * config.batch()));
        int parts = positives.length;
        if (part < parts) {
            plan.parameterGradient(positives[part], scale, gradient, dataEnergies[part]);
        } else {
            int p = part - parts;
            plan.parameterGradient(negatives[p], -scale, gradient, chainEnergies[p]);
        }
        next(2 * parts, energyPlan == plan ? Phase.IDLE : Phase.ENERGIES);
    }

    /** Energies in float32: those of a bf16 plan are biased by the kind of image. */
    private void energies() {
        int parts = positives.length;
        if (part < parts) {
            energyPlan.energies(positives[part], dataEnergies[part]);
        } else {
            energyPlan.energies(negatives[part - parts], chainEnergies[part - parts]);
        }
        next(2 * parts, Phase.IDLE);
    }

    private void next(int count, Phase following) {
        part++;
        if (part == count) {
            part = 0;
            phase = following;
            filled = true;
        }
    }

    /** The gradient, complete when {@link #advance} said so. Overwritten by the next update. */
    INDArray gradient() {
        return gradient;
    }

    /** Mean U(x+)/T. */
    double dataEnergy() {
        return mean(dataEnergies) / config.langevin().temperature();
    }

    /** Mean U(x-)/T. */
    double chainEnergy() {
        return mean(chainEnergies) / config.langevin().temperature();
    }

    /** r, the mean displacement of the last step. */
    double gradientMagnitude() {
        return mean(displacement);
    }

    int rejuvenated() {
        return rejuvenated;
    }

    /** Image-steps computed since the beginning. */
    long imageSteps() {
        return imageSteps;
    }

    /** Share of chains with a pixel beyond the range, or NaN if a pixel is not finite. */
    double outOfRange() {
        int out = 0;
        for (int i = 0; i < config.batch(); i++) {
            get(negatives, i);
            if (!FloatArrays.within(image, size, Float.MAX_VALUE)) {
                return Double.NaN;
            }
            out += FloatArrays.within(image, size, RANGE) ? 0 : 1;
        }
        return (double) out / config.batch();
    }

    /** Writes the chains back to the bank, if there is one. */
    void commit() {
        if (config.start().persistent()) {
            for (int i = 0; i < config.batch(); i++) {
                get(negatives, i);
                bank.write(slots[i], image, 0, config.steps(), restarted[i]);
            }
        }
    }

    /** Copies of the chains of the last run, u8 planar; none before the first. */
    byte[][] lastChains(int count) {
        int found = filled ? Math.min(count, config.batch()) : 0;
        byte[][] copies = new byte[found][size];
        for (int i = 0; i < found; i++) {
            get(negatives, i);
            Pixels.toBytes(image, 0, copies[i], 0, size);
        }
        return copies;
    }

    private void readData(int slot) {
        Pixels.toFloat(replay.array(slot), replay.offset(slot), image, 0, size);
    }

    private void put(INDArray[] parts, int i) {
        long index = (long) (i % config.part()) * size;
        FloatArrays.write(image, 0, parts[i / config.part()], index, size);
    }

    private void get(INDArray[] parts, int i) {
        long index = (long) (i % config.part()) * size;
        FloatArrays.read(parts[i / config.part()], index, image, 0, size);
    }

    private long seed(long purpose) {
        return Threefry.derive(config.seed(), purpose);
    }

    private long key(long purpose, long round) {
        return Threefry.derive(seed(purpose), round);
    }

    private static double mean(float[][] parts) {
        double sum = 0;
        int count = 0;
        for (float[] values : parts) {
            for (float value : values) {
                sum += value;
            }
            count += values.length;
        }
        return sum / count;
    }

    @Override
    public void close() {
        plans.close();
        Arrays.stream(positives).forEach(UpdateRun::release);
        Arrays.stream(negatives).forEach(UpdateRun::release);
        release(gradient);
    }

    private static void release(INDArray array) {
        if (array.closeable()) {
            array.close();
        }
    }
}
