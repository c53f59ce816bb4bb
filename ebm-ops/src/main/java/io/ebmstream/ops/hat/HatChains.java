package io.ebmstream.ops.hat;

import io.ebmstream.ops.bank.PersistentBank;
import io.ebmstream.ops.compute.FloatArrays;
import io.ebmstream.ops.compute.HatEnergy;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.learner.ChainDynamics;
import io.ebmstream.ops.learner.ChainParts;
import io.ebmstream.ops.learner.ChainRound;
import io.ebmstream.ops.learner.ChainSetting;
import io.ebmstream.ops.learner.LearnedGenerator;
import io.ebmstream.ops.learner.LearnerConfig;
import io.ebmstream.ops.learner.NegativeChains;
import io.ebmstream.ops.sampler.GaussianNoise;
import io.ebmstream.ops.state.NamedState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The chains of {@link HatRule}. Where latents stay and r has no term of its own, r's steps are
 * those of x = G(z) + r, and the energy's own Langevin run takes them from x = G(z). Not
 * thread-safe.
 */
final class HatChains implements NegativeChains {
    /** Purposes of random numbers, below those of the life cycle. */
    private static final long LATENTS = -31;

    private static final long CHAINS = -32;
    private static final long PAIRS = -33;

    private enum Phase {
        START,
        MOVE,
        IMAGES,
        GENERATOR,
        DONE
    }

    private final HatRule rule;
    private final LearnerConfig config;
    private final LearnedGenerator generator;

    /** Null where x moves by itself. */
    private final HatEnergy energy;

    private final HatLangevin langevin;
    private final ChainDynamics dynamics;

    /** Residuals, or images where x moves by itself. */
    private final ChainParts chains;

    private final INDArray[] latents;
    private final INDArray[] images;
    private final float[] latentNorms;
    private final float[] z;
    private final float[] image;
    private final GaussianNoise gaussian = new GaussianNoise();

    /** Pairs that the generator learns from, and a batch of them; null where it does not. */
    private final PersistentBank pairLatents;

    private final PersistentBank pairImages;
    private final INDArray learned;
    private final float[] targets;
    private int[] slots;

    private ChainRound round;
    private Phase phase = Phase.DONE;
    private int part;

    HatChains(HatRule rule, ChainSetting setting) {
        this.rule = rule;
        config = setting.config();
        ImageShape shape = config.network().input();
        ImageShape latent = config.generator().network().input();
        int batch = config.batch();
        int most = Math.min(config.part(), batch);
        generator =
                new LearnedGenerator(
                        config.generator(),
                        setting.executor(),
                        most,
                        batch,
                        setting.weights().generator());
        chains = new ChainParts(shape, batch, config.part());
        latents = arrays(latent);
        latentNorms = new float[most];
        z = new float[latent.size()];
        image = new float[shape.size()];
        if (rule.latentStepSize() == 0 && rule.tauRes() == 0) {
            energy = null;
            langevin = null;
            images = chains.images();
            dynamics =
                    (x, seed, ids, first, steps, norms) ->
                            setting.energy()
                                    .langevin(x, config.langevin(), seed, ids, first, steps, norms);
        } else {
            energy = HatEnergy.borrowing(setting.energy(), generator.plan());
            langevin = new HatLangevin(energy, rule.dynamics(config.langevin()));
            images = arrays(shape);
            dynamics =
                    (r, seed, ids, first, steps, norms) ->
                            langevin.run(
                                    latents[indexOf(r)],
                                    r,
                                    seed,
                                    ids,
                                    first,
                                    steps,
                                    latentNorms,
                                    norms);
        }
        boolean learns = config.generator().learns();
        pairLatents = learns ? new PersistentBank("pair-latents", config.bankSize(), latent) : null;
        pairImages = learns ? new PersistentBank("pair-images", config.bankSize(), shape) : null;
        learned = learns ? array(batch, latent) : null;
        targets = learns ? new float[batch * shape.size()] : null;
    }

    private INDArray[] arrays(ImageShape shape) {
        INDArray[] arrays = new INDArray[chains.images().length];
        for (int p = 0; p < arrays.length; p++) {
            arrays[p] = array((int) chains.images()[p].size(0), shape);
        }
        return arrays;
    }

    private static INDArray array(int n, ImageShape shape) {
        return Nd4j.zeros(DataType.FLOAT, n, shape.channels(), shape.height(), shape.width());
    }

    private int indexOf(INDArray r) {
        for (int p = 0; p < latents.length; p++) {
            if (chains.images()[p] == r) {
                return p;
            }
        }
        throw new IllegalStateException("expected a part of these chains, found another array");
    }

    private boolean joint() {
        return energy != null;
    }

    @Override
    public void begin(ChainRound next) {
        round = next;
        Arrays.fill(image, 0);
        for (int i = 0; i < config.batch(); i++) {
            gaussian.fill(round.seed(LATENTS), i, round.number(), z, 0, z.length);
            write(latents, i, z);
            chains.chain(i, round.number() * config.batch() + i, 0);
            chains.put(i, image);
        }
        if (pairImages != null) {
            slots = pairImages.draw(round.seed(PAIRS), round.number(), config.batch());
        }
        chains.begin();
        part = 0;
        phase = joint() ? Phase.MOVE : Phase.START;
    }

    @Override
    public boolean advance(long nanos) {
        switch (phase) {
            case START -> {
                generator.generate(latents[part], images[part]);
                next(Phase.MOVE);
            }
            case MOVE -> {
                if (chains.advance(dynamics, round.seed(CHAINS), round.steps(), nanos)) {
                    phase = joint() ? Phase.IMAGES : Phase.GENERATOR;
                }
            }
            case IMAGES -> {
                energy.images(latents[part], chains.images()[part], images[part]);
                next(Phase.GENERATOR);
            }
            case GENERATOR -> {
                learn();
                phase = Phase.DONE;
            }
            default -> throw new IllegalStateException("no round is in progress");
        }
        if (phase == Phase.GENERATOR && pairImages == null) {
            phase = Phase.DONE;
        }
        return phase == Phase.DONE;
    }

    private void next(Phase following) {
        part++;
        if (part == images.length) {
            part = 0;
            phase = following;
        }
    }

    /** From the pairs drawn; a slot that is still empty stands for the pair that it will get. */
    private void learn() {
        for (int i = 0; i < config.batch(); i++) {
            boolean filled = pairImages.isStarted(slots[i]);
            if (filled) {
                pairLatents.read(slots[i], z, 0);
                pairImages.read(slots[i], image, 0);
            } else {
                read(latents, i, z);
                read(images, i, image);
            }
            FloatArrays.write(z, 0, learned, (long) i * z.length, z.length);
            System.arraycopy(image, 0, targets, i * image.length, image.length);
        }
        generator.computeGradient(learned, targets, rule.lossFactor() / targets.length);
    }

    private void write(INDArray[] parts, int i, float[] values) {
        int most = config.part();
        FloatArrays.write(
                values, 0, parts[i / most], (long) (i % most) * values.length, values.length);
    }

    private void read(INDArray[] parts, int i, float[] values) {
        int most = config.part();
        FloatArrays.read(
                parts[i / most], (long) (i % most) * values.length, values, 0, values.length);
    }

    @Override
    public INDArray[] images() {
        return images;
    }

    @Override
    public double displacement() {
        return chains.meanDisplacement();
    }

    @Override
    public boolean finite() {
        return pairImages == null || generator.finite();
    }

    @Override
    public int rejuvenated() {
        return 0;
    }

    @Override
    public long imageSteps() {
        return chains.imageSteps();
    }

    @Override
    public void commit(ChainRound done) {
        if (pairImages != null) {
            for (int i = 0; i < config.batch(); i++) {
                read(latents, i, z);
                read(images, i, image);
                pairLatents.write(slots[i], z, 0, 0, true);
                pairImages.write(slots[i], image, 0, done.steps(), true);
            }
            generator.step(done);
        }
    }

    @Override
    public List<NamedState> state() {
        List<NamedState> parts = new ArrayList<>();
        if (pairImages != null) {
            parts.add(pairImages);
            parts.add(pairLatents);
        }
        parts.add(generator);
        return parts;
    }

    /** None: chains do not last; the bank of pairs is the generator's. */
    @Override
    public PersistentBank bank() {
        return null;
    }

    @Override
    public LearnedGenerator generator() {
        return generator;
    }

    @Override
    public void close() {
        chains.close();
        if (joint()) {
            langevin.close();
            energy.close();
            Arrays.stream(images).forEach(HatChains::release);
        }
        Arrays.stream(latents).forEach(HatChains::release);
        if (pairImages != null) {
            pairImages.close();
            pairLatents.close();
            release(learned);
        }
        generator.close();
    }

    private static void release(INDArray array) {
        if (array.closeable()) {
            array.close();
        }
    }
}
