package io.ebmstream.ops.learner;

import io.ebmstream.ops.bank.PersistentBank;
import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.image.Pixels;
import io.ebmstream.ops.sampler.Threefry;
import io.ebmstream.ops.state.StateKind;
import io.ebmstream.ops.state.StateReader;
import io.ebmstream.ops.state.StateWriter;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Learns an energy from a stream of images by maximum likelihood (ALGORITHMS section 3):
 *
 * <pre>loss(theta) = ( mean U(x+ + s xi) - mean U(x-) ) / T</pre>
 *
 * <p>Images come in by {@link #offer}; when enough have come, an update is due and is worked off by
 * {@link #advance} in slices of time. Updates are driven by image counts: the course of learning is
 * a function of the images' order, the seed and the configuration, never of a clock or of how the
 * work was sliced.
 *
 * <p>State: {@link #coreState()} and the chunks of bank and replay buffer. Weights, moments and
 * bank change only when an update is complete, so state taken in the middle of an update is the
 * state before it: a restored learner repeats that update with the same bits.
 *
 * <p>If an energy, gradient or pixel is not finite, the update is dropped and counted; weights and
 * bank stay as they were.
 *
 * <p>Not thread-safe. Owns its plans and arrays: close it.
 */
public final class MaximumLikelihoodLearner implements AutoCloseable {
    /** Images of the anchor set, or fewer while fewer have been seen. */
    public static final int ANCHORS = 64;

    /** Purpose of the replay buffer's random numbers. */
    private static final long REPLAY = -7;

    private final LearnerConfig config;
    private final PersistentBank bank;
    private final ReplayBuffer replay;
    private final UpdateRun run;
    private final INDArray parameters;
    private final Optimizer optimizer;
    private final ExponentialMovingAverage average;
    private final float[] scratch;
    private final byte[] anchors;

    private long updates;
    private long dropped;
    private long seenAtUpdate;
    private long nanos;
    private UpdateInfo last;

    /**
     * A learner that has seen nothing.
     *
     * @param executor computes; must know the precision, and float32 for the energies
     * @param precision of chains and gradients
     * @param weights initial parameters, laid out by the network; copied
     */
    public MaximumLikelihoodLearner(
            LearnerConfig config, Executor executor, Precision precision, float[] weights) {
        int count = config.network().parameterCount();
        if (weights.length != count) {
            throw new IllegalArgumentException(
                    "expected "
                            + count
                            + " weights for "
                            + config.network()
                            + ", found "
                            + weights.length);
        }
        this.config = config;
        ImageShape shape = config.network().input();
        bank = config.start().persistent() ? new PersistentBank(config.bankSize(), shape) : null;
        replay =
                new ReplayBuffer(
                        config.replayCapacity(),
                        shape.size(),
                        Threefry.derive(config.seed(), REPLAY));
        run = new UpdateRun(config, executor, precision, bank, replay);
        parameters = Nd4j.zeros(DataType.FLOAT, 1, count);
        FloatArrays.write(weights, 0, parameters, 0, count);
        run.setParameters(parameters);
        optimizer = new Optimizer(config.optimizer(), count);
        average = new ExponentialMovingAverage(config.emaDecay(), parameters);
        scratch = new float[count];
        anchors = new byte[ANCHORS * shape.size()];
    }

    /**
     * A learner that goes on from saved state, with the same configuration, executor and precision.
     *
     * @param core what {@link #coreState()} gave
     * @param bankChunks every bank chunk ever written, in any order
     * @param replayChunks every replay chunk ever written, in any order
     * @throws IllegalArgumentException if state is damaged, missing or of another configuration
     */
    public static MaximumLikelihoodLearner restore(
            LearnerConfig config,
            Executor executor,
            Precision precision,
            byte[] core,
            Iterable<byte[]> bankChunks,
            Iterable<byte[]> replayChunks) {
        int count = config.network().parameterCount();
        StateReader reader = new StateReader(StateKind.LEARNER_CORE, core);
        long updates = reader.nextLong();
        long dropped = reader.nextLong();
        long seen = reader.nextLong();
        long seenAtUpdate = reader.nextLong();
        float[] weights = reader.nextFloats(count);
        float[] averaged = reader.nextFloats(count);
        float[] moments = reader.nextFloats(Optimizer.stateSize(config.optimizer(), count));
        byte[] anchors = reader.nextBytes(ANCHORS, config.network().input().size());
        reader.end();
        MaximumLikelihoodLearner learner =
                new MaximumLikelihoodLearner(config, executor, precision, weights);
        try {
            learner.updates = updates;
            learner.dropped = dropped;
            learner.seenAtUpdate = seenAtUpdate;
            learner.average.restore(averaged);
            System.arraycopy(anchors, 0, learner.anchors, 0, anchors.length);
            learner.optimizer.restore(moments);
            for (byte[] chunk : bankChunks) {
                learner.requireBank().restore(chunk);
            }
            for (byte[] chunk : replayChunks) {
                learner.replay.restore(chunk);
            }
            learner.replay.restoreSeen(seen);
            learner.beginIfDue();
            return learner;
        } catch (RuntimeException e) {
            learner.close();
            throw e;
        }
    }

    public LearnerConfig config() {
        return config;
    }

    /**
     * Takes in an image.
     *
     * @param pixels u8 planar [c, h, w]; copied
     * @return true when an update is now due: {@link #advance} until it is complete, before the
     *     next image
     * @throws IllegalStateException if an update is in progress; keep the image and offer it again
     * @throws IllegalArgumentException if the image has another size
     */
    public boolean offer(byte[] pixels) {
        if (updating()) {
            throw new IllegalStateException(
                    "an update is in progress; keep the image and offer it after the update");
        }
        replay.add(pixels);
        if (replay.seen() <= ANCHORS) {
            int at = (int) (replay.seen() - 1) * pixels.length;
            System.arraycopy(pixels, 0, anchors, at, pixels.length);
        }
        return beginIfDue();
    }

    private boolean beginIfDue() {
        long seen = replay.seen();
        boolean due =
                seen >= config.warmupImages()
                        && (seenAtUpdate == 0 || seen - seenAtUpdate >= config.imagesPerUpdate());
        if (due) {
            begin();
        }
        return due;
    }

    /**
     * Begins an update without a new image, for training on a fixed set of images that the replay
     * buffer holds whole.
     *
     * @throws IllegalStateException if an update is in progress, or too few images were taken in
     */
    public void beginUpdate() {
        if (updating()) {
            throw new IllegalStateException(
                    "an update is in progress; begin the next one when it is complete");
        }
        if (replay.seen() < config.warmupImages()) {
            throw new IllegalStateException(
                    "expected "
                            + config.warmupImages()
                            + " images before the first update, found "
                            + replay.seen());
        }
        begin();
    }

    private void begin() {
        run.begin(updates + dropped);
        nanos = 0;
    }

    /** Whether an update is in progress. */
    public boolean updating() {
        return run.running();
    }

    /**
     * Works on the update in progress for about the given time, at least one indivisible piece (a
     * Langevin step or a gradient of one part).
     *
     * @param budgetNanos wanted length of the slice
     * @return true when the update is complete; see {@link #lastUpdate()}
     * @throws IllegalStateException if no update is in progress
     */
    public boolean advance(long budgetNanos) {
        long begin = System.nanoTime();
        long left = budgetNanos;
        boolean complete;
        do {
            complete = run.advance(left);
            left = budgetNanos - (System.nanoTime() - begin);
        } while (!complete && left > 0);
        nanos += System.nanoTime() - begin;
        if (complete) {
            long finishing = System.nanoTime();
            finish();
            nanos += System.nanoTime() - finishing;
        }
        return complete;
    }

    private void finish() {
        double dataEnergy = run.dataEnergy();
        double chainEnergy = run.chainEnergy();
        double r = run.gradientMagnitude();
        double outOfRange = run.outOfRange();
        double rate = config.learningRate().at(updates);
        FloatArrays.read(run.gradient(), 0, scratch, 0, scratch.length);
        boolean finite =
                Double.isFinite(dataEnergy + chainEnergy + r + outOfRange)
                        && FloatArrays.within(scratch, scratch.length, Optimizer.LARGEST_GRADIENT);
        int rejuvenated = run.rejuvenated();
        if (finite) {
            optimizer.step(parameters, run.gradient(), rate, updates);
            updates++;
            average.update(parameters, updates);
            run.commit();
            run.setParameters(parameters);
        } else {
            dropped++;
        }
        seenAtUpdate = replay.seen();
        double eps = config.langevin().stepSize();
        last =
                new UpdateInfo(
                        updates,
                        replay.seen(),
                        finite,
                        dropped,
                        dataEnergy - chainEnergy,
                        r,
                        r / (eps * Math.sqrt(config.network().input().size())),
                        dataEnergy,
                        chainEnergy,
                        rate,
                        rejuvenated,
                        replay.size(),
                        outOfRange,
                        nanos / 1e6);
    }

    /** How the last update went, or null before the first and after a restore. */
    public UpdateInfo lastUpdate() {
        return last;
    }

    /** Completed updates. */
    public long updates() {
        return updates;
    }

    /** Updates dropped because something was not finite. */
    public long dropped() {
        return dropped;
    }

    /** Images taken in since the beginning. */
    public long imagesSeen() {
        return replay.seen();
    }

    /** Langevin steps times images computed by this instance. */
    public long imageSteps() {
        return run.imageSteps();
    }

    /** A copy of the weights. */
    public float[] parameters() {
        return FloatArrays.toHeap(parameters);
    }

    /** A copy of the weights' moving average: what is published. */
    public float[] averagedParameters() {
        return average.toHeap();
    }

    /**
     * Copies of chains for pictures, u8 planar [c, h, w]: of a bank the oldest ones, else those of
     * the last update.
     *
     * @param count most images; fewer come while there are fewer chains
     */
    public byte[][] copyChains(int count) {
        if (bank == null) {
            return run.lastChains(count);
        }
        int size = config.network().input().size();
        int[] slots = bank.oldest(count);
        byte[][] copies = new byte[slots.length][size];
        float[] image = new float[size];
        for (int i = 0; i < slots.length; i++) {
            bank.read(slots[i], image, 0);
            Pixels.toBytes(image, 0, copies[i], 0, size);
        }
        return copies;
    }

    /**
     * Energies under the averaged weights of the anchors, the first {@link #ANCHORS} images seen,
     * and of the last update's chains. Takes about the time of one Langevin step.
     *
     * @throws IllegalStateException if an update is in progress
     */
    public ModelEvaluation evaluateAverage() {
        if (updating()) {
            throw new IllegalStateException(
                    "an update is in progress; evaluate when it is complete");
        }
        run.setEnergyParameters(average.array());
        try {
            int count = (int) Math.min(ANCHORS, replay.seen());
            return new ModelEvaluation(
                    run.energies(anchors, count), last == null ? Double.NaN : run.chainEnergyNow());
        } finally {
            run.setEnergyParameters(parameters);
        }
    }

    /** State without bank and replay buffer; in the middle of an update: the state before it. */
    public byte[] coreState() {
        float[] weights = parameters();
        float[] averaged = averagedParameters();
        float[] moments = optimizer.state();
        return new StateWriter(
                        StateKind.LEARNER_CORE,
                        4 * (weights.length + averaged.length + moments.length)
                                + anchors.length
                                + 128)
                .putLong(updates)
                .putLong(dropped)
                .putLong(replay.seen())
                .putLong(seenAtUpdate)
                .putFloats(weights, weights.length)
                .putFloats(averaged, averaged.length)
                .putFloats(moments, moments.length)
                .putBytes(anchors, ANCHORS, config.network().input().size())
                .toBytes();
    }

    /** Indices of bank chunks that changed since {@link #clearDirty()}; none without a bank. */
    public int[] dirtyBankChunks() {
        return bank == null ? new int[0] : bank.dirtyChunks();
    }

    /** State of one bank chunk. */
    public byte[] bankChunk(int index) {
        return requireBank().chunk(index);
    }

    /** Indices of replay chunks that changed since {@link #clearDirty()}. */
    public int[] dirtyReplayChunks() {
        return replay.dirtyChunks();
    }

    /** State of one replay chunk. */
    public byte[] replayChunk(int index) {
        return replay.chunk(index);
    }

    /** Says that all changed chunks are written to safe state. */
    public void clearDirty() {
        replay.clearDirty();
        if (bank != null) {
            bank.clearDirty();
        }
    }

    private PersistentBank requireBank() {
        if (bank == null) {
            throw new IllegalArgumentException(
                    "expected no bank chunks for start "
                            + config.start().label()
                            + ", found some; the state was written under another configuration");
        }
        return bank;
    }

    /** Frees native memory. Closing twice is harmless. */
    @Override
    public void close() {
        run.close();
        optimizer.close();
        average.close();
        if (parameters.closeable()) {
            parameters.close();
        }
        if (bank != null) {
            bank.close();
        }
    }
}
