package io.ebmstream.ops.learner;

import io.ebmstream.ops.bank.Draws;
import io.ebmstream.ops.bank.PersistentBank;
import io.ebmstream.ops.compute.Executor;
import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.compute.Precision;
import io.ebmstream.ops.image.Pixels;
import io.ebmstream.ops.sampler.Threefry;
import io.ebmstream.ops.state.CompositeState;
import io.ebmstream.ops.state.NamedState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.IntStream;

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
 * <p>State is a set of named pieces ({@link NamedState}):
 *
 * <pre>
 * core          weights, moving average, optimizer's moments, counters, anchors
 * adjustments   {@link LearnerAdjustments}; there only once they were set
 * replay/i      images of the replay buffer
 * bank/i ..     whatever the chains keep ({@link NegativeChains#state}); in the life cycle:
 *               bank-latents/i of coop_persistent, burn-in/i and burn-in-latents/i of long-run
 *               learning, generator, prior
 * </pre>
 *
 * Pieces change only between updates, so state taken in the middle of an update is the state before
 * it: a restored learner repeats that update with the same bits. Single pieces are read here; state
 * is taken over as a whole, by {@link #restore} into a new learner, by {@link #restoreState} or
 * {@link #rollBack} in place.
 *
 * <p>If an energy, gradient or pixel is not finite, the update is dropped and counted; weights and
 * bank stay as they were.
 *
 * <p>Not thread-safe. Owns its plans and arrays: close it.
 */
public final class MaximumLikelihoodLearner implements AutoCloseable {
    /** Images of the anchor set, or fewer while fewer have been seen. */
    public static final int ANCHORS = 64;

    /** Chains of the bank whose energies a version is published with, or fewer while it fills. */
    public static final int BANK_ENERGIES = 64;

    /** Images of the replay buffer whose energies say where those of known images lie. */
    public static final int RANGE_IMAGES = 64;

    /** The piece of state that every learner has. */
    public static final String CORE = LearnerCore.PIECE;

    /** Purpose of the replay buffer's random numbers. */
    private static final long REPLAY = -7;

    /** Purpose of the choice of chains whose energies are published. */
    private static final long BANK_SAMPLE = -23;

    /** Purpose of the choice of images whose energies say where those of known images lie. */
    private static final long RANGE_SAMPLE = -29;

    private final LearnerConfig config;
    private final ReplayBuffer replay;
    private final UpdateRun run;
    private final LearnerCore core;
    private final AdjustmentState adjustments = new AdjustmentState();
    private final CompositeState state;
    private final float[] scratch;

    private long nanos;
    private UpdateInfo last;

    /**
     * A learner of an energy alone that has seen nothing.
     *
     * @param executor computes; must know the precision, and float32 for the energies
     * @param precision of chains and gradients
     * @param weights initial parameters, laid out by the network; copied
     */
    public MaximumLikelihoodLearner(
            LearnerConfig config, Executor executor, Precision precision, float[] weights) {
        this(config, executor, precision, LearnerWeights.of(weights));
    }

    /**
     * A learner that has seen nothing.
     *
     * @param executor computes; must know the precision, and float32 for the energies
     * @param precision of chains and gradients
     * @param weights initial weights of all networks of the configuration; copied
     * @throws IllegalArgumentException if they do not fit the networks
     */
    public MaximumLikelihoodLearner(
            LearnerConfig config, Executor executor, Precision precision, LearnerWeights weights) {
        this.config = config;
        int imageBytes = config.network().input().size();
        float[] energy = LearnerWeights.checked("energy", weights.energy(), config.network());
        replay =
                new ReplayBuffer(
                        config.replayCapacity(),
                        imageBytes,
                        Threefry.derive(config.seed(), REPLAY));
        run = new UpdateRun(config, executor, precision, replay, weights);
        core = new LearnerCore(config, energy, replay);
        run.setParameters(core.parameters());
        scratch = new float[energy.length];
        List<NamedState> parts = new ArrayList<>(List.of(core, adjustments, replay));
        parts.addAll(run.chains().state());
        state = new CompositeState(parts);
    }

    /**
     * A learner that goes on from saved state, with the same configuration, executor and precision.
     *
     * @param pieces every piece ever written, in its last version, by name
     * @throws IllegalArgumentException if state is damaged, missing or of another configuration
     */
    public static MaximumLikelihoodLearner restore(
            LearnerConfig config,
            Executor executor,
            Precision precision,
            Map<String, byte[]> pieces) {
        MaximumLikelihoodLearner learner =
                new MaximumLikelihoodLearner(
                        config, executor, precision, LearnerWeights.zeros(config));
        try {
            learner.restoreState(pieces);
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
        collect(pixels);
        return beginIfDue();
    }

    /**
     * Gives up the update in progress, if there is one: weights and chains are those before it. It
     * begins again with {@link #beginDue} or the next {@link #offer}, and with the same bits where
     * no image has come since.
     */
    public void giveUpUpdate() {
        run.stop();
    }

    /**
     * Takes in an image without beginning an update, however many have come: what a learner does
     * that waits for {@link #adopt}.
     *
     * @param pixels u8 planar [c, h, w]; copied
     */
    public void collect(byte[] pixels) {
        replay.add(pixels);
        core.offered(pixels);
    }

    /**
     * Begins an update if enough images have come since the last one, as {@link #offer} does: for
     * one that {@link #collect} or {@link #giveUpUpdate} left out.
     *
     * @return true when one is now due
     * @throws IllegalStateException if an update is in progress
     */
    public boolean beginDue() {
        requireNoUpdate("begin another");
        return beginIfDue();
    }

    private boolean beginIfDue() {
        long seen = replay.seen();
        boolean due =
                seen >= config.warmupImages()
                        && (core.seenAtUpdate() == 0
                                || seen - core.seenAtUpdate() >= config.imagesPerUpdate());
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
        run.begin(
                ChainRound.of(
                        config,
                        adjustments.value(),
                        core.updates() + core.dropped(),
                        core.updates()));
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
        double r = run.chains().displacement();
        double outOfRange = run.outOfRange();
        double rate = config.learningRate().at(core.updates()) * run.round().rateFactor();
        FloatArrays.read(run.gradient(), 0, scratch, 0, scratch.length);
        String fault = fault(dataEnergy, chainEnergy, r, outOfRange);
        boolean finite = fault == null;
        if (finite) {
            core.apply(run.gradient(), rate);
            run.chains().commit(run.round());
            run.setParameters(core.parameters());
        } else {
            core.drop();
        }
        double eps = config.langevin().stepSize();
        LearnedGenerator generator = run.chains().generator();
        last =
                new UpdateInfo(
                        core.updates(),
                        replay.seen(),
                        finite,
                        core.dropped(),
                        dataEnergy - chainEnergy,
                        r,
                        r / (eps * Math.sqrt(config.network().input().size())),
                        dataEnergy,
                        chainEnergy,
                        rate,
                        run.round().steps(),
                        run.round().dataNoise(),
                        generator == null ? 0 : generator.loss(),
                        run.chains().rejuvenated(),
                        replay.size(),
                        outOfRange,
                        run.saturatedChains(),
                        run.saturatedData(),
                        run.energySize(),
                        fault,
                        nanos / 1e6);
    }

    /** What is not finite, causes before what follows from them; null if all is. */
    private String fault(double dataEnergy, double chainEnergy, double r, double outOfRange) {
        if (!Double.isFinite(dataEnergy)) {
            return "energy of data";
        } else if (!Double.isFinite(outOfRange)) {
            return "pixel of a chain";
        } else if (!Double.isFinite(r)) {
            return "displacement of a chain";
        } else if (!Double.isFinite(chainEnergy)) {
            return "energy of a chain";
        } else if (!run.chains().finite()) {
            return "what the chains learn";
        } else if (!FloatArrays.within(scratch, scratch.length, Optimizer.LARGEST_GRADIENT)) {
            return "gradient of the weights";
        }
        return null;
    }

    /** How the last update went, or null before the first and after a restore. */
    public UpdateInfo lastUpdate() {
        return last;
    }

    /** Completed updates. */
    public long updates() {
        return core.updates();
    }

    /** Updates dropped because something was not finite. */
    public long dropped() {
        return core.dropped();
    }

    /** Images taken in since the beginning. */
    public long imagesSeen() {
        return replay.seen();
    }

    /** Langevin steps times images computed by this instance. */
    public long imageSteps() {
        return run.chains().imageSteps();
    }

    /** A copy of the weights. */
    public float[] parameters() {
        return FloatArrays.toHeap(core.parameters());
    }

    /** A copy of what is learned: what learners of one model average. */
    public LearnedState learned() {
        return core.learned();
    }

    /**
     * Goes on from what several learners have learned. Chains, images, counts of images and
     * adjustments stay. An update that is in progress is given up; the next one is due with the
     * next image for which enough have come.
     *
     * @throws IllegalArgumentException if it is another network's or optimizer's
     */
    public void adopt(LearnedState learned) {
        run.stop();
        core.adopt(learned);
        run.setParameters(core.parameters());
    }

    /** A copy of the weights' moving average: what is published. */
    public float[] averagedParameters() {
        return FloatArrays.toHeap(core.average());
    }

    /**
     * Copies of chains for pictures, u8 planar [c, h, w]: of a bank the oldest ones, else those of
     * the last update.
     *
     * @param count most images; fewer come while there are fewer chains
     */
    public byte[][] copyChains(int count) {
        PersistentBank bank = run.chains().bank();
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
     * of the last update's chains, and of {@link #BANK_ENERGIES} chains of the bank. Takes about
     * the time of one Langevin step.
     *
     * @throws IllegalStateException if an update is in progress
     */
    public ModelEvaluation evaluateAverage() {
        checkBetweenUpdates();
        run.setEnergyParameters(core.average());
        try {
            int count = (int) Math.min(ANCHORS, replay.seen());
            return new ModelEvaluation(
                    run.energies(core.anchors(), count),
                    last == null ? Double.NaN : run.chainEnergyNow(),
                    bankEnergies(),
                    knownEnergies());
        } finally {
            run.setEnergyParameters(core.parameters());
        }
    }

    /**
     * U(x)/T of up to {@link #RANGE_IMAGES} images of the replay buffer under the present weights,
     * ascending; another choice after every update. Takes less than the time of one Langevin step.
     *
     * @throws IllegalStateException if an update is in progress
     */
    public double[] imageEnergies() {
        checkBetweenUpdates();
        return knownEnergies();
    }

    /**
     * U(x)/T of an image under the present weights, not the averaged ones.
     *
     * @param pixels u8 planar [c, h, w]
     * @throws IllegalStateException if an update is in progress
     */
    public double energy(byte[] pixels) {
        checkBetweenUpdates();
        return run.energy(pixels);
    }

    private double[] knownEnergies() {
        long key = Threefry.derive(Threefry.derive(config.seed(), RANGE_SAMPLE), updates());
        byte[][] images = sampleImages(key, RANGE_IMAGES);
        int size = config.network().input().size();
        byte[] together = new byte[images.length * size];
        for (int i = 0; i < images.length; i++) {
            System.arraycopy(images[i], 0, together, i * size, size);
        }
        double[] energies = run.energies(together, images.length);
        Arrays.sort(energies);
        return energies;
    }

    private void checkBetweenUpdates() {
        if (updating()) {
            throw new IllegalStateException(
                    "an update is in progress; evaluate when it is complete");
        }
    }

    /** Another choice of chains after every update. */
    private double[] bankEnergies() {
        long key = Threefry.derive(Threefry.derive(config.seed(), BANK_SAMPLE), updates());
        double[] energies = run.energies(bank(), drawnChains(key, BANK_ENERGIES));
        Arrays.sort(energies);
        return energies;
    }

    /** Slots of different chains of the bank; none where chains do not last. */
    private int[] drawnChains(long key, int count) {
        PersistentBank bank = bank();
        if (bank == null) {
            return new int[0];
        }
        int[] started = IntStream.range(0, bank.capacity()).filter(bank::isStarted).toArray();
        return Arrays.stream(Draws.distinct(key, started.length, Math.min(count, started.length)))
                .map(i -> started[i])
                .toArray();
    }

    /**
     * Copies of different images of the replay buffer, u8 planar [c, h, w].
     *
     * @param key random choice of them; see {@link Draws}
     * @param count most images; fewer come while there are fewer
     */
    public byte[][] sampleImages(long key, int count) {
        return Arrays.stream(Draws.distinct(key, replay.size(), Math.min(count, replay.size())))
                .mapToObj(replay::image)
                .toArray(byte[][]::new);
    }

    /**
     * Copies of different chains of the bank, u8 planar [c, h, w]; none where chains do not last.
     *
     * @param key random choice of them; see {@link Draws}
     * @param count most chains; fewer come while there are fewer
     */
    public byte[][] sampleChains(long key, int count) {
        int[] slots = drawnChains(key, count);
        int size = config.network().input().size();
        byte[][] copies = new byte[slots.length][size];
        float[] image = new float[size];
        for (int i = 0; i < slots.length; i++) {
            bank().read(slots[i], image, 0);
            Pixels.toBytes(image, 0, copies[i], 0, size);
        }
        return copies;
    }

    /** Copies of the first anchors, u8 planar [c, h, w]; fewer while fewer have been seen. */
    public byte[][] copyAnchors(int most) {
        int size = config.network().input().size();
        byte[][] copies = new byte[(int) Math.min(Math.min(most, ANCHORS), replay.seen())][];
        for (int i = 0; i < copies.length; i++) {
            copies[i] = Arrays.copyOfRange(core.anchors(), i * size, (i + 1) * size);
        }
        return copies;
    }

    /**
     * Share of chains of the bank that are out of range ({@link PixelRange}); NaN where there are
     * none.
     *
     * @param most chains that are looked at, evenly over those that have begun
     */
    public double chainsOutOfRange(int most) {
        PersistentBank bank = bank();
        int[] started =
                bank == null
                        ? new int[0]
                        : IntStream.range(0, bank.capacity()).filter(bank::isStarted).toArray();
        int count = Math.min(most, started.length);
        float[] image = new float[config.network().input().size()];
        double out = 0;
        for (int i = 0; i < count; i++) {
            bank.read(started[(int) ((long) i * started.length / count)], image, 0);
            out += PixelRange.out(image, image.length) ? 1 : 0;
        }
        return count == 0 ? Double.NaN : out / count;
    }

    /** The bank of images from which updates draw, or null if chains do not last. Only read it. */
    public PersistentBank bank() {
        return run.chains().bank();
    }

    /** The generator beside the energy, or null. Only read it. */
    public LearnedGenerator generator() {
        return run.chains().generator();
    }

    /**
     * A copy of the weights of every network, of the energy the averaged ones: what makes the model
     * that others use, and what a learner can begin with.
     */
    public LearnerWeights weights() {
        LearnedGenerator generator = generator();
        return new LearnerWeights(
                averagedParameters(),
                generator == null ? null : generator.weights(),
                run.chains().priorWeights());
    }

    /**
     * Gives up the chains of the bank that a test picks: they restart when they are next drawn, as
     * rejuvenated chains do. Part of the state like any change of the bank.
     *
     * @param test says of a chain's pixels, [c, h, w] in about [-1, 1], whether it goes; the array
     *     is valid during the call only
     * @return number of chains that went; 0 where chains do not last
     * @throws IllegalStateException if an update is in progress
     */
    public int rejuvenate(Predicate<float[]> test) {
        requireNoUpdate("rejuvenate");
        PersistentBank bank = run.chains().bank();
        int count = 0;
        float[] image = new float[config.network().input().size()];
        for (int slot = 0; bank != null && slot < bank.capacity(); slot++) {
            if (bank.isStarted(slot)) {
                bank.read(slot, image, 0);
                if (test.test(image)) {
                    bank.empty(slot);
                    count++;
                }
            }
        }
        return count;
    }

    /** What is changed in the configuration now. */
    public LearnerAdjustments adjustments() {
        return adjustments.value();
    }

    /**
     * Changes the configuration from the next update on, until it is changed again or other state
     * is restored.
     *
     * @throws IllegalStateException if an update is in progress
     */
    public void adjust(LearnerAdjustments value) {
        requireNoUpdate("adjust");
        adjustments.set(value);
    }

    /**
     * The state by named pieces, to be read: what changed since it was last written is told by
     * {@link io.ebmstream.ops.state.StateChanges}. To take state over use {@link #restoreState} or
     * {@link #rollBack}, which put the working memory right as well.
     */
    public NamedState state() {
        return state;
    }

    /** A copy of the whole state, piece by name. */
    public Map<String, byte[]> copyState() {
        return state.copy();
    }

    /**
     * Becomes what the learner was when its state was copied, in place. An update in progress is
     * given up; one that was in progress or due then begins anew.
     *
     * @param pieces every piece, by name
     * @throws IllegalArgumentException if state is damaged, missing or of another configuration;
     *     the learner is then of no use: close it
     */
    public void restoreState(Map<String, byte[]> pieces) {
        run.stop();
        state.restoreAll(pieces, piece -> false);
        core.takeOverSeen();
        resume();
        beginIfDue();
    }

    /**
     * Takes back what was learned since a copy, in place: weights, moments, average, bank, counters
     * of updates, generator and adjustments are as they were then. The images seen stay: replay
     * buffer, its count and the anchors are those of now, and the next update is due when as many
     * images have come as were still missing. Random choices repeat those after the copy, unless
     * another {@link LearnerAdjustments#salt} is set.
     *
     * @param pieces a copy of the state; pieces of the replay buffer need not be there
     * @throws IllegalStateException if an update is in progress
     * @throws IllegalArgumentException as for {@link #restoreState}
     */
    public void rollBack(Map<String, byte[]> pieces) {
        requireNoUpdate("roll back");
        core.keepingImages(() -> state.restoreAll(pieces, replay::knows));
        resume();
    }

    /**
     * Goes on from other weights, as they are published ({@link #weights}): weights and their
     * average become these, and all chains of the bank restart when they are next drawn.
     * Optimizer's moments, counters and images stay, so no random choice is repeated.
     *
     * @param weights of the energy, and of the generator if it learns; the rest is not looked at
     * @throws IllegalStateException if an update is in progress
     * @throws IllegalArgumentException if weights do not fit the networks
     */
    public void startFrom(LearnerWeights weights) {
        requireNoUpdate("start from other weights");
        core.start(LearnerWeights.checked("energy", weights.energy(), config.network()));
        if (config.generator() != null && config.generator().learns()) {
            generator().start(weights.generator());
        }
        rejuvenate(image -> true);
        resume();
    }

    private void resume() {
        last = null;
        run.stop();
        run.setParameters(core.parameters());
    }

    private void requireNoUpdate(String what) {
        if (updating()) {
            throw new IllegalStateException(
                    "an update is in progress; " + what + " when it is complete");
        }
    }

    /** Frees native memory. Closing twice is harmless. */
    @Override
    public void close() {
        run.close();
        core.close();
    }
}
