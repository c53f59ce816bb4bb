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
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The work of one update up to its gradient, in pieces: data are drawn, the chains make x-, then
 * the parts' gradients are added in their order,
 *
 * <pre>grad = ( mean grad_theta U(x+ + s xi) - mean grad_theta U(x-) ) / T</pre>
 *
 * It reads the learner's state but does not change it; what it holds is working memory. How the
 * work is cut in pieces never shows in the result. Not thread-safe.
 */
final class UpdateRun implements AutoCloseable {
    /** Purposes of random numbers; each gets a seed of its own. */
    private static final long DATA = -1;

    private static final long DATA_NOISE = -2;

    private enum Phase {
        IDLE,
        CHAINS,
        GRADIENT,
        ENERGIES
    }

    private final LearnerConfig config;
    private final int size;
    private final ReplayBuffer replay;
    private final PlanCache plans;
    private final CompiledNetwork plan;
    private final CompiledNetwork energyPlan;
    private final PlanCache ones;
    private final NegativeChains chains;
    private final INDArray[] positives;
    private final INDArray[] negatives;
    private final INDArray gradient;

    private final GaussianNoise gaussian = new GaussianNoise();
    private final float[] image;
    private final float[] noise;
    private final float[][] dataEnergies;
    private final float[][] chainEnergies;

    private Phase phase = Phase.IDLE;
    private ChainRound round;
    private int part;
    private boolean filled;

    /** For the energy of one image; null before the first is asked for. */
    private CompiledNetwork onePlan;

    private INDArray one;
    private final float[] oneEnergy = new float[1];
    private INDArray parameters;
    private boolean oneStale;

    UpdateRun(
            LearnerConfig config,
            Executor executor,
            Precision precision,
            ReplayBuffer replay,
            LearnerWeights weights) {
        this.config = config;
        ones = new PlanCache(executor, 1);
        this.replay = replay;
        ImageShape shape = config.network().input();
        this.size = shape.size();
        int batch = config.batch();
        int parts = (batch + config.part() - 1) / config.part();
        positives = new INDArray[parts];
        dataEnergies = new float[parts][];
        chainEnergies = new float[parts][];
        for (int p = 0; p < parts; p++) {
            int n = Math.min(config.part(), batch - p * config.part());
            positives[p] = images(n, shape);
            dataEnergies[p] = new float[n];
            chainEnergies[p] = new float[n];
        }
        gradient = Nd4j.zeros(DataType.FLOAT, 1, config.network().parameterCount());
        image = new float[size];
        noise = new float[size];
        plans = new PlanCache(executor, 2);
        plan = plans.plan(config.network(), config.part(), precision);
        energyPlan = plans.plan(config.network(), config.part(), Precision.FLOAT32);
        try {
            chains =
                    config.chains()
                            .open(
                                    new ChainSetting(
                                            config, executor, precision, plan, replay, weights));
        } catch (RuntimeException e) {
            plans.close();
            throw e;
        }
        negatives = chains.images();
    }

    private static INDArray images(int n, ImageShape shape) {
        return Nd4j.zeros(DataType.FLOAT, n, shape.channels(), shape.height(), shape.width());
    }

    void setParameters(INDArray parameters) {
        this.parameters = parameters;
        oneStale = true;
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
        return energies(count, i -> Pixels.toFloat(pixels, i * size, image, 0, size));
    }

    /** U(x)/T of one image, u8 planar, under the weights of the last {@link #setParameters}. */
    double energy(byte[] pixels) {
        if (onePlan == null) {
            onePlan = ones.plan(config.network(), 1, Precision.FLOAT32);
            one = images(1, config.network().input());
        }
        if (oneStale) {
            onePlan.setParameters(parameters);
            oneStale = false;
        }
        Pixels.toFloat(pixels, 0, image, 0, size);
        FloatArrays.write(image, 0, one, 0, size);
        onePlan.energies(one, oneEnergy);
        return oneEnergy[0] / config.langevin().temperature();
    }

    /** U(x)/T of chains of a bank, in the same way. */
    double[] energies(PersistentBank bank, int[] slots) {
        return energies(slots.length, i -> bank.read(slots[i], image, 0));
    }

    private double[] energies(int count, IntConsumer read) {
        double[] energies = new double[count];
        int n = (int) positives[0].size(0);
        for (int first = 0; first < count; first += n) {
            int filled = Math.min(n, count - first);
            for (int j = 0; j < filled; j++) {
                read.accept(first + j);
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

    /** Draws data and chains. Pure function of the round and the learner's state. */
    void begin(ChainRound next) {
        round = next;
        drawData();
        chains.begin(round);
        gradient.assign(0);
        phase = Phase.CHAINS;
        part = 0;
    }

    /** Gives the update in progress up, if there is one. */
    void stop() {
        phase = Phase.IDLE;
        filled = false;
    }

    private void drawData() {
        int[] drawn = Draws.distinct(round.key(DATA), replay.size(), config.batch());
        for (int i = 0; i < drawn.length; i++) {
            replay.read(drawn[i], image, 0);
            if (round.dataNoise() > 0) {
                gaussian.fill(round.seed(DATA_NOISE), i, round.number(), noise, 0, size);
                float s = (float) round.dataNoise();
                for (int k = 0; k < size; k++) {
                    image[k] += s * noise[k];
                }
            }
            put(positives, i);
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
            case CHAINS -> {
                if (chains.advance(nanos)) {
                    phase = Phase.GRADIENT;
                    filled = true;
                }
            }
            case GRADIENT -> accumulate();
            case ENERGIES -> energies();
            default -> throw new IllegalStateException("no update is in progress");
        }
        return phase == Phase.IDLE;
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
        }
    }

    /** The gradient, complete when {@link #advance} said so. Overwritten by the next update. */
    INDArray gradient() {
        return gradient;
    }

    /** The chains that make x-. */
    NegativeChains chains() {
        return chains;
    }

    /** The round of the last {@link #begin}. */
    ChainRound round() {
        return round;
    }

    /** Mean U(x+)/T. */
    double dataEnergy() {
        return ChainParts.mean(dataEnergies) / config.langevin().temperature();
    }

    /** Mean U(x-)/T. */
    double chainEnergy() {
        return ChainParts.mean(chainEnergies) / config.langevin().temperature();
    }

    /** Share of chains out of {@link PixelRange}, or NaN if a pixel is not finite. */
    double outOfRange() {
        int out = 0;
        for (int i = 0; i < config.batch(); i++) {
            get(negatives, i);
            if (!FloatArrays.within(image, size, Float.MAX_VALUE)) {
                return Double.NaN;
            }
            out += PixelRange.out(image, size) ? 1 : 0;
        }
        return (double) out / config.batch();
    }

    /** Share of saturated chain pixels. */
    double saturatedChains() {
        return saturated(negatives);
    }

    /** Share of saturated pixels of the noised data. */
    double saturatedData() {
        return saturated(positives);
    }

    private double saturated(INDArray[] parts) {
        long count = 0;
        for (int i = 0; i < config.batch(); i++) {
            get(parts, i);
            count += PixelRange.saturated(image, size);
        }
        return (double) count / ((long) config.batch() * size);
    }

    /** Mean |U|/T of data and chains. */
    double energySize() {
        double sum = 0;
        for (float[][] energies : List.of(dataEnergies, chainEnergies)) {
            for (float[] part : energies) {
                for (float energy : part) {
                    sum += Math.abs(energy);
                }
            }
        }
        return sum / (2.0 * config.batch() * config.langevin().temperature());
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

    private void put(INDArray[] parts, int i) {
        long index = (long) (i % config.part()) * size;
        FloatArrays.write(image, 0, parts[i / config.part()], index, size);
    }

    private void get(INDArray[] parts, int i) {
        long index = (long) (i % config.part()) * size;
        FloatArrays.read(parts[i / config.part()], index, image, 0, size);
    }

    @Override
    public void close() {
        chains.close();
        plans.close();
        ones.close();
        if (one != null) {
            release(one);
        }
        Arrays.stream(positives).forEach(UpdateRun::release);
        release(gradient);
    }

    private static void release(INDArray array) {
        if (array.closeable()) {
            array.close();
        }
    }
}
