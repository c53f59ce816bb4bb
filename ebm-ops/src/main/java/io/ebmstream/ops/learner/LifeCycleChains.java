package io.ebmstream.ops.learner;

import io.ebmstream.ops.bank.Draws;
import io.ebmstream.ops.bank.PersistentBank;
import io.ebmstream.ops.energy.ImageShape;
import io.ebmstream.ops.sampler.UniformNoise;
import io.ebmstream.ops.state.NamedState;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The life cycle's chains (arXiv 2205.12243): they start from noise or data, fresh or out of a bank
 * in which they are rejuvenated, and take K steps. Not thread-safe.
 */
final class LifeCycleChains implements NegativeChains {
    /** Purposes of random numbers; each gets a seed of its own. */
    private static final long BANK = -3;

    private static final long CHAINS = -4;
    private static final long NOISE_START = -5;
    private static final long DATA_START = -6;

    private final LearnerConfig config;
    private final ReplayBuffer data;
    private final ChainDynamics dynamics;
    private final PersistentBank bank;
    private final ChainParts chains;
    private final UniformNoise uniform = new UniformNoise();
    private final float[] image;
    private final int[] slots;
    private final boolean[] restarted;

    private ChainRound round;
    private int rejuvenated;

    LifeCycleChains(ChainSetting setting) {
        config = setting.config();
        data = setting.data();
        ImageShape shape = config.network().input();
        dynamics =
                (images, seed, ids, firstSteps, steps, displacement) ->
                        setting.energy()
                                .langevin(
                                        images,
                                        config.langevin(),
                                        seed,
                                        ids,
                                        firstSteps,
                                        steps,
                                        displacement);
        bank = config.start().persistent() ? new PersistentBank(config.bankSize(), shape) : null;
        chains = new ChainParts(shape, config.batch(), config.part());
        image = new float[shape.size()];
        slots = new int[config.batch()];
        restarted = new boolean[config.batch()];
    }

    @Override
    public void begin(ChainRound next) {
        round = next;
        rejuvenated = 0;
        int batch = config.batch();
        int[] drawn = bank == null ? null : bank.draw(round.seed(BANK), round.number(), batch);
        for (int i = 0; i < batch; i++) {
            if (bank == null) {
                restarted[i] = true;
                chains.chain(i, round.number() * batch + i, 0);
            } else {
                slots[i] = drawn[i];
                restarted[i] = restarts(drawn[i]);
                chains.chain(i, drawn[i], bank.steps(drawn[i]));
            }
            if (!restarted[i]) {
                bank.read(slots[i], image, 0);
            } else if (config.start().fromData()) {
                data.read(Draws.index(round.key(DATA_START), i, data.size()), image, 0);
            } else {
                uniform.fill(round.seed(NOISE_START), i, round.number(), image, 0, image.length);
            }
            chains.put(i, image);
        }
        chains.begin();
    }

    private boolean restarts(int slot) {
        boolean restarts =
                bank.restarts(
                        round.seed(BANK),
                        round.number(),
                        slot,
                        round.rejuvenation(),
                        config.maxChainUpdates());
        if (restarts && bank.isStarted(slot)) {
            rejuvenated++;
        }
        return restarts;
    }

    @Override
    public boolean advance(long nanos) {
        return chains.advance(dynamics, round.seed(CHAINS), round.steps(), nanos);
    }

    @Override
    public INDArray[] images() {
        return chains.images();
    }

    @Override
    public double displacement() {
        return chains.meanDisplacement();
    }

    @Override
    public boolean finite() {
        return true;
    }

    @Override
    public int rejuvenated() {
        return rejuvenated;
    }

    @Override
    public long imageSteps() {
        return chains.imageSteps();
    }

    @Override
    public void commit(ChainRound done) {
        if (bank != null) {
            for (int i = 0; i < config.batch(); i++) {
                chains.get(i, image);
                bank.write(slots[i], image, 0, done.steps(), restarted[i]);
            }
        }
    }

    @Override
    public List<NamedState> state() {
        return bank == null ? List.of() : List.of(bank);
    }

    @Override
    public PersistentBank bank() {
        return bank;
    }

    @Override
    public void close() {
        chains.close();
        if (bank != null) {
            bank.close();
        }
    }
}
